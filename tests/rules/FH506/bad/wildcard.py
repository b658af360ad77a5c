import secrets

from flask import Flask, session

app = Flask(__name__)
app.secret_key = secrets.token_hex(32)


@app.after_request
def cors(response):
    response.headers["Access-Control-Allow-Origin"] = "*"  # finds: FH506
    return response


@app.post("/signin")
def signin():
    session["name"] = "ann"
    return "welcome"


@app.get("/")
def index():
    return "hello"
