# engine: code
"""An office whose blueprints are given their hook by a call."""

from flask import Blueprint, Flask, abort, request
from flask_sqlalchemy import SQLAlchemy

app = Flask(__name__)
db = SQLAlchemy(app)
rooms = Blueprint("rooms", __name__)
desks = Blueprint("desks", __name__)


class Room(db.Model):
    id = db.Column(db.Integer, primary_key=True)


def requires_office():
    match request.headers.get("Authorization"):
        case None:
            abort(401)
        case _:
            return None


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


def create_app():
    rooms.before_request(requires_office)
    app.register_blueprint(rooms, url_prefix="/rooms")
    desks.before_request(requires_office)
    app.register_blueprint(desks, url_prefix="/desks")
    return app
