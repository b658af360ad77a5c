# engine: code
from flask import Flask, jsonify, request
from flask_login import login_required

app = Flask(__name__)
NOTES = []


@app.get("/notes")
@login_required
def notes():
    return jsonify(NOTES)


@app.get("/admin/notes")
@login_required
def all_notes():
    return jsonify(NOTES[: int(request.args["most"])])


@app.get("/about")
def about():
    return jsonify(name="lab")
