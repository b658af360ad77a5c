"""The guards stop an attack at the dangerous call itself, whatever the view does about it, and let honest values through."""

from __future__ import annotations

import random
import sqlite3
import subprocess
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, render_template_string, request

from fumehood import Fumehood
from honest import honest_values

ATTACKS = [
    ("/search", "x' OR '1'='1"),
    ("/search", "x' UNION SELECT sql FROM sqlite_master --"),
    ("/caught", "x'; DROP TABLE person; --"),
    ("/run", "x; id"),
    ("/run", "$(id)"),
    ("/read", "../secret.txt"),
    ("/read", "/etc/passwd"),
    ("/page", "{{ config }}"),
]
HONEST = [
    ("/search", "select a hat from the list; drop by -- thanks"),
    ("/bound", "O'Brien"),
    ("/bound", "x' OR '1'='1"),
    ("/run", "hello"),
    ("/words", "a; b && c | $(d)"),
    ("/read", "plan.txt"),
    ("/page", "100 % { of } it"),
    ("/echo", "../../etc/passwd"),
]


@pytest.fixture
def shop(tmp_path: Path) -> Any:
    """Return ``shop(**settings)`` -> (client, journal)."""

    def make(**settings: Any) -> tuple[Any, Any]:
        app = Flask("shop", instance_path=str(tmp_path / "instance"))
        app.config.update(TESTING=True, FUMEHOOD_UNDECLARED="warn", **settings)
        hood = Fumehood(app)
        files = tmp_path / "files"
        files.mkdir(exist_ok=True)
        (files / "plan.txt").write_text("plan")
        (tmp_path / "secret.txt").write_text("secret")
        _views(app, hood, files, str(tmp_path / "people.db"))
        return app.test_client(), app.extensions["fumehood"]

    return make


def _views(app: Flask, hood: Any, files: Path, database: str) -> None:
    with sqlite3.connect(database) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS person (name TEXT)")
    connection.close()

    def ask(statement: str, *values: str) -> str:
        connection = sqlite3.connect(database)
        try:
            return str(connection.execute(statement, values).fetchall())
        finally:
            connection.close()

    def caught(q: str) -> str:
        try:
            return ask(f"SELECT name FROM person WHERE name = '{q}'")
        except Exception:  # noqa: BLE001 - what many views do
            return "nothing found"

    views = {
        "search": lambda q: ask(f"SELECT name FROM person WHERE name = '{q}'"),
        "caught": caught,
        "bound": lambda q: ask("SELECT name FROM person WHERE name = ?", q),
        "run": lambda q: subprocess.check_output(f"echo {q}", shell=True).decode(),
        "words": lambda q: subprocess.check_output(["echo", q]).decode(),
        "read": lambda q: (files / q).read_text(),
        "page": lambda q: render_template_string("<p>" + q),
        "echo": lambda q: q,
    }
    for name, view in views.items():
        app.add_url_rule(f"/{name}", name, hood.public(lambda view=view: view(request.args["q"])))


def _entries(installation: Any) -> list[Any]:
    installation.journal.flush()
    return list(installation.journal.latest())


def _attacks(installation: Any) -> list[str]:
    return [entry.event for entry in _entries(installation) if entry.event.startswith("attack")]


@pytest.mark.parametrize(("path", "value"), ATTACKS)
def test_an_attack_is_stopped_and_journaled_with_its_evidence(shop: Any, path: str, value: str) -> None:
    client, installation = shop()
    answer = client.get(path, query_string={"q": value}, base_url="https://localhost", buffered=True)
    assert answer.status_code == 403
    (entry,) = [entry for entry in _entries(installation) if entry.event == "attack.blocked"]
    assert entry.details["parameter"] == "query:q"
    assert entry.details["incident"] in answer.text
    assert "test_blocking.py" in entry.details["place"]


@pytest.mark.parametrize(("path", "value"), HONEST)
def test_an_honest_value_goes_through(shop: Any, path: str, value: str) -> None:
    client, installation = shop()
    answer = client.get(path, query_string={"q": value}, base_url="https://localhost", buffered=True)
    assert answer.status_code == 200
    assert _attacks(installation) == []


def test_watching_tells_and_does_not_stop(shop: Any) -> None:
    client, installation = shop(FUMEHOOD_SINKS="watch")
    answer = client.get(
        "/page", query_string={"q": "{{ 7 * 7 }}"}, base_url="https://localhost", buffered=True
    )
    assert answer.text == "<p>49"
    assert _attacks(installation) == ["attack.seen"]


def test_switched_off_nothing_is_looked_at(shop: Any) -> None:
    client, installation = shop(FUMEHOOD_SINKS="off")
    answer = client.get(
        "/page", query_string={"q": "{{ 7 * 7 }}"}, base_url="https://localhost", buffered=True
    )
    assert answer.text == "<p>49"
    assert _attacks(installation) == []


def test_thousands_of_honest_requests_go_through(shop: Any) -> None:
    client, installation = shop()
    chance = random.Random(7)
    for value in honest_values(chance, 1_500):
        for path in ("/bound", "/echo"):
            assert (
                client.get(
                    path, query_string={"q": value}, base_url="https://localhost", buffered=True
                ).status_code
                == 200
            ), value
    assert _attacks(installation) == []
