from flask import Flask, redirect, request, session
from werkzeug.security import check_password_hash

app = Flask(__name__)
PEOPLE = {"ann": "scrypt:..."}


@app.route("/auth/login", methods=["GET", "POST"])
def login():  # finds: FH602
    if request.method == "POST" and check_password_hash(PEOPLE[request.form["name"]], request.form["password"]):
        session["name"] = request.form["name"]
        return redirect("/")
    return "sign in"
