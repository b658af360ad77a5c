# finds: FH309
import secrets

from flask import Flask, redirect
from flask_login import LoginManager, UserMixin, login_user

app = Flask(__name__)
app.secret_key = secrets.token_hex(32)
login = LoginManager(app)


@login.user_loader
def load(key):
    return UserMixin()


@app.post("/login")
def sign_in():
    login_user(UserMixin(), remember=True)
    return redirect("/")
