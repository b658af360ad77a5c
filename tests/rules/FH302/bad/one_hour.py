# finds: FH302
from flask import Flask

app = Flask(__name__)


@app.after_request
def headers(response):
    response.headers["Strict-Transport-Security"] = "max-age=3600"
    return response


@app.get("/")
def index():
    return "notes"
