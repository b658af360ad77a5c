# engine: code
from flask import Flask, request
from flask_sqlalchemy import SQLAlchemy

app = Flask(__name__)
db = SQLAlchemy(app)


class Member(db.Model):
    name = db.Column(db.String(80), primary_key=True)
    password = db.Column(db.String(80))


@app.post("/password")
def change():
    member = Member.query.filter_by(name=request.form["name"]).first()
    member.password = request.form["password"]  # finds: FH660
    db.session.commit()
    return "", 204
