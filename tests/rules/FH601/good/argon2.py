from flask import Flask

app = Flask(__name__)
app.config.update(SECURITY_PASSWORD_HASH="argon2", BCRYPT_LOG_ROUNDS=13)
