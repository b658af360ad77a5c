"""Every phase of an attack finds the application as it was made ready, whether it is divided from a prepared process or has one of its own."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

# What it says of itself is told as a write that was refused.
SHOP = """
import multiprocessing, os, sqlite3, threading
from flask import Flask, abort, request, session
app = Flask(__name__)
app.secret_key = os.urandom(20)
{more}
def say(what):
    try:
        open(f"/nowhere/process {{os.getpid()}} {{what}}", "w")
    except OSError:
        pass

say("imports")
database = sqlite3.connect(os.path.join(app.root_path, "shop.db"), isolation_level=None, check_same_thread=False)
database.execute("PRAGMA journal_mode=WAL")
database.execute("CREATE TABLE goods (name TEXT)")
database.execute("INSERT INTO goods VALUES ('hat')")
database.execute("CREATE TABLE people (username TEXT, password TEXT)")
sold = []

def there():
    (there,) = database.execute("SELECT count(*) FROM goods").fetchone()
    (people,) = database.execute("SELECT count(*) FROM people").fetchone()
    say(f"finds {{there}} there, {{len(sold)}} sold, {{people}} people")
    return str(there)

@app.get("/")
def index():
    return there()

@app.post("/buy")
def buy():
    there()
    database.execute("DELETE FROM goods")
    sold.append("hat")
    return "sold"

@app.post("/register")
def register():
    database.execute("INSERT INTO people VALUES (?, ?)", (request.form["username"], request.form["password"]))
    return "welcome"

@app.post("/login")
def login():
    given = request.form["username"], request.form["password"]
    if not database.execute("SELECT 1 FROM people WHERE username = ? AND password = ?", given).fetchone():
        abort(401)
    session["user"] = given[0]
    return "welcome back"

@app.get("/me")
def me():
    return session["user"] if "user" in session else abort(401)
"""
RULES = (
    "FH443",
    "FH508",
    "FH760",
    "FH761",
)  # each has a phase of its own; injection, the survey and the access map do too


@pytest.mark.parametrize(
    ("more", "often"),
    [
        ("", False),
        ("threading.Thread(target=threading.Event().wait, daemon=True).start()", True),
        ("shared = multiprocessing.Value('i', 0)", True),
    ],
    ids=["plain", "with a thread", "with shared memory"],
)
def test_what_one_phase_sold_is_there_in_the_next(
    attacked: Callable[..., Any], more: str, often: bool
) -> None:
    result = attacked(SHOP.format(more=more), *RULES)
    assert result.people == ["ada", "bea"]
    found: dict[str, list[tuple[int, int, int]]] = {}
    imports = 0
    for what in result.refused:
        process = re.search(r"process (\d+) (.*)", what)
        imports += process is not None and process[2] == "imports"
        if process and process[2] != "imports":
            there, sold, people = map(int, re.findall(r"\d+", process[2]))
            found.setdefault(process[1], []).append((there, sold, people))
    assert len(found) >= 7  # as many as there are phases, at least
    for reports in found.values():
        # What is kept in memory and what is kept in the database are of one time,
        assert all((there == 0) == (sold > 0) for there, sold, _ in reports)
        # and what the phase before sold, and whom it signed up, is gone: people have been signed up once.
        assert min(sold for _, sold, _ in reports) <= 1
        assert min(people for _, _, people in reports) <= 3
    assert imports > 2 if often else imports <= 2
