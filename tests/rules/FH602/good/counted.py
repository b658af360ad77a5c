# engine: code
"""Counts the attempts of the last quarter of an hour."""

from flask import Blueprint, request

from people import Attempt, check

door = Blueprint("door", __name__)


@door.post("/login")
def login():
    name = request.form["username"]
    if Attempt.query.filter_by(name=name, succeeded=False).count() > 5:
        return "later", 429
    if check(name, request.form["password"]):
        return "welcome"
    return "no", 401
