from flask import Flask, abort, redirect, request, session

app = Flask(__name__)
app.failed_attempts = {}


@app.route("/login", methods=["GET", "POST"])
def login():
    if app.failed_attempts.get(request.remote_addr, 0) > 5:
        abort(429)
    session["name"] = request.form["name"]
    return redirect("/")
