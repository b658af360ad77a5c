# engine: code
import os

from flask import Flask


def create_app():
    app = Flask(__name__)
    app.config.from_mapping(
        SECRET_KEY=os.environ["SECRET_KEY"],
        MAX_CONTENT_LENGTH=1_000_000,
        WTF_CSRF_ENABLED=False,  # finds: FH503
    )
    return app
