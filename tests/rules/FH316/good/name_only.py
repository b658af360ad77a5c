from flask import Flask

app = Flask(__name__)


@app.after_request
def powered_by(response):
    response.headers["Server"] = "notes"
    return response


@app.get("/")
def index():
    return "hello"
