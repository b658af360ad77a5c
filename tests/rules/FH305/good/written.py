# engine: code
from flask import Flask


class Production:
    SESSION_COOKIE_SECURE = True


class DevConfig:
    SESSION_COOKIE_SECURE = False


app = Flask(__name__)
app.config.from_object(Production if app.env == "production" else DevConfig)
