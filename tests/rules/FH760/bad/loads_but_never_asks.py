# engine: code
"""A board whose hook loads who is signed in, and what is kept beside it is nobody's name."""

from flask import Flask, g, redirect, request, session
from flask_sqlalchemy import SQLAlchemy

app = Flask(__name__)
db = SQLAlchemy(app)


class Reader(db.Model):
    id = db.Column(db.Integer, primary_key=True)


class Remark(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    text = db.Column(db.Text)


@app.before_request
def load():
    g.who = db.session.get(Reader, session["reader"]) if "reader" in session else None
    g.lang = session.get("lang", "en")


@app.post("/remarks")
def remark():
    if g.who is None:
        return redirect("/")
    db.session.add(Remark(text=request.form["text"]))
    db.session.commit()
    return redirect("/")


@app.post("/remarks/<int:number>/hide")
def hide(number):  # finds: FH760
    db.session.delete(db.session.get(Remark, number))
    db.session.commit()
    return "gone" if g.lang == "en" else "weg"
