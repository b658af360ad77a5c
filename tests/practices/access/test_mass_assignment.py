"""A model made of the whole request weighs by what its view looked at before."""

from __future__ import annotations

from pathlib import Path

import pytest

from fumehood.engines.code import Options, analyse
from fumehood.findings import Severity
from fumehood.practices.access.rules.mass_assignment import MassAssignment

CLUB = """\
from flask import Flask, request
from flask_sqlalchemy import SQLAlchemy
from jsonschema import validate

app = Flask(__name__)
db = SQLAlchemy(app)

class Member(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    role = db.Column(db.Text)

    @classmethod
    def made(cls, fields):
        return cls(**fields)

@app.post("/members")
def add():
    given = request.get_json()
    {look}
    db.session.add(Member.made(given))
    db.session.commit()
    return {{}}
"""


@pytest.mark.parametrize(
    ("look", "severity"),
    [("validate(given, app.config['SCHEMA'])", Severity.MEDIUM), ("print(given)", Severity.HIGH)],
)
def test_a_view_that_validates_weighs_less(tmp_path: Path, look: str, severity: Severity) -> None:
    (tmp_path / "club.py").write_text(CLUB.format(look=look), "utf-8")
    result = analyse(tmp_path, (MassAssignment(),), Options(cache=False, jobs=1))
    assert [one.severity for one in result.findings] == [severity]
