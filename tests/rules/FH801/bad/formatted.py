# engine: code
import sqlite3

from flask import Flask, request

app = Flask(__name__)


def find(table, name):
    statement = f"SELECT id FROM {table} WHERE name = '{name}'"
    return sqlite3.connect("lab.db").execute(statement).fetchall()  # finds: FH801


@app.get("/people")
def people():
    return {"people": find("person", request.args["name"])}


@app.get("/notes/<title>")
def notes(title):
    cursor = sqlite3.connect("lab.db").cursor()
    cursor.execute("SELECT * FROM note WHERE title = '%s'" % title)  # finds: FH801
    return {"notes": cursor.fetchall()}
