import secrets

from flask import Flask

app = Flask(__name__)
app.config.update(SECRET_KEY=secrets.token_bytes(32), SECRET_KEY_FALLBACKS=[secrets.token_hex(32)])
