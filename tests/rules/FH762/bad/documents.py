# engine: code
from flask import Flask, request
from pymongo import MongoClient

app = Flask(__name__)
db = MongoClient().lab


@app.post("/people")
def add():
    body = request.get_json()
    db.people.insert_one(body)  # finds: FH762
    return "", 201


@app.put("/people/<name>")
def change(name):
    db.people.update_one({"name": name}, {"$set": request.get_json()})  # finds: FH762
    return ""
