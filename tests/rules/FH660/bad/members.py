# engine: code
"""Members of a club."""

import sqlite3

from flask import Flask, request
from flask_sqlalchemy import SQLAlchemy

app = Flask(__name__)
db = SQLAlchemy(app)


class Member(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    name = db.Column(db.String(80))
    password = db.Column(db.String(80))


@app.post("/join")
def join():
    member = Member(name=request.form["name"], password=request.form["password"])  # finds: FH660
    db.session.add(member)
    db.session.commit()
    return "", 201


@app.post("/login")
def login():
    data = request.get_json()
    member = Member.query.filter_by(name=data["name"], password=data["password"]).first()
    return "welcome" if member else ("no", 401)


@app.post("/password")
def change():
    member = Member.query.filter_by(name=request.form["name"]).first()
    member.password = request.form["password"]
    db.session.commit()
    return "", 204


@app.post("/old/join")
def old_join():
    database = sqlite3.connect("club.db")
    database.execute("INSERT INTO members (name, password) VALUES (?, ?)", (request.form["name"], request.form["password"]))
    database.commit()
    return "", 201
