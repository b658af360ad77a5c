# engine: code
"""Members of a club, who choose their name and nothing else."""

from flask import Flask, request
from flask_sqlalchemy import SQLAlchemy

app = Flask(__name__)
db = SQLAlchemy(app)
OPEN = ("name", "phone")


class Member(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    name = db.Column(db.Text)
    phone = db.Column(db.Text)
    role = db.Column(db.Text, default="guest")


@app.post("/members")
def add():
    given = request.get_json()
    member = Member(name=given["name"], role="guest")
    db.session.add(member)
    db.session.commit()
    return {"id": member.id}


@app.patch("/members/<int:number>")
def change(number):
    member = db.session.get(Member, number)
    given = request.get_json()
    for key in OPEN:
        if key in given:
            setattr(member, key, given[key])
    db.session.commit()
    return {"id": member.id}


@app.post("/shelves/<column>")
def shelve(column):
    item = db.session.get(Member, 1)
    if column in ("name", "town"):
        setattr(item, column, request.form["value"])
    side = request.form["side"]
    if side not in ("left", "right"):
        return "", 400
    item.place(**{f"{side}_shelf": request.form["number"]})
    return "", 204
