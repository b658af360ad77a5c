"""``fumehood advisories``: what it prints and how it exits."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from fumehood.cli.advisories import command
from fumehood.engines.advisories import Unreachable, sources
from fumehood.settings import ConfigurationError

RECORD = {
    "id": "PYSEC-1",
    "aliases": ["CVE-2099-1"],
    "summary": "Leaks the session",
    "affected": [{"package": {"ecosystem": "PyPI", "name": "flask"}, "versions": ["2.2.0"]}],
}


@pytest.fixture(autouse=True)
def _alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A cache of its own, and no network."""

    def unreachable(address: str, _limit: int) -> bytes:
        raise Unreachable(f"{address} could not be reached")

    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(sources, "fetcher", lambda: unreachable)


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(command, [str(one) for one in arguments])


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "PYSEC-1.json").write_text(json.dumps(RECORD))
    assert run("update", "--from", tmp_path / "PYSEC-1.json").exit_code == 0
    (tmp_path / "project").mkdir()
    return tmp_path / "project"


def test_a_vulnerable_pin_is_printed_with_its_place(project: Path) -> None:
    (project / "requirements.txt").write_text("# web\nflask==2.2.0\n")
    result = run("check", project)
    assert result.exit_code == 1
    assert (
        "requirements.txt:2: flask 2.2.0: PYSEC-1 (CVE-2099-1), severity unknown, no fixed version"
        in result.output
    )
    assert "1 packages checked, 1 known to be vulnerable" in result.output


def test_a_project_without_one_passes(project: Path) -> None:
    (project / "requirements.txt").write_text("flask==3.1.1\n")
    assert run("check", project).exit_code == 0


def test_json_says_the_same(project: Path) -> None:
    (project / "requirements.txt").write_text("flask==2.2.0\n")
    result = run("check", "--json", project)
    said = json.loads(result.stdout)
    assert result.exit_code == 1
    assert said["vulnerable"][0]["id"] == "PYSEC-1"
    assert said["checked"] == ["flask 2.2.0"]


def test_a_file_that_cannot_be_read_is_not_silence(project: Path) -> None:
    (project / "requirements.txt").write_text("flask==3.1.1\n")
    (project / "uv.lock").write_text("[[")
    result = run("check", project)
    assert result.exit_code == 2
    assert "not checked: uv.lock" in result.output


def test_nothing_pinned_is_not_a_pass(project: Path) -> None:
    assert run("check", project).exit_code == 2


def test_without_data_it_says_that_it_did_not_check(tmp_path: Path) -> None:
    for arguments in (["check"], ["check", "--offline"]):
        result = run(*arguments)
        assert result.exit_code == 2
        assert "not checked: " in result.output
    assert run("check", "--if-reachable").exit_code == 0
    assert "not checked: " in run("check", "--if-reachable").output


def test_an_update_that_reaches_nothing_is_one_error(tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_text("flask==2.2.0")
    result = run("update", tmp_path)
    assert isinstance(result.exception, ConfigurationError)
    assert "could not be reached" in str(result.exception)


def test_a_path_that_does_not_exist_is_a_usage_error(tmp_path: Path) -> None:
    assert run("check", tmp_path / "none").exit_code == 2
