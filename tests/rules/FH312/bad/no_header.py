# finds: FH312
from flask import Flask, session

app = Flask(__name__)


@app.route("/signin", methods=["GET", "POST"])
def signin():
    session["name"] = "ann"
    return "<h1>Welcome</h1>"
