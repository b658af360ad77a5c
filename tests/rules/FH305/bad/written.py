# engine: code
from flask import Flask


class Production:
    SESSION_COOKIE_SECURE = False  # finds: FH305


app = Flask(__name__)
app.config.from_object(Production)
