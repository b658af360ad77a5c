"""A route that asks nobody weighs by what a stranger gains by it."""

from __future__ import annotations

from pathlib import Path

import pytest

from fumehood.engines.code import Options, analyse
from fumehood.findings import Severity
from fumehood.practices.access.rules.missing_authentication import MissingAuthentication

CLUB = """\
from flask import Flask, request
from flask_login import login_required
from flask_sqlalchemy import SQLAlchemy

app = Flask(__name__)
db = SQLAlchemy(app)

class Member(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    seen = db.Column(db.Integer)

@app.post("/members")
@login_required
def add():
    db.session.add(Member(seen=0))
    db.session.commit()
    return {{}}

{route}
    member = db.session.get(Member, {key})
    {change}
    db.session.commit()
    return {{}}
"""
COUNT, REMOVE = "member.seen += 1", "db.session.delete(member)"
LINK = "@app.get('/members/<int:number>/picture.gif')\ndef picture(number):"
POST = "@app.post('/members/<int:number>/seen')\ndef note(number):"
TOKEN = "@app.post('/members/<token>/seen')\ndef note(token):"


@pytest.mark.parametrize(
    ("route", "key", "change", "severity"),
    [
        (POST, "number", COUNT, Severity.HIGH),
        (LINK, "number", REMOVE, Severity.HIGH),
        (LINK, "number", COUNT, Severity.MEDIUM),
        (TOKEN, "token", COUNT, Severity.MEDIUM),
    ],
)
def test_strangers_who_know_a_secret_or_follow_a_link_weigh_less(
    route: str, key: str, change: str, severity: Severity, tmp_path: Path
) -> None:
    (tmp_path / "app.py").write_text(CLUB.format(route=route, key=key, change=change))
    found = analyse(tmp_path, [MissingAuthentication()], Options(jobs=1, cache=False)).findings
    assert [finding.severity for finding in found] == [severity]
