# engine: code
import sqlite3
from functools import wraps

from bson import ObjectId
from flask import Flask, jsonify, redirect, request, session
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
def account(account_id):  # finds: FH761
    return jsonify(query("SELECT balance FROM account WHERE id = ?", (account_id,))[0])


@app.post("/people/mail")
@login_required
def mail():  # finds: FH761
    query("UPDATE person SET mail = ? WHERE id = ?", (request.form["mail"], request.form["person_id"]))
    return "ok"


@app.get("/papers/<paper_id>")
@login_required
def paper(paper_id):  # finds: FH761
    return jsonify(title=papers.find_one({"_id": ObjectId(paper_id)})["title"])
