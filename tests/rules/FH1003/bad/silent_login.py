from flask import Flask, redirect, request, session

app = Flask(__name__)


@app.route("/login", methods=["GET", "POST"])
def login():  # finds: FH1003
    if request.method == "POST":
        session["name"] = request.form["name"]
        return redirect("/")
    return "sign in"
