# engine: code
from flask import Flask


class Production:
    SESSION_COOKIE_SAMESITE = "None"  # finds: FH307


app = Flask(__name__)
app.config.from_object(Production)
