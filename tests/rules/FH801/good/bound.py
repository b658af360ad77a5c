# engine: code
import sqlite3

from flask import Flask, abort, request

app = Flask(__name__)
COLUMNS = ("name", "born")


@app.get("/people")
def people():
    cursor = sqlite3.connect("lab.db").cursor()
    cursor.execute("SELECT id FROM person WHERE name = ?", (request.args["name"],))
    order = request.args.get("order", "name")
    if order not in COLUMNS:
        abort(400)
    cursor.execute(f"SELECT id FROM person ORDER BY {order}")
    limit = request.args.get("limit", 10, type=int)
    cursor.execute(f"SELECT id FROM person LIMIT {limit}")
    return {"people": cursor.fetchall()}


@app.get("/notes/<int:number>")
def note(number):
    return {"note": sqlite3.connect("lab.db").execute(f"SELECT * FROM note WHERE id = {number}").fetchone()}
