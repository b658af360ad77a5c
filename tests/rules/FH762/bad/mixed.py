# engine: code
"""A model that is a mixin first."""

from flask import Flask, request
from flask_login import UserMixin
from flask_sqlalchemy import SQLAlchemy

app = Flask(__name__)
db = SQLAlchemy(app)


class Member(UserMixin, db.Model):
    id = db.Column(db.Integer, primary_key=True)
    name = db.Column(db.Text)
    is_staff = db.Column(db.Boolean, default=False)


@app.post("/join")
def join():
    db.session.add(Member(**request.form.to_dict()))  # finds: FH762
    db.session.commit()
    return "", 201
