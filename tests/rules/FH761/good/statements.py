# engine: code
import sqlite3
from functools import wraps

from bson import ObjectId
from flask import Flask, g, jsonify, redirect, request, session
from pymongo import MongoClient

app = Flask(__name__)
papers = MongoClient().lab.papers


def login_required(view):
    @wraps(view)
    def wrapped(*args, **kwargs):
        if "person" not in session:
            return redirect("/login")
        return view(*args, **kwargs)

    return wrapped


def query(statement, values=()):
    return sqlite3.connect("lab.db").execute(statement, values).fetchall()


@app.get("/accounts/<int:account_id>")
@login_required
def account(account_id):
    person = session["person"]
    return jsonify(query("SELECT balance FROM account WHERE id = ? AND person_id = ?", (account_id, person))[0])


@app.post("/people/mail")
@login_required
def mail():
    query("UPDATE person SET mail = ? WHERE id = ?", (request.form["mail"], session["person"]))
    return "ok"


@app.post("/accounts")
@login_required
def add():
    query("INSERT INTO account (id, name) VALUES (?, ?)", (request.form["account_id"], request.form["name"]))
    return "ok"


@app.get("/papers/<paper_id>")
@login_required
def paper(paper_id):
    found = papers.find_one({"_id": ObjectId(paper_id), "author": g.user["_id"]})
    return jsonify(title=found["title"])
