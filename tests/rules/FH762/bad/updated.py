# engine: code
from flask import Flask, g, request

app = Flask(__name__)
POSTS = []


@app.post("/posts")
def post():
    data = {"username": g.person}
    data.update(request.get_json())  # finds: FH762
    POSTS.append(data)
    return "", 201
