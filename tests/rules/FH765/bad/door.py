# engine: code
"""Tokens that nobody can give back."""

from flask import Blueprint, jsonify

from tokens import token_required

door = Blueprint("door", __name__)


@door.post("/api/logout")
@token_required
def logout(person):  # finds: FH765
    return jsonify({"message": "Logged out"})
