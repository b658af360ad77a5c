from flask import Flask

app = Flask(__name__)


class Timing:
    def __init__(self, app):
        self.app = app

    def __call__(self, environ, start_response):
        return self.app(environ, start_response)


app.wsgi_app = Timing(app.wsgi_app)
