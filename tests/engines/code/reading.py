"""Writes a small project and returns where the code engine sees a request reach a sink."""

from __future__ import annotations

from pathlib import Path

import fumehood.practices
from fumehood.engines.code import CodeResult, FlowCheck, Options, analyse
from fumehood.findings import Rule, Severity, discover

RULES = discover(fumehood.practices)

HEADER = """\
import sqlite3
from flask import Flask, abort, request
app = Flask(__name__)
def run(sql, *bound):
    return sqlite3.connect("lab.db").execute(sql, bound).fetchall()
"""


class Reached(Rule, FlowCheck):
    """Any request reaches an SQL statement; the only rule of most tests here."""

    id = "FH899"
    name = "reached-sql"
    severity = Severity.HIGH
    cwe = 89
    sinks = ("sql",)


def project(root: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    return root


def read(root: Path, **options: object) -> CodeResult:
    return analyse(root, (Reached(),), Options(**({"cache": False, "jobs": 1} | options)))


def reaches(root: Path, body: str, **files: str) -> bool:
    """Whether the request reaches ``run`` in a view with this body (indented by the caller's own text)."""
    view = "\n".join("    " + line for line in body.strip("\n").splitlines())
    text = f'{HEADER}\n@app.route("/", methods=["GET", "POST"])\ndef view():\n{view}\n    return "done"\n'
    named = {name.replace("__", "/") + ".py": content for name, content in files.items()}
    result = read(project(root, {"app.py": text, **named}))
    assert not [item for item in result.not_covered if item.fatal], result.not_covered
    return bool(result.findings)
