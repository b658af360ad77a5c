# engine: code
from flask import Flask


class Config:
    WTF_CSRF_ENABLED = True


class TestConfig(Config):
    WTF_CSRF_ENABLED = False


def create_app(config=Config, testing=False):
    app = Flask(__name__)
    app.config.from_object(config)
    if testing:
        app.config["WTF_CSRF_ENABLED"] = False
    return app
