# engine: code
"""Who keeps the club's list may give offices; that is what the page is for."""

from functools import wraps

from flask import Flask, abort, session
from flask_sqlalchemy import SQLAlchemy
from flask_wtf import FlaskForm
from wtforms import SelectField, StringField

app = Flask(__name__)
db = SQLAlchemy(app)
KNOWN = ("name", "town")


class Member(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    name = db.Column(db.Text)
    town = db.Column(db.Text)


class MemberForm(FlaskForm):
    name = StringField()
    town = SelectField(choices=["Bern", "Chur"])


def admin_required(view):
    @wraps(view)
    def asks(*args, **kwargs):
        if session.get("office") != "keeper":
            abort(403)
        return view(*args, **kwargs)

    return asks


@app.post("/members/new")
@admin_required
def new_member():
    form = MemberForm()
    chosen = {key: form.town.data for key in KNOWN}
    db.session.add(Member(**chosen))
    db.session.commit()
    return "", 201
