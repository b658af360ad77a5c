from flask import Blueprint, Flask, abort, g, session

app = Flask(__name__)
notes = Blueprint("notes", __name__)


@notes.before_request
def members_only():
    g.person = session.get("person")
    if g.person is None:
        abort(401)


@notes.post("/notes")
def add():
    return {}


@notes.post("/notes/<int:number>/delete")
def delete(number):
    return {}


@app.post("/login")
def login():
    session["person"] = "ann"
    return "welcome"


app.register_blueprint(notes)
