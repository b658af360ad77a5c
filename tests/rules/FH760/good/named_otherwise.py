# engine: code
"""A board whose hook loads who is signed in, under a name of its own."""

from flask import Flask, g, redirect, request, session
from flask_sqlalchemy import SQLAlchemy

app = Flask(__name__)
db = SQLAlchemy(app)


class Reader(db.Model):
    id = db.Column(db.Integer, primary_key=True)


class Remark(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    reader_id = db.Column(db.Integer)
    text = db.Column(db.Text)


@app.before_request
def load():
    g.who = db.session.get(Reader, session["reader"]) if "reader" in session else None


@app.post("/remarks")
def remark():
    if g.who is None:
        return redirect("/")
    db.session.add(Remark(reader_id=g.who.id, text=request.form["text"]))
    db.session.commit()
    return redirect("/")
