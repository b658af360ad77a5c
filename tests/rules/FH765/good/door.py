# engine: code
"""Sessions that end."""

from flask import Blueprint, jsonify, redirect, session
from flask_login import logout_user

door = Blueprint("door", __name__)


@door.post("/logout")
def logout():
    session.clear()
    return redirect("/")


@door.post("/api/logout")
def api_logout():
    logout_user()
    return jsonify({"message": "Logged out"})


@door.get("/logout/help")
def help_page():
    return "Press the button."
