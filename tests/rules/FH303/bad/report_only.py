# finds: FH303
from flask import Flask

app = Flask(__name__)


@app.after_request
def policy(response):
    response.headers["Content-Security-Policy-Report-Only"] = "default-src 'self'"
    return response


@app.get("/")
def index():
    return "<p>notes"
