# finds: FH501
import functools
import secrets

from flask import Flask, g, redirect, request, session

app = Flask(__name__)
app.secret_key = secrets.token_hex(32)


@app.before_request
def load():
    g.person = session.get("person")


def login_required(view):
    @functools.wraps(view)
    def wrapped(**arguments):
        if g.person is None:
            return redirect("/login")
        return view(**arguments)

    return wrapped


@app.post("/login")
def login():
    session["person"] = request.form["name"]
    return redirect("/")


@app.post("/notes/<int:number>/delete")
@login_required
def delete(number):
    return redirect("/")
