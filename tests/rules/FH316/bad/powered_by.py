# finds: FH316
from flask import Flask

app = Flask(__name__)


@app.after_request
def powered_by(response):
    response.headers["Server"] = "Werkzeug/3.1.3 Python/3.12.1"
    return response


@app.get("/")
def index():
    return "hello"
