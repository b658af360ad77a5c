from flask import Flask

app = Flask(__name__)


@app.after_request
def headers(response):
    response.headers["Strict-Transport-Security"] = 'includeSubDomains; max-age="31536000"'
    return response


@app.get("/")
def index():
    return "notes"
