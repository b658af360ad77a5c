# engine: code
from flask import Flask, jsonify, request
from flask_login import login_required

app = Flask(__name__)
NOTES = []


@app.get("/notes")
@login_required
def notes():
    return jsonify(NOTES)


@app.get("/rooms")
@login_required
def rooms():
    return jsonify([])


@app.get("/admin/notes")
def all_notes():  # finds: FH760
    return jsonify(NOTES[: int(request.args["most"])])
