"""``fumehood keys``: list, rotate and make keys, without ever showing one that is in use."""

from __future__ import annotations

import itertools
import json
import secrets
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from fumehood.cli.keys import command
from fumehood.practices.secrets.strength import weakness
from fumehood.settings import ConfigurationError

_NUMBERS = itertools.count(1)

APP = """
import os
from flask import Flask
from fumehood import Fumehood

def create_app():
    app = Flask("shop", instance_path={instance!r})
    app.config.update({config})
    Fumehood(app)
    return app
"""


@pytest.fixture
def target(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """An application that the commands can import."""
    return written(tmp_path, monkeypatch)


def written(folder: Path, monkeypatch: pytest.MonkeyPatch, config: str = "") -> str:
    name = f"keys_shop_{next(_NUMBERS)}"
    (folder / f"{name}.py").write_text(APP.format(instance=str(folder / "instance"), config=config))
    monkeypatch.chdir(folder)
    monkeypatch.syspath_prepend(str(folder))
    return f"{name}:create_app"


def run(*arguments: str) -> Result:
    return CliRunner().invoke(command, arguments)


def keys(folder: Path) -> list[str]:
    return [
        row["key"] for row in json.loads((folder / "instance" / "fumehood" / "keys.json").read_text())["keys"]
    ]


def test_a_rotation_keeps_the_old_key_and_is_journaled(target: str, tmp_path: Path) -> None:
    assert run("list", "--app", target).exit_code == 0
    before = keys(tmp_path)
    result = run("rotate", "--app", target)
    assert result.exit_code == 0
    assert keys(tmp_path)[1:] == before
    assert "The older key verifies until" in result.output
    listed = run("list", "--app", target).output
    assert len(listed.splitlines()) == 3


def test_a_leaked_key_is_dropped_at_once(target: str, tmp_path: Path) -> None:
    run("list", "--app", target)
    before = keys(tmp_path)
    assert "everybody signs in again" in run("rotate", "--revoke", "--app", target).output
    assert not set(before) & set(keys(tmp_path))


def test_no_output_shows_a_key_that_is_in_use(target: str, tmp_path: Path) -> None:
    said = (
        run("list", "--app", target).output
        + run("rotate", "--app", target).output
        + run("list", "--app", target).output
    )
    assert not [key for key in keys(tmp_path) if key in said]


def test_a_generated_key_is_strong_and_new() -> None:
    one, other = (run("generate").output.strip() for _ in range(2))
    assert one != other
    assert len(one) == 43
    assert not weakness(one.encode())


def test_configured_keys_are_their_owners_to_rotate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOP_KEY", secrets.token_hex())
    target = written(tmp_path, monkeypatch, "SECRET_KEY=os.environ['SHOP_KEY']")
    result = run("rotate", "--app", target)
    assert isinstance(result.exception, ConfigurationError)
    assert "SECRET_KEY_FALLBACKS" in str(result.exception)


def test_an_application_is_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FLASK_APP", raising=False)
    monkeypatch.delenv("FUMEHOOD_APP", raising=False)
    result = run("list")
    assert result.exit_code == 2
    assert "--app" in result.output


def test_an_application_without_a_hood_is_one_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "keys_bare.py").write_text("from flask import Flask\napp = Flask('bare')\n")
    monkeypatch.chdir(tmp_path)
    result = run("list", "--app", "keys_bare")
    assert isinstance(result.exception, ConfigurationError)
    assert "has no hood" in str(result.exception)
