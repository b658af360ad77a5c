# engine: code
from flask import Flask, request
from flask_sqlalchemy import SQLAlchemy

app = Flask(__name__)
db = SQLAlchemy(app)


class Member(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    name = db.Column(db.String(80))
    password = db.Column(db.String(80))


@app.post("/login")
def login():
    data = request.get_json()
    member = Member.query.filter_by(name=data["name"], password=data["password"]).first()  # finds: FH660
    return "welcome" if member else ("no", 401)
