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
