# engine: code
"""People of a club, in documents."""

from flask import Flask, request
from pymongo import MongoClient

app = Flask(__name__)
people = MongoClient().club.people


@app.post("/login")
def login():
    data = request.get_json()
    person = people.find_one({"name": data["name"], "code": data["code"]})  # finds: FH860
    return "welcome" if person else ("no", 401)


@app.delete("/people")
def remove():
    people.delete_one(request.json)  # finds: FH860
    return "", 204


@app.get("/older")
def older():
    return {"n": len(list(people.find({"$where": f"this.age > {request.args['age']}"})))}  # finds: FH860
