from flask import Flask, redirect, request

app = Flask(__name__)


@app.before_request
def to_https():
    if request.scheme == "http":
        return redirect(request.url.replace("http://", "https://", 1), 301)


@app.get("/")
def index():
    return "notes"
