# engine: code
from flask import Flask, request, session
from flask_login import login_required
from flask_sqlalchemy import SQLAlchemy
from flask_wtf.csrf import validate_csrf

app = Flask(__name__)
db = SQLAlchemy(app)


class Token(db.Model):
    id = db.Column(db.Integer, primary_key=True)


@app.post("/shutdown")
@login_required
def shutdown():
    app.extensions["server"].stop()
    return {"text": "stopped"}


@app.route("/exit")
def leave():
    validate_csrf(request.args.get("token"))
    session.clear()
    return {}


@app.route("/status")
def status():
    return {"tokens": Token.query.count()}
