"""Every phase of an attack finds the application as it was made ready, whether it is divided from a prepared process or has one of its own."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

# What it says of itself is told as a write that was refused.
SHOP = """
import multiprocessing, os, sqlite3, threading
from flask import Flask
app = Flask(__name__)
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
sold = []

def there():
    (there,) = database.execute("SELECT count(*) FROM goods").fetchone()
    say(f"finds {{there}} there and {{len(sold)}} sold")
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
    said: dict[str, set[str]] = {}
    for what in result.refused:
        if found := re.search(r"process (\d+) (.*)", what):
            said.setdefault(found[1], set()).add(found[2])
    phases = [heard for heard in said.values() if any("finds" in what for what in heard)]
    assert len(phases) >= 5
    assert all("finds 1 there and 0 sold" in heard for heard in phases)
    imports = sum("imports" in heard for heard in said.values())
    assert imports > 2 if often else imports <= 2
