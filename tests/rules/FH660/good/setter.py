# engine: code
"""Models that hash by themselves what they are given."""

from flask import Flask, request
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy.orm import validates
from werkzeug.security import generate_password_hash

app = Flask(__name__)
db = SQLAlchemy(app)


class Member(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    _password = db.Column(db.String(200))

    @property
    def password(self):
        raise AttributeError("nobody reads it")

    @password.setter
    def password(self, typed):
        self._password = generate_password_hash(typed)


class Guest(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    passwd = db.Column(db.String(200))

    @validates("passwd")
    def hashed(self, key, typed):
        return generate_password_hash(typed)


@app.post("/members/<int:number>")
def change(number):
    member = Member.query.filter_by(id=number).first_or_404()
    member.password = request.form["password"]
    guest = Guest.query.filter_by(id=number).first_or_404()
    guest.passwd = request.form["passwd"]
    db.session.commit()
    return "", 204
