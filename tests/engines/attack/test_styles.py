"""Applications of several styles, as they come from their repositories: made ready, signed in to, and broken into."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from fumehood.audit import all_rules
from fumehood.engines.attack.run import AttackOptions, attack

INJECTION = ("FH442", "FH443", "FH444", "FH447", "FH801")

# A factory whose arguments have defaults, pages with a login form and a hidden token, a database made by a command.
PAGES = {
    "guestbook/__init__.py": """
import secrets, sqlite3
from flask import Flask, abort, g, redirect, render_template_string, request, session
from werkzeug.security import check_password_hash, generate_password_hash
from guestbook.lookup import search

LAYOUT = '''<form method="post" action="{{ action }}"><input type="hidden" name="csrf_token" value="{{ token }}">
<input name="{{ first }}"><input type="{{ kind }}" name="{{ second }}"><button>Go</button></form>'''

def create_app(config=None, *, name="guestbook"):
    app = Flask(name)
    app.secret_key = "a test"
    app.config["DATABASE"] = "guestbook.sqlite"
    app.config.update(config or {})

    def db():
        if "db" not in g:
            g.db = sqlite3.connect(app.config["DATABASE"])
        return g.db

    @app.teardown_appcontext
    def close(_):
        if "db" in g:
            g.pop("db").close()

    @app.cli.command("init-db")
    def init_db():
        db().executescript(open("schema.sql").read())
        db().execute("INSERT INTO member (login, secret, email) VALUES ('mara', ?, 'mara@example.com')", (generate_password_hash("x"),))
        db().commit()

    @app.before_request
    def check():
        if request.method == "POST" and request.form.get("csrf_token") != session.get("csrf"):
            abort(400)

    def form(action, first, second, kind="password"):
        session.setdefault("csrf", secrets.token_hex())
        return render_template_string(LAYOUT, action=action, first=first, second=second, kind=kind, token=session["csrf"])

    @app.get("/login")
    def login_page():
        return form("/enter", "login", "pwd")

    @app.post("/enter")
    def enter():
        row = db().execute("SELECT id, secret FROM member WHERE login = ?", (request.form["login"],)).fetchone()
        if row is None or not check_password_hash(row[1], request.form["pwd"]):
            return redirect("/login")
        session["member"] = row[0]
        return redirect("/")

    @app.get("/")
    def index():
        if "member" not in session:
            return redirect("/login")
        return form("/sign", "subject", "text", "text") + "".join(row[0] for row in db().execute("SELECT text FROM entry"))

    @app.post("/sign")
    def sign():
        if "member" not in session:
            return redirect("/login")
        db().execute("INSERT INTO entry (subject, text) VALUES (?, ?)", (request.form["subject"], request.form["text"]))
        db().commit()
        return redirect("/")

    @app.get("/search")
    def find():
        if "member" not in session:
            return redirect("/login")
        return {"found": search(db())}

    return app
""",
    "guestbook/lookup.py": """
from flask import request

class Wanted:
    def __init__(self, source):
        self.subject = source.get("sub" + "ject", "")

def search(db):
    wanted = Wanted(request.args)
    return db.execute("SELECT text FROM entry WHERE subject = '%s'" % wanted.subject).fetchall()
""",
    "schema.sql": """
CREATE TABLE member (id INTEGER PRIMARY KEY, login TEXT UNIQUE, secret TEXT, email TEXT);
CREATE TABLE entry (id INTEGER PRIMARY KEY, subject TEXT, text TEXT);
""",
}

# A JSON API with SQLAlchemy in memory; its token comes in a header's scheme of its own, and a route makes the tables.
API = {
    "api.py": """
import secrets
import yaml
from flask import Flask, jsonify, request
from sqlalchemy import create_engine, text
from sqlalchemy.pool import StaticPool

app = Flask(__name__)
engine = create_engine("sqlite://", poolclass=StaticPool, connect_args={"check_same_thread": False})
tokens = {}

@app.get("/setup/create_tables")
def create_tables():
    with engine.begin() as db:
        db.execute(text("CREATE TABLE IF NOT EXISTS person (id INTEGER PRIMARY KEY, username TEXT, password TEXT)"))
        db.execute(text("INSERT INTO person (username, password) VALUES ('root', 'toor')"))
    return jsonify(made=True)

@app.post("/api/accounts/register")
def register():
    body = request.get_json()
    with engine.begin() as db:
        db.execute(text("INSERT INTO person (username, password) VALUES (:u, :p)"), {"u": body["username"], "p": body["password"]})
    return jsonify(done=True), 201

@app.post("/api/auth")
def auth():
    body = request.get_json()
    with engine.begin() as db:
        row = db.execute(text("SELECT username FROM person WHERE username = :u AND password = :p"), {"u": body["username"], "p": body["password"]}).first()
    if row is None:
        return jsonify(error="no"), 401
    token = secrets.token_urlsafe(24)
    tokens[token] = row[0]
    return jsonify(data={"sessionKey": token, "auth_token": token})

def me():
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return tokens.get(token) if scheme == "Token" else None

@app.post("/api/import")
def load():
    if me() is None:
        return jsonify(error="who are you"), 401
    return jsonify(kind=type(yaml.load(request.get_json()["settings"]["text"], yaml.UnsafeLoader)).__name__)

@app.get("/api/people")
def people():
    if me() is None:
        return jsonify(error="who are you"), 401
    with engine.begin() as db:
        return jsonify([row[0] for row in db.execute(text("SELECT username FROM person ORDER BY " + request.args.get("sort", "id")))])
""",
}

# Accounts that only the source knows, a script that makes the database, a name that is kept and used in a statement later.
SCRIPT = {
    "pets.py": """
import sqlite3
from flask import Flask, redirect, request, session
app = Flask(__name__)
app.secret_key = "a test"
STAFF = {"carol": "correct horse", "dave": "battery staple"}

def db():
    return sqlite3.connect("data.db", isolation_level=None)

@app.route("/sign-in", methods=["GET", "POST"])
def sign_in():
    if request.method == "POST":
        if STAFF.get(request.form["user"]) == request.form["password"]:
            session["user"] = request.form["user"]
            return redirect("/pets")
        return "wrong", 200
    return '<form method="post"><input name="user"><input name="password" type="password"></form>'

@app.get("/pets")
def pets():
    if "user" not in session:
        return redirect("/sign-in")
    favourite = db().execute("SELECT name FROM favourite").fetchone()
    if favourite:
        return {"pets": db().execute("SELECT id FROM pet WHERE name = '" + favourite[0] + "'").fetchall()}
    return '<form method="post" action="/favourite"><input name="pet"></form>'

@app.post("/favourite")
def favourite():
    if "user" not in session:
        return redirect("/sign-in")
    db().execute("DELETE FROM favourite")
    db().execute("INSERT INTO favourite VALUES (?)", (request.form["pet"],))
    return redirect("/pets")
""",
    "scripts/create_db.py": """
import sqlite3
if __name__ == "__main__":
    db = sqlite3.connect("../data.db")
    db.executescript("CREATE TABLE pet (id INTEGER PRIMARY KEY, name TEXT); CREATE TABLE favourite (name TEXT); INSERT INTO pet (name) VALUES ('Rex');")
""",
}

# In debug mode Flask asks for a request's files while it loads its form.
DEBUGGED = """
import sqlite3
from flask import Flask, request
app = Flask(__name__)
app.config["DEBUG"] = True

@app.route("/enter", methods=["GET", "POST"])
def enter():
    if request.method == "POST":
        with sqlite3.connect("guests.db") as db:
            db.execute("CREATE TABLE IF NOT EXISTS guest (name TEXT)")
            found = db.execute(f"SELECT * FROM guest WHERE name = '{request.form['name']}'").fetchone()
        return ("welcome", 200) if found else ("no", 403)
    return '<form method="post"><input name="name"></form>'
"""

STYLES = {
    "pages": (PAGES, "guestbook:create_app", {"ada", "bea", "mara"}, {("FH801", "GET /search"), ("FH443", "POST /sign")}),
    "api": (API, "api", {"ada", "bea", "root"}, {("FH801", "GET /api/people"), ("FH447", "POST /api/import")}),
    "script": (SCRIPT, "pets:app", {"carol", "dave"}, {("FH801", "POST /favourite")}),
}  # fmt: skip


def written(folder: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    return folder


@pytest.mark.parametrize("style", STYLES)
def test_an_application_is_made_ready_and_broken_into_without_being_told_how(
    tmp_path: Path, style: str
) -> None:
    files, target, people, expected = STYLES[style]
    rules = [rule for rule in all_rules() if rule.id in INJECTION]
    run: Callable[[], Any] = lambda: attack(  # noqa: E731 - twice
        written(tmp_path / "project", files), target, rules, AttackOptions(seconds=120.0, each=2.0)
    )
    result = run()
    assert set(result.people) == people
    assert {(item.rule, item.route) for item in result.findings} == expected
    assert run().findings == result.findings


def test_what_a_form_sends_is_heard_in_debug_mode_too(tmp_path: Path) -> None:
    rules = [rule for rule in all_rules() if rule.id == "FH801"]
    root = written(tmp_path / "project", {"app.py": DEBUGGED})
    result = attack(root, "app", rules, AttackOptions(seconds=60.0, each=2.0))
    assert {(item.rule, item.route, item.parameter) for item in result.findings} == {
        ("FH801", "POST /enter", "name")
    }
