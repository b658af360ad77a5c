# engine: code
"""Hands out keys for a name and a password, as often as somebody likes to try."""

from flask import Blueprint, jsonify, request

from people import check

keys = Blueprint("keys", __name__)


@keys.post("/key")
def key():  # finds: FH602
    given = request.get_json()
    made = check(given["username"], given["password"])
    return jsonify({"key": made}) if made else (jsonify({"error": "refused"}), 403)


@keys.route("/login", methods=["GET", "POST"])
def login():  # finds: FH602
    if check(request.form["username"], request.form["password"]):
        return "welcome"
    return "no", 401
