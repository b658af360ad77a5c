# finds: FH313
from flask import Flask

app = Flask(__name__)


@app.after_request
def headers(response):
    response.headers["Referrer-Policy"] = "unsafe-url"
    return response


@app.get("/")
def index():
    return "<p>notes"
