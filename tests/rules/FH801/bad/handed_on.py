# engine: code
import sqlite3

from flask import Flask, request

app = Flask(__name__)


def query(statement, values=()):
    return sqlite3.connect("lab.db").execute(statement, values).fetchall()


@app.get("/people")
def people():
    order = request.args.get("order", "name")
    return {"people": query("SELECT name FROM person WHERE lab = ? ORDER BY " + order, (3,))}  # finds: FH801


@app.get("/notes/<title>")
def notes(title):
    return {"notes": query(f"SELECT id FROM note WHERE title = '{title}'")}  # finds: FH801


@app.get("/bound/<title>")
def bound(title):
    return {"notes": query("SELECT id FROM note WHERE title = ?", (title,))}
