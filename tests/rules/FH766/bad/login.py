# engine: code
from flask import Flask, redirect, request, session
from flask_session import Session
from people import PEOPLE

app = Flask(__name__)
app.config["SESSION_TYPE"] = "filesystem"
Session(app)


@app.post("/login")
def login():  # finds: FH766
    person = PEOPLE.get(request.form["name"])
    if person is None or not person.check(request.form["password"]):
        return "wrong", 401
    session["person"] = person.id
    return redirect("/")
