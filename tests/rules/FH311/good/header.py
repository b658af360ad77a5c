from flask import Flask

app = Flask(__name__)


@app.after_request
def headers(response):
    response.headers.setdefault("X-Content-Type-Options", "nosniff")
    return response


@app.get("/")
def index():
    return {"notes": []}
