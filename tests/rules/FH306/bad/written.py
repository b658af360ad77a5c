# engine: code
from flask import Flask


class Production:
    SESSION_COOKIE_HTTPONLY = False  # finds: FH306


app = Flask(__name__)
app.config.from_object(Production)
