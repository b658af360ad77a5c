# engine: code
from flask import Flask, request, session

app = Flask(__name__)


@app.post("/enter")
def enter():
    session["user"] = request.form["user"]  # finds: FH740
    return {}


@app.post("/set")
def put():
    session[request.form["key"]] = True  # finds: FH740
    return {}
