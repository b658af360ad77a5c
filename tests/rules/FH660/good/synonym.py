# engine: code
"""A model whose property hashes, under a synonym."""

from flask import Flask, request
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy.orm import synonym
from werkzeug.security import generate_password_hash

app = Flask(__name__)
db = SQLAlchemy(app)


class Member(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    _password = db.Column("password", db.String(200))

    def _get_password(self):
        return self._password

    def _set_password(self, typed):
        self._password = generate_password_hash(typed)

    password = synonym("_password", descriptor=property(_get_password, _set_password))


@app.post("/members")
def join():
    db.session.add(Member(password=request.form["password"]))
    db.session.commit()
    return "", 201
