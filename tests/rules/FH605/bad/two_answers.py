# engine: code
"""Signs people in to a library."""

from flask import Flask, jsonify, request
from werkzeug.security import check_password_hash

from readers import Reader

app = Flask(__name__)


@app.post("/login")
def login():
    reader = Reader.query.filter_by(name=request.form["name"]).first()
    if reader is None:
        return jsonify(error="User does not exist"), 404  # finds: FH605
    if not check_password_hash(reader.password_hash, request.form["password"]):
        return jsonify(error="Wrong password"), 401
    return jsonify(name=reader.name)
