# engine: code
"""Offices of a company: each blueprint asks before its views, one hook for several of them."""

from functools import wraps

from flask import Blueprint, Flask, g, request

from flask_sqlalchemy import SQLAlchemy

app = Flask(__name__)
db = SQLAlchemy(app)
rooms = Blueprint("rooms", __name__, url_prefix="/rooms")
desks = Blueprint("desks", __name__, url_prefix="/desks")
keys = Blueprint("keys", __name__, url_prefix="/keys")


class Refused(Exception):
    """Nobody is known by this token."""


class Room(db.Model):
    id = db.Column(db.Integer, primary_key=True)


def staff_required(view):
    @wraps(view)
    def asked(*args, **kwargs):
        g.user = known(request.headers.get("X-Token"))
        if g.user is None:
            raise Refused
        return view(*args, **kwargs)

    return asked


def known(token):
    return {"t": "ada"}.get(token)


@rooms.before_request
@desks.before_request
@staff_required
def before_clerks():
    g.asked = True


@keys.before_request
def before_keys():
    authorized = known(request.headers.get("Authorization"))
    if not authorized:
        raise Refused


@rooms.delete("/<int:number>")
def close(number):
    db.session.delete(db.session.get(Room, number))
    db.session.commit()
    return "", 204


@desks.delete("/<int:number>")
def clear(number):
    db.session.delete(db.session.get(Room, number))
    db.session.commit()
    return "", 204


@keys.delete("/<int:number>")
def withdraw(number):
    db.session.delete(db.session.get(Room, number))
    db.session.commit()
    return "", 204


app.register_blueprint(rooms)
app.register_blueprint(desks)
app.register_blueprint(keys)
