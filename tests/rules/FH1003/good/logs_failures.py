import logging

from flask import Flask, redirect, request, session

app = Flask(__name__)
log = logging.getLogger(__name__)


@app.route("/login", methods=["GET", "POST"])
def login():
    if request.form.get("password") != "...":
        log.warning("failed login from %s", request.remote_addr)
        return "no", 401
    session["name"] = request.form["name"]
    return redirect("/")
