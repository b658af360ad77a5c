# engine: code
from flask import Flask


class Production:
    SESSION_COOKIE_SAMESITE = "Lax"


class DevConfig:
    SESSION_COOKIE_SAMESITE = "None"


app = Flask(__name__)
app.config.from_object(Production if app.env == "production" else DevConfig)
