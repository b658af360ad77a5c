import secrets

from flask import Flask

app = Flask(__name__)
key = secrets.token_hex(32)
app.config.update(
    SECRET_KEY=key,
    JWT_SECRET_KEY=key,  # finds: FH209
)
