# engine: code
from flask import Flask, render_template
from flask_wtf import FlaskForm
from wtforms import StringField

app = Flask(__name__)


class LoginForm(FlaskForm):
    name = StringField("Name")


@app.route("/login", methods=["GET", "POST"])
def login():
    return render_template("login.html", form=LoginForm())
