# engine: code
import sqlite3

from flask import Flask, g, jsonify
from marshmallow import Schema, fields

app = Flask(__name__)


class PersonSchema(Schema):
    name = fields.Str()
    password = fields.Str(load_only=True)


def query(statement, values=()):
    if "db" not in g:
        g.db = sqlite3.connect("lab.db")
        g.db.row_factory = sqlite3.Row
    return g.db.execute(statement, values).fetchall()


@app.get("/people/<int:number>")
def person(number):
    row = query("SELECT * FROM people WHERE id = ?", (number,))[0]
    return jsonify(name=row["name"], lab=row["lab"])


@app.get("/rooms")
def rooms():
    return {"rooms": query("SELECT * FROM rooms"), "names": query("SELECT name FROM people")}


@app.get("/all")
def everybody():
    return PersonSchema(many=True).dump(query("SELECT name FROM people"))
