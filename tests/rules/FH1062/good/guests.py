# engine: code
"""Guests of a hotel."""

from flask import Flask, jsonify
from flask_login import login_required
from flask_sqlalchemy import SQLAlchemy

app = Flask(__name__)
db = SQLAlchemy(app)


class Customer(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    email = db.Column(db.Text)
    ccn = db.Column(db.Text)


@app.get("/guests/<int:number>")
@login_required
def guest(number):
    found = db.session.get(Customer, number)
    return jsonify({"email": found.email, "card": found.ccn[-4:]})


@app.get("/guests")
@login_required
def guests():
    return jsonify([{"email": found.email} for found in Customer.query.all()])


@app.get("/rooms")
def rooms():
    return jsonify(password="required")
