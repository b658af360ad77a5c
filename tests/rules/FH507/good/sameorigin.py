from flask import Flask, session

app = Flask(__name__)


@app.after_request
def headers(response):
    response.headers["X-Frame-Options"] = "SAMEORIGIN"
    return response


@app.route("/login", methods=["GET", "POST"])
def login():
    session["name"] = "ann"
    return "<h1>Welcome</h1>"
