# engine: code
"""Members of a club."""

from flask import Flask, request
from flask_sqlalchemy import SQLAlchemy

app = Flask(__name__)
db = SQLAlchemy(app)


class Member(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    name = db.Column(db.Text)
    role = db.Column(db.Text, default="guest")


@app.post("/members")
def add():
    given = request.get_json()
    member = Member(name=given["name"], role=given.get("role"))  # finds: FH762
    db.session.add(member)
    db.session.commit()
    return {"id": member.id}


@app.patch("/members/<int:number>")
def change(number):
    member = db.session.get(Member, number)
    for key, value in request.get_json().items():
        setattr(member, key, value)  # finds: FH762
    db.session.commit()
    return {"id": member.id}
