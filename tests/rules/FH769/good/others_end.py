import secrets
import sqlite3

from flask import Flask, abort, g, jsonify, request
from werkzeug.security import check_password_hash, generate_password_hash

app = Flask(__name__)
SESSIONS = {}


def db():
    if "db" not in g:
        g.db = sqlite3.connect(app.root_path + "/people.db", isolation_level=None)
        g.db.execute("CREATE TABLE IF NOT EXISTS people (id INTEGER PRIMARY KEY, username TEXT UNIQUE, password TEXT)")
    return g.db


@app.teardown_appcontext
def close(_):
    if "db" in g:
        g.pop("db").close()


def hashed(text):
    return generate_password_hash(text, "pbkdf2:sha256:1000")


@app.post("/signup")
def signup():
    data = request.get_json()
    db().execute("INSERT INTO people (username, password) VALUES (?, ?)", (data["username"], hashed(data["password"])))
    return jsonify(ok=True)


@app.post("/login")
def login():
    data = request.get_json()
    row = db().execute("SELECT id, password FROM people WHERE username = ?", (data["username"],)).fetchone()
    if row is None or not check_password_hash(row[1], data["password"]):
        abort(401)
    token = secrets.token_urlsafe(24)
    SESSIONS[token] = row[0]
    return jsonify(token=token)


def me():
    return SESSIONS.get(request.headers.get("Authorization", "").removeprefix("Bearer ")) or abort(401)


@app.get("/me")
def mine():
    return jsonify(id=me())


@app.put("/me/password")
def change():
    data = request.get_json()
    stored = db().execute("SELECT password FROM people WHERE id = ?", (me(),)).fetchone()[0]
    if not check_password_hash(stored, data["current_password"]):
        abort(403)
    db().execute("UPDATE people SET password = ? WHERE id = ?", (hashed(data["new_password"]), me()))
    who = me()
    for token in [token for token, owner in SESSIONS.items() if owner == who]:
        del SESSIONS[token]
    return jsonify(changed=True)
