# engine: code
"""The class that keeps a password makes a hash of it, whoever hands it over."""

from flask import Flask, request
from flask_sqlalchemy import SQLAlchemy
from lab_hashing import kdf
from werkzeug.security import generate_password_hash

app = Flask(__name__)
db = SQLAlchemy(app)


class HashedProperty:
    def __set_name__(self, owner, name):
        self.name = f"_{name}"

    def __set__(self, thing, value):
        setattr(thing, self.name, generate_password_hash(value))


class Reader(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    secret = db.Column(db.Text)

    def __init__(self, name, password):
        self.secret = generate_password_hash(password)


class Writer(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    secret = db.Column(db.Text)

    def __init__(self, password: str) -> None:
        self.set_password(password)

    def set_password(self, password: str) -> None:
        self.secret = stretched(password)


def stretched(password):
    return kdf.derive(password.encode())


class Identity(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    _password = db.Column(db.Text)
    password = HashedProperty()


class MailConnection:
    def __init__(self, host):
        self.host = host


@app.post("/readers")
def add():
    db.session.add(Reader(name=request.form["name"], password=request.form["password"]))
    db.session.add(Writer(password=request.form["password"]))
    db.session.add(Identity(password=request.form["password"]))
    db.session.commit()
    return "", 201


@app.post("/mail")
def fetch():
    mail = MailConnection("imap.internal")
    mail.password = request.form["password"]
    return "", 204
