# engine: code
"""The hook of one blueprint does not ask for another."""

from flask import Blueprint, Flask, redirect, session

from flask_sqlalchemy import SQLAlchemy

app = Flask(__name__)
db = SQLAlchemy(app)
rooms = Blueprint("rooms", __name__, url_prefix="/rooms")
desks = Blueprint("desks", __name__, url_prefix="/desks")


class Room(db.Model):
    id = db.Column(db.Integer, primary_key=True)


@rooms.before_request
def ask():
    if "clerk" not in session:
        return redirect("/login")
    return None


@rooms.delete("/<int:number>")
def close(number):
    db.session.delete(db.session.get(Room, number))
    db.session.commit()
    return "", 204


@desks.delete("/<int:number>")
def clear(number):  # finds: FH760
    db.session.delete(db.session.get(Room, number))
    db.session.commit()
    return "", 204
