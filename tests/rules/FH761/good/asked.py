# engine: code
"""The rule of access is asked by the function that looks the folder up."""

from flask import Flask, abort, request, session
from flask_login import login_required
from flask_sqlalchemy import SQLAlchemy

app = Flask(__name__)
db = SQLAlchemy(app)


class Folder(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    owner_id = db.Column(db.Integer)


def folder_for(number, action):
    found = db.session.get(Folder, number) or abort(404)
    if not request.rights.can(found.id, action):
        abort(403)
    return found


@app.delete("/folders/<int:number>")
@login_required
def remove(number):
    db.session.delete(folder_for(number, "write"))
    db.session.commit()
    return "", 204


@app.post("/my-name")
@login_required
def rename_myself():
    username = request.get_json().get("username", session.get("username"))
    session["username"] = username[:40]
    return {"username": session["username"]}
