# engine: code
"""Sells tickets."""

from flask import Flask
from flask_sqlalchemy import SQLAlchemy

app = Flask(__name__)
db = SQLAlchemy(app)


class Show(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    tickets = db.Column(db.Integer)


@app.post("/shows/<int:number>/tickets")
def buy(number):
    show = db.session.get(Show, number)
    if show.tickets < 1:  # finds: FH862
        return "sold out", 409
    show.tickets -= 1
    db.session.commit()
    return "enjoy"
