# engine: code
"""Debug mode is asked for from outside, or by a configuration of its own."""

import os

from flask import Flask


class Config:
    DEBUG = False


class DevelopmentConfig(Config):
    DEBUG = True


app = Flask(__name__)
app.config.from_object(DevelopmentConfig if os.environ.get("SHOP_DEVELOPS") else Config)

if __name__ == "__main__":
    app.run(debug=bool(os.environ.get("SHOP_DEBUG")))


def serve(settings):
    if settings.debug:
        app.run(debug=True)
    elif os.environ.get("SHOP_ENV") == "development":
        app.debug = True
    else:
        app.run()
