"""The start says what runs although it is known to be vulnerable, and refuses what the hood does not support."""

from __future__ import annotations

import logging
import tomllib
from importlib.metadata import version
from pathlib import Path

import pytest

from fumehood.engines.advisories import Advisory, Affected, save
from fumehood.findings import Severity
from fumehood.practices.versions import guard
from fumehood.settings import ConfigurationError
from hooded import hooded_app

PROJECT = tomllib.loads((Path(__file__).parents[3] / "pyproject.toml").read_text())["project"]


def data(folder: Path, name: str, versions: tuple[str, ...], fixed: str = "") -> str:
    """Advisory data with one advisory about one package."""
    ranges = ((("introduced", "0"), ("fixed", fixed)),) if fixed else ()
    advisory = Advisory(
        "PYSEC-1", ("CVE-2099-1",), "Leaks the session", Severity.HIGH, (Affected(name, ranges, versions),)
    )
    save([advisory], "a test", path=folder / "data.sqlite3")
    return str(folder / "data.sqlite3")


@pytest.mark.parametrize(
    "name", ["flask", "werkzeug", "jinja2", "itsdangerous", "cryptography", "sqlalchemy"]
)
def test_a_known_vulnerable_package_is_named_at_start_up(
    tmp_path: Path, name: str, caplog: pytest.LogCaptureFixture
) -> None:
    hooded_app(tmp_path, {"advisories": data(tmp_path, name, (version(name),))})
    (line,) = [entry.message for entry in caplog.records if entry.name == "fumehood.versions"]
    assert (
        line
        == f"{name} {version(name)} is known to be vulnerable: CVE-2099-1, Leaks the session. There is no fixed version yet."
    )


def test_the_fixed_version_is_named(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    hooded_app(tmp_path, {"advisories": data(tmp_path, "flask", (), "999.1")})
    assert "Update it to 999.1." in caplog.text


@pytest.mark.parametrize(
    ("name", "versions", "fixed"),
    [
        ("flask", ("0.1",), ""),
        ("werkzeug", (), "0.5"),
        ("not-installed-here", ("1.0",), ""),
        ("pytest", (version("pytest"),), ""),
        ("jinja2", (version("jinja2") + ".post99",), ""),
    ],
)
def test_nothing_is_said_where_nothing_is_wrong(
    tmp_path: Path, name: str, versions: tuple[str, ...], fixed: str, caplog: pytest.LogCaptureFixture
) -> None:
    hooded_app(tmp_path, {"advisories": data(tmp_path, name, versions, fixed)})
    assert not [entry for entry in caplog.records if entry.name == "fumehood.versions"]


def test_without_data_a_start_is_quiet(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    hooded_app(tmp_path, {"advisories": str(tmp_path / "none")})
    assert "fumehood.versions" not in {entry.name for entry in caplog.records}


def test_damaged_data_stops_no_start(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "data").write_text("not a database" * 100)
    hooded_app(tmp_path, {"advisories": str(tmp_path / "data")})
    assert "were not looked for" in caplog.text


def test_tests_of_an_application_are_not_disturbed(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    hooded_app(tmp_path, {"advisories": data(tmp_path, "flask", (version("flask"),))}, TESTING=True)
    assert "known to be vulnerable" not in caplog.text


@pytest.mark.parametrize("old", ["2.3.3", "3.0.0", "3.1.0", "1.1.4", "0.12"])
def test_an_unsupported_flask_stops_the_start(
    tmp_path: Path, old: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(guard, "version", lambda _name: old)
    with pytest.raises(ConfigurationError, match=f"Flask 3.1.1 or newer; {old} is installed"):
        hooded_app(tmp_path)


@pytest.mark.parametrize("new", ["3.1.1", "3.1.10", "3.2", "4.0.0rc1", "10.0"])
def test_supported_ones_start(tmp_path: Path, new: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guard, "version", lambda _name: new)
    hooded_app(tmp_path)


def test_an_unsupported_python_stops_the_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guard, "OLDEST_PYTHON", (99, 0))
    with pytest.raises(ConfigurationError, match=r"Python 99\.0 or newer"):
        hooded_app(tmp_path)


def test_a_python_past_its_end_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    import sys
    from datetime import date

    monkeypatch.setitem(guard.END_OF_LIFE, sys.version_info[:2], date(2020, 1, 1))
    with caplog.at_level(logging.WARNING):
        hooded_app(tmp_path)
    assert "gets no security fixes since 2020-01-01" in caplog.text


def test_what_is_supported_is_said_once() -> None:
    assert PROJECT["requires-python"] == ">=" + ".".join(map(str, guard.OLDEST_PYTHON))
    assert f"Flask>={guard.OLDEST_FLASK}" in PROJECT["dependencies"]
