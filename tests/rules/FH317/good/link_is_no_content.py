from flask import Flask

app = Flask(__name__)


@app.get("/")
def index():
    return '<link rel=stylesheet href="/static/a.css"><a href="http://old.example/">an old page</a>'
