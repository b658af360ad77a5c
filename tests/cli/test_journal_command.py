"""``fumehood journal``: tampering is named and is exit status 1."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from fumehood.cli.journal import command

APP = """
from flask import Flask
from fumehood import Fumehood
from fumehood.practices.interface import installed
app = Flask("shop", instance_path={instance!r})
Fumehood(app)
journal = installed(app).journal
if not journal.latest():
    for number in range(3):
        journal.record("role.granted", actor="ann", subject=f"person {{number}}")
    journal.record("login.succeeded", actor="bob")
"""


@pytest.fixture
def target(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> str:
    name = "journal_shop_" + request.node.name.partition("[")[0]
    (tmp_path / f"{name}.py").write_text(APP.format(instance=str(tmp_path / "instance")))
    monkeypatch.chdir(tmp_path)
    return name


def run(*arguments: str) -> Result:
    return CliRunner().invoke(command, arguments)


def test_an_untouched_journal_verifies_and_gives_its_head(target: str) -> None:
    result = run("verify", "--app", target)
    assert result.exit_code == 0
    assert "4 entries verify. Head: 4:" in result.output
    head = result.output.split("Head: ")[1].strip()
    assert run("verify", "--app", target, "--head", head).exit_code == 0
    assert run("verify", "--app", target, "--head", "9:" + "0" * 64).exit_code == 1


def test_tampering_is_named_and_is_exit_status_1(target: str, tmp_path: Path) -> None:
    assert run("verify", "--app", target).exit_code == 0
    with sqlite3.connect(tmp_path / "instance" / "fumehood" / "hood.sqlite3") as connection:
        connection.execute("UPDATE fumehood_journal SET actor = 'eve' WHERE number = 2")
    connection.close()
    result = run("verify", "--app", target)
    assert result.exit_code == 1
    assert "entry 2 (role.granted" in result.output
    assert "3 entries verify" in result.output


def test_the_newest_entries_are_printed_last(target: str) -> None:
    lines = run("tail", "--app", target, "-n", "2").output.splitlines()
    assert "person 2" in lines[0]
    assert "login.succeeded" in lines[1]


def test_entries_can_be_chosen_and_are_json_on_demand(target: str) -> None:
    lines = run("tail", "--app", target, "--event", "role.", "--json").output.splitlines()
    assert [json.loads(line)["subject"] for line in lines] == ["person 0", "person 1", "person 2"]
