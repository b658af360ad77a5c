import secrets

from flask import Flask, redirect, session
from flask_wtf import FlaskForm
from wtforms import StringField

app = Flask(__name__)
app.secret_key = secrets.token_hex(32)


class LoginForm(FlaskForm):
    name = StringField()


@app.route("/login", methods=["GET", "POST"])
def login():
    form = LoginForm()
    if form.validate_on_submit():
        session["name"] = form.name.data
        return redirect("/")
    return "sign in"
