# engine: code
"""Sells tickets, each once."""

from flask import Flask
from flask_sqlalchemy import SQLAlchemy

app = Flask(__name__)
db = SQLAlchemy(app)


class Show(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    tickets = db.Column(db.Integer)


@app.post("/shows/<int:number>/tickets")
def buy(number):
    show = Show.query.with_for_update().get(number)
    if show.tickets < 1:
        return "sold out", 409
    show.tickets -= 1
    db.session.commit()
    return "enjoy"


@app.post("/shows/<int:number>/reserve")
def reserve(number):
    sold = Show.query.filter(Show.id == number, Show.tickets > 0).update({"tickets": Show.tickets - 1})
    db.session.commit()
    return "enjoy" if sold else ("sold out", 409)
