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
    password_hash = db.Column(db.Text)
    ccn = db.Column(db.Text)

    def everything(self):
        return {"email": self.email, "password_hash": self.password_hash}


@app.get("/guests/<int:number>")
@login_required
def guest(number):
    found = db.session.get(Customer, number)
    return jsonify({"email": found.email, "cc_num": found.ccn})  # finds: FH1062


@app.get("/debug/guests")
@login_required
def debug():
    return jsonify({"guests": [Customer.everything(found) for found in Customer.query.all()]})  # finds: FH1062


@app.get("/guests")
def guests():  # finds: FH1062
    return jsonify([{"email": found.email} for found in Customer.query.all()])
