# engine: code
"""A catalogue where one route was forgotten."""

import sqlite3
from functools import wraps

from flask import Flask, abort, request, session

app = Flask(__name__)


def staff_only(view):
    @wraps(view)
    def inner(*args, **kwargs):
        if "staff" not in session:
            abort(403)
        return view(*args, **kwargs)

    return inner


def change(statement, *values):
    connection = sqlite3.connect("catalogue.db")
    connection.execute(statement, values)
    connection.commit()


@app.post("/login")
def login():
    session["staff"] = request.form["name"]
    return "in"


@app.post("/items")
@staff_only
def add():
    change("INSERT INTO item (name) VALUES (?)", request.form["name"])
    return "added"


@app.post("/items/<int:number>")
@staff_only
def rename(number):
    change("UPDATE item SET name = ? WHERE id = ?", request.form["name"], number)
    return "renamed"


@app.post("/items/<int:number>/retire")
def retire(number):  # finds: FH760
    change("DELETE FROM item WHERE id = ?", number)
    return "retired"
