"""Every phase of an attack finds the application as it was made ready, whether it is divided from a prepared process or has one of its own."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

SHOP = """
import multiprocessing, os, sqlite3, threading
from flask import Flask, request
app = Flask(__name__)
try:
    open(f"{outside}/imported by {{os.getpid()}}", "w")
except OSError:
    pass
{more}
database = sqlite3.connect(os.path.join(app.root_path, "shop.db"), isolation_level=None, check_same_thread=False)
database.execute("PRAGMA journal_mode=WAL")
database.execute("CREATE TABLE goods (name TEXT)")
database.execute("INSERT INTO goods VALUES ('hat')")
sold = []

@app.get("/")
def index():
    (there,) = database.execute("SELECT count(*) FROM goods").fetchone()
    return "<p>" + request.args.get("q", "") if there and not sold else "sold out"

@app.post("/buy")
def buy():
    database.execute("DELETE FROM goods")
    sold.append("hat")
    return "sold"
"""
RULES = ("FH443", "FH508", "FH760", "FH761")  # four phases, beside the survey


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
    attacked: Callable[..., Any], tmp_path: Path, more: str, often: bool
) -> None:
    result = attacked(SHOP.format(outside=tmp_path, more=more), *RULES)
    assert [(item.rule, item.route) for item in result.findings] == [("FH443", "GET /")]
    imported = [what for what in result.refused if "imported by" in what]
    assert len(imported) > 2 if often else len(imported) <= 2
