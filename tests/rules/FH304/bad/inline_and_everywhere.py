# finds: FH304, FH304
from flask import Flask

app = Flask(__name__)


@app.after_request
def policy(response):
    response.headers["Content-Security-Policy"] = "default-src *; script-src * 'unsafe-inline'"
    return response


@app.get("/")
def index():
    return "<p>notes"
