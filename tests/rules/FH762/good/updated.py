# engine: code
from flask import Flask, g, request

app = Flask(__name__)
POSTS = []


@app.post("/posts")
def post():
    data = dict(request.get_json())
    data.update({"username": g.person})
    shown = {"title": "none"}
    shown.update(request.get_json())
    POSTS.append((data, shown))
    return "", 201
