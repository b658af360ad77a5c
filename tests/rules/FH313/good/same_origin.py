from flask import Flask

app = Flask(__name__)


@app.after_request
def headers(response):
    response.headers["Referrer-Policy"] = "no-referrer, same-origin"
    return response


@app.get("/")
def index():
    return "<p>notes"
