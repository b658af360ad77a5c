# finds: FH507
from flask import Flask, session

app = Flask(__name__)


@app.route("/login", methods=["GET", "POST"])
def login():
    session["name"] = "ann"
    return "<h1>Welcome</h1>"
