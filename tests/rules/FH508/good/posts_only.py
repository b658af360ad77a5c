import sqlite3

from flask import Flask, request

app = Flask(__name__)
db = sqlite3.connect(app.root_path + "/shop.db", check_same_thread=False, isolation_level=None)
db.execute("CREATE TABLE IF NOT EXISTS goods (id INTEGER PRIMARY KEY, name TEXT)")
db.execute("INSERT INTO goods (name) VALUES ('hat'), ('coat'), ('scarf')")


@app.route("/goods/<int:id>", methods=["GET", "POST"])
def goods(id):
    if request.method == "POST" and request.form.get("_method") == "DELETE":
        db.execute("DELETE FROM goods WHERE id = ?", (id,))
        return "deleted"
    if request.method == "POST":
        db.execute("UPDATE goods SET name = ? WHERE id = ?", (request.form.get("name", ""), id))
    return {"name": db.execute("SELECT name FROM goods WHERE id = ?", (id,)).fetchone()}
