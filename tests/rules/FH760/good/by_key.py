# engine: code
"""Another program pushes its data, with the key that it was given; who forgot the password has a letter sent."""

from flask import Flask, current_app, jsonify, request
from flask_login import login_required
from flask_sqlalchemy import SQLAlchemy

app = Flask(__name__)
db = SQLAlchemy(app)


class Event(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    title = db.Column(db.Text)


@app.post("/events")
@login_required
def add():
    db.session.add(Event(title=request.form["title"]))
    db.session.commit()
    return "", 201


@app.put("/events/pushed")
def pushed():
    data = request.get_json()
    if data.get("key") != current_app.config["PUSH_API_KEY"]:
        return jsonify(error="wrong key"), 401
    db.session.add(Event(title=data["title"]))
    db.session.commit()
    return "", 204


@app.post("/passwordless")
def passwordless():
    db.session.add(Event(title="a letter was asked for"))
    db.session.commit()
    return "look into your mail"
