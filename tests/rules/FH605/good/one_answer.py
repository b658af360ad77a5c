# engine: code
"""Signs people in to a library."""

from flask import Flask, jsonify, request
from werkzeug.security import check_password_hash

from readers import Reader

app = Flask(__name__)


@app.post("/login")
def login():
    reader = Reader.query.filter_by(name=request.form["name"]).first()
    if reader is None or not check_password_hash(reader.password_hash, request.form["password"]):
        return jsonify(error="Wrong username or password"), 401
    return jsonify(name=reader.name)


@app.post("/password")
def change_password():
    if request.form["password"] != request.form["again"]:
        return jsonify(error="The passwords do not match"), 400
    return "", 204
