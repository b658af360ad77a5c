from flask import Flask

app = Flask(__name__)
app.config.update(
    SECURITY_PASSWORD_HASH="plaintext",  # finds: FH601
    BCRYPT_LOG_ROUNDS=4,  # finds: FH601
)
