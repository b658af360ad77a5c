import secrets

from flask import Flask

app = Flask(__name__)
app.config.update(SECRET_KEY=secrets.token_hex(32), JWT_SECRET_KEY=secrets.token_hex(32))
