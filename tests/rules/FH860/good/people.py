# engine: code
"""People of a club, in documents."""

from flask import Flask, request
from pymongo import MongoClient

app = Flask(__name__)
people = MongoClient().club.people


@app.post("/login")
def login():
    data = request.get_json()
    person = people.find_one({"name": str(data["name"]), "code": str(data["code"])})
    return "welcome" if person else ("no", 401)


@app.get("/people")
def show():
    found = people.find_one({"name": request.args["name"]})
    return {"place": request.get_json()["text"].find("a"), "found": bool(found)}
