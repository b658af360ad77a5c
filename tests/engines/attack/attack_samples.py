"""Applications with flaws, and the same without them."""

from __future__ import annotations

PAGES = """
import ast, os, pickle, base64, smtplib, sqlite3, subprocess, traceback, urllib.request
from email.message import EmailMessage
from io import BytesIO
from defusedxml.ElementTree import fromstring
from lxml import etree
import yaml
from flask import Flask, redirect, request, render_template_string
from markupsafe import escape
app = Flask(__name__)
app.secret_key = "x"

@app.after_request
def plain(response):
    if "text" in (request.endpoint or ""):
        response.content_type = "text/plain"
    return response
"""
VIEW = """
@app.get("/{number}")
def page{number}{kind}():
    q = request.args.get("q", "x")
    {body}
"""

CASES = [
    ("FH801", 'return str(sqlite3.connect(":memory:").execute(f"SELECT \'{q}\'").fetchall())', 'return str(sqlite3.connect(":memory:").execute("SELECT ?", (q,)).fetchall())'),
    ("FH440", 'return str(os.system("true " + q))', 'return str(subprocess.call(["true", q]))'),
    ("FH441", "return str(eval(q))", 'return str(int(q) if q.isdecimal() else 0)'),
    ("FH441", "return str(eval(compile(ast.parse(q, mode='eval'), 'q', 'eval')))", "try:\n        return str(ast.literal_eval(q))\n    except (SyntaxError, ValueError):\n        return 'no literal', 400"),
    ("FH448", "return etree.fromstring(q.encode(), etree.XMLParser(resolve_entities=True)).tag", "return etree.fromstring(q.encode(), etree.XMLParser(resolve_entities=False)).tag"),
    ("FH448", "return str(etree.parse(BytesIO(q.encode()), etree.XMLParser(resolve_entities=True)).getroot().tag)", "return str(fromstring(q).tag)"),
    ("FH472", "smtplib.SMTP('localhost').sendmail('a@lab.example', ['b@lab.example'], 'Subject: ' + q + '\\r\\n\\r\\nText')\n    return 'sent'", "message = EmailMessage()\n    message['Subject'] = q\n    smtplib.SMTP('localhost').send_message(message, 'a@lab.example', ['b@lab.example'])\n    return 'sent'"),
    ("FH442", "return open(os.path.join(app.root_path, q)).read()", "return open(os.path.join(app.root_path, os.path.basename(q))).read()"),
    ("FH443", 'return f"<p>{q}</p>"', 'return f"<p>{escape(q)}</p>"'),
    ("FH443", 'return f"<a href=\'{escape(q)}\'>x</a>"', 'return f"<a href=\'/{escape(q)}\'>x</a>"'),
    ("FH443", 'return f"<script>var a = {q}</script>"', 'return {"a": q}'),
    ("FH444", "return render_template_string('<p>' + q)", "return render_template_string('<p>{{ q }}', q=q)"),
    ("FH445", "return urllib.request.urlopen(q).read()", "return urllib.request.urlopen('http://192.0.2.1/?' + escape(q)).read()"),
    ("FH446", "return redirect(q)", 'return redirect("/list?from=" + q)'),
    ("FH447", "return str(yaml.load(q, yaml.UnsafeLoader))", "return str(yaml.safe_load(q))"),
    ("FH447", "return str(pickle.loads(base64.b64decode(q)))", "return str(base64.b64decode(q))"),
    ("FH1001", "try:\n        return str(int(q))\n    except ValueError:\n        return traceback.format_exc(), 500", "try:\n        return str(int(q))\n    except ValueError:\n        return 'no number', 400"),
]  # fmt: skip


IDS = tuple(dict.fromkeys(rule for rule, *_ in CASES))


def shop(which: int) -> str:
    return PAGES + "".join(
        VIEW.format(number=number, body=case[which], kind="" if case[0] == "FH443" else "_text")
        for number, case in enumerate(CASES)
    )


NOTES = """
import sqlite3
from flask import Flask, abort, g, redirect, request, session
from markupsafe import escape
app = Flask(__name__)
app.secret_key = "not a secret: a test"

def db():
    if "db" not in g:
        g.db = sqlite3.connect(app.root_path + "/notes.db", isolation_level=None)
        g.db.execute("CREATE TABLE IF NOT EXISTS users (id INTEGER PRIMARY KEY, username TEXT UNIQUE, password TEXT)")
        g.db.execute("CREATE TABLE IF NOT EXISTS notes (id INTEGER PRIMARY KEY, owner INTEGER, title TEXT)")
    return g.db

@app.teardown_appcontext
def close(_):
    if "db" in g:
        g.pop("db").close()

@app.post("/register")
def register():
    db().execute("INSERT INTO users (username, password) VALUES (?, ?)", (request.form["username"], request.form["password"]))
    return "welcome"

@app.post("/login")
def login():
    row = db().execute("SELECT id FROM users WHERE username = ? AND password = ?", (request.form["username"], request.form["password"])).fetchone()
    if row is None:
        return "wrong", 403
    session["user"] = row[0]
    return redirect("/")

def me():
    if "user" not in session:
        abort(401)
    return session["user"]

@app.get("/")
def index():
    return {"mine": db().execute("SELECT id, title FROM notes WHERE owner = ?", (me(),)).fetchall()}

@app.post("/notes")
def add():
    CSRF
    db().execute("INSERT INTO notes (owner, title) VALUES (?, ?)", (me(), request.form["title"]))
    return "added"

@app.get("/notes/<int:id>")
def show(id):
    ME
    row = db().execute("SELECT title FROM notes WHERE id = ? WHERE_OWNER", (id,)).fetchone() or abort(404)
    return f"<h1>{ESCAPE(row[0])}</h1>"

@app.post("/notes/<int:id>/delete")
def delete(id):
    CSRF
    ME
    db().execute("DELETE FROM notes WHERE id = ? WHERE_OWNER", (id,))
    return "gone"
"""


def notes(**parts: str) -> str:
    text = NOTES
    safe = {
        "WHERE_OWNER": 'AND owner = " + str(me()) + "',
        "ESCAPE": "escape",
        "CSRF": 'if request.headers.get("Sec-Fetch-Site") == "cross-site": abort(403)',
        "ME": "me()",
    }
    for name, value in {**safe, **parts}.items():
        text = text.replace(name, value)
    return text


RULES = ("FH443", "FH501", "FH760", "FH761")
