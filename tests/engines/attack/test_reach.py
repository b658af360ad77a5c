"""What an attack reaches: forms with names of their own, descriptions of an API, connections that were made before, pages after the login."""

from __future__ import annotations

from pathlib import Path

from test_styles import written

from fumehood.audit import all_rules
from fumehood.engines.attack.run import AttackOptions, attack

# Made whole by a factory, which leaves a connection in SQLAlchemy's pool; nobody's fields are called as usual.
CLUB = {
    "club.py": """
from flask import Flask, abort, redirect, render_template_string, request, session
from sqlalchemy import create_engine, text
from sqlalchemy.exc import SQLAlchemyError

PAGE = "<a href='/topic/1'>topic</a>"

def create_app():
    app = Flask(__name__)
    app.secret_key = "a test"
    engine = create_engine("sqlite:///club.db")

    def run(statement, **values):
        with engine.begin() as db:
            found = db.execute(text(statement), values)
            return found.mappings().all() if found.returns_rows else found.lastrowid

    run("CREATE TABLE IF NOT EXISTS member (mid INTEGER PRIMARY KEY, handle TEXT UNIQUE, pw TEXT)")
    run("CREATE TABLE IF NOT EXISTS comment (id INTEGER PRIMARY KEY, topic INTEGER, body TEXT)")
    run("CREATE TABLE IF NOT EXISTS parcel (id INTEGER PRIMARY KEY, member INTEGER, address TEXT)")

    @app.get("/")
    def index():
        return PAGE

    @app.route("/become-one", methods=["GET", "POST"])
    def become():
        if request.method == "GET":
            return '<form method="post"><input name="who"><input type="password" name="word"><input type="password" name="once_more"></form>'
        if request.form["word"] != request.form["once_more"] or run("SELECT 1 FROM member WHERE handle = :w", w=request.form["who"]):
            abort(400)
        run("INSERT INTO member (handle, pw) VALUES (:w, :p)", w=request.form["who"], p=request.form["word"])
        return redirect("/enter")

    @app.route("/enter", methods=["GET", "POST"])
    def enter():
        if request.method == "GET":
            return '<form method="post"><input name="who"><input type="password" name="word"></form>'
        rows = run("SELECT mid FROM member WHERE handle = :w AND pw = :p", w=request.form["who"], p=request.form["word"])
        if not rows:
            return "no", 200
        session["mid"] = rows[0]["mid"]
        return redirect(request.args.get("next", "/"))

    @app.route("/topic/<int:number>", methods=["GET", "POST"])
    def topic(number):
        if request.method == "POST":
            run("INSERT INTO comment (topic, body) VALUES (:t, :b)", t=number, b=request.form["body"])
        shown = "".join(f"<p>{row['body']}</p>" for row in run("SELECT body FROM comment WHERE topic = :t", t=number))
        return shown + '<form method="post"><input name="body"><input name="mood" value="glad"></form>'

    @app.route("/parcels", methods=["GET", "POST"])
    def parcels():
        if "mid" not in session:
            return redirect("/enter")
        if request.method == "POST":
            run("INSERT INTO parcel (member, address) VALUES (:m, :a)", m=session["mid"], a=request.form["address"])
        return '<form method="post"><input name="address"></form>'

    @app.get("/parcels/<int:number>")
    def parcel(number):
        if "mid" not in session:
            return redirect("/enter")
        rows = run("SELECT address FROM parcel WHERE id = :n", n=number)
        return {"address": rows[0]["address"]} if rows else abort(404)

    @app.get("/members")
    def members():
        given = {key: value for key, value in request.args.to_dict().items() if key.startswith("by")}
        try:
            return {"n": len(run("SELECT handle FROM member ORDER BY " + (given.get("by_" + "what") or "mid")))}
        except SQLAlchemyError:
            return {"n": 0}

    return app
""",
    "openapi.json": """{"openapi": "3.1.0", "info": {"title": "Club", "version": "1"}, "paths": {"/members": {"get": {"parameters": [
        {"$ref": "#/components/parameters/what"}]}}}, "components": {"parameters": {"what": {"name": "by_what", "in": "query"}}}}""",
}  # fmt: skip


def test_forms_with_names_of_their_own_let_people_in_and_what_is_behind_them_is_proved(
    tmp_path: Path,
) -> None:
    rules = [rule for rule in all_rules() if rule.id in {"FH443", "FH446", "FH760", "FH761", "FH801"}]
    root = written(tmp_path / "project", CLUB)
    result = attack(root, "club:create_app", rules, AttackOptions(seconds=120.0, each=2.0))
    assert result.people == ["ada", "bea"]
    assert {(item.rule, item.route, item.parameter) for item in result.findings} == {
        ("FH443", "POST /topic/<int:number>", "body"),  # not "mood", which is sent beside it and never shown
        ("FH446", "POST /enter", "next"),
        (
            "FH761",
            "GET /parcels/<int:number>",
            "number",
        ),  # not the topic, to which the first page leads everybody
        ("FH801", "GET /members", "by_what"),
    }
    assert "fumehood-attack" not in str(result.findings)


# A cookie that nobody has signed, another that is compared with a word; GraphQL; one helper for all statements.
DESK = """
import base64, json, os, sqlite3
from flask import Flask, abort, redirect, request
from graphql import build_schema, graphql_sync
app = Flask(__name__)
schema = build_schema("type Query { find(text: String!, most: Int): [String] count(kind: String): Int } type Mutation { note(input: Note!): Boolean } input Note { text: String, stars: Int }")

def run(statement, values=()):
    with sqlite3.connect("desk.db") as db:
        db.execute("CREATE TABLE IF NOT EXISTS note (text TEXT)")
        db.execute("CREATE TABLE IF NOT EXISTS person (name TEXT UNIQUE, pw TEXT)")
        return db.execute(statement, values).fetchall()

class Root:
    def find(self, info, text, most=1):
        return [row[0] for row in run("SELECT text FROM note WHERE text = '" + text + "'")]

    def count(self, info, kind=""):
        return len(run("SELECT 1 FROM note WHERE text = ?", (kind,)))

    def note(self, info, input):
        return bool(run("INSERT INTO note VALUES ('%s')" % input["text"]))

@app.post("/graphql")
def graph():
    asked = request.get_json()
    result = graphql_sync(schema, asked.get("query"), Root(), variable_values=asked.get("variables"))
    return {"data": result.data, "errors": [str(error) for error in result.errors or ()]}

def who():
    try:
        return json.loads(base64.b64decode(request.cookies.get("desk", "")))["name"]
    except ValueError:
        abort(401)

@app.post("/register")
def register():
    run("INSERT INTO person VALUES (?, ?)", (request.form["name"], request.form["password"]))
    return "welcome"

@app.post("/login")
def login():
    if not run("SELECT 1 FROM person WHERE name = ? AND pw = ?", (request.form["name"], request.form["password"])):
        return "no", 403
    answer = redirect("/")
    answer.set_cookie("desk", base64.b64encode(json.dumps({"name": request.form["name"]}).encode()).decode())
    return answer

@app.get("/")
def index():
    return "this is the desk of " + who()

@app.get("/safe")
def safe():
    return "open" if request.cookies.get("key") == "admin" else abort(403)

@app.get("/shut")
def shut():
    return "open" if request.cookies.get("key") == app.config["SHUT"] else abort(403)
app.config["SHUT"] = os.urandom(8).hex()
"""


def test_graphql_is_asked_by_its_schema_and_what_a_cookie_says_of_its_owner_is_not_to_be_believed(
    tmp_path: Path,
) -> None:
    rules = [rule for rule in all_rules() if rule.id in {"FH763", "FH801"}]
    root = written(tmp_path / "project", {"app.py": DESK})
    result = attack(root, "app", rules, AttackOptions(seconds=120.0, each=2.0))
    found = result.findings
    assert result.not_covered == []
    assert result.people == ["ada", "bea"]
    assert {(item.rule, item.route, item.parameter) for item in found} == {
        ("FH763", "GET /", "desk"),
        ("FH763", "GET /safe", "key"),
        ("FH801", "POST /graphql", "variables.text"),
        ("FH801", "POST /graphql", "variables.input.text"),
    }
    # The lines that put the statements together, not the helper that runs them all.
    places = [
        DESK.splitlines()[item.location.line - 1] for item in found if item.rule == "FH801" and item.location
    ]
    assert sorted(" + text + " in line for line in places) == [False, True]
    assert all("run(" in line for line in places)
