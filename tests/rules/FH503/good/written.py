# engine: code
from flask import Flask
from flask_wtf import CSRFProtect


class TestConfig:
    WTF_CSRF_ENABLED = False


app = Flask(__name__)
app.config["WTF_CSRF_TIME_LIMIT"] = 3600
CSRFProtect(app)
