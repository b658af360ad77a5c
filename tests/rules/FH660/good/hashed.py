# engine: code
"""Members of a club, whose passwords nobody can read."""

import bcrypt
from flask import Flask, request
from flask_sqlalchemy import SQLAlchemy
from werkzeug.security import check_password_hash, generate_password_hash

app = Flask(__name__)
db = SQLAlchemy(app)


class Member(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    name = db.Column(db.String(80))
    password = db.Column(db.String(200))


@app.post("/join")
def join():
    member = Member(name=request.form["name"], password=generate_password_hash(request.form["password"]))
    db.session.add(member)
    db.session.commit()
    return "", 201


@app.post("/password")
def change():
    member = Member.query.filter_by(name=request.form["name"]).first()
    if not check_password_hash(member.password, request.form["old_password"]):
        return "no", 403
    member.password = bcrypt.hashpw(request.form["password"].encode(), bcrypt.gensalt()).decode()
    db.session.commit()
    return "", 204
