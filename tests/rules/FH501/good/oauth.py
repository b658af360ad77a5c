# engine: code
"""What the provider hands back is compared with what was sent to it."""

import secrets

from flask import Flask, abort, redirect, request, session
from flask_sqlalchemy import SQLAlchemy

app = Flask(__name__)
db = SQLAlchemy(app)


class Visit(db.Model):
    id = db.Column(db.Integer, primary_key=True)


@app.get("/way")
def way():
    session["oauth2_state"] = secrets.token_urlsafe(16)
    return redirect("https://people.example/authorize?state=" + session["oauth2_state"])


@app.post("/back")
def back():
    if request.get_json()["state"] != session.get("oauth2_state"):
        abort(401)
    db.session.add(Visit())
    db.session.commit()
    return "", 204
