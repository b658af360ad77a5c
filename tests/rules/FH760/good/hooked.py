# engine: code
"""A catalogue whose hook asks for everybody."""

import sqlite3

from flask import Flask, redirect, request, session

app = Flask(__name__)


@app.before_request
def ask():
    if request.endpoint != "login" and "staff" not in session:
        return redirect("/login")
    return None


def change(statement, *values):
    connection = sqlite3.connect("catalogue.db")
    connection.execute(statement, values)
    connection.commit()


@app.post("/login")
def login():
    session["staff"] = request.form["name"]
    return "in"


@app.post("/items/<int:number>/retire")
def retire(number):
    change("DELETE FROM item WHERE id = ?", number)
    return "retired"


@app.get("/items")
def items():
    return [row[0] for row in sqlite3.connect("catalogue.db").execute("SELECT name FROM item")]
