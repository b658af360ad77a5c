"""``fumehood new`` makes a project that starts and whose own tests pass."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

import fumehood
from fumehood.cli.new import command


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def new(*arguments: str) -> Result:
    return CliRunner().invoke(command, arguments)


def test_the_project_is_whole_and_its_tests_pass(here: Path) -> None:
    made = new("cell-culture")
    assert made.exit_code == 0, made.output
    project = here / "cell-culture"
    settings = tomllib.loads((project / "pyproject.toml").read_text())
    assert settings["project"]["name"] == "cell-culture"
    [needed] = settings["project"]["dependencies"]
    assert needed.startswith("fumehood[starter]")
    assert "instance/" in (project / ".gitignore").read_text().splitlines()
    for path in project.rglob("*"):
        if path.is_file():
            content = path.read_text()
            assert not [
                mark
                for mark in ("@NAME@", "@PACKAGE@", "@TITLE@", "@FUMEHOOD@", "Benchbook")
                if mark in content
            ], path
    environment = {**os.environ, "PYTHONPATH": str(project), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:randomly"],
        cwd=project, env=environment, capture_output=True, text=True, timeout=240,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert "6 passed" in done.stdout


@pytest.mark.parametrize(
    ("told", "needed"),
    [
        (None, f"=={fumehood.__version__}"),
        ({"url": "file:///src/fumehood", "dir_info": {"editable": True}}, " @ file:///src/fumehood"),
        (
            {"url": "https://git.example/f.git", "vcs_info": {"vcs": "git", "commit_id": "1f2e"}},
            " @ git+https://git.example/f.git@1f2e",
        ),
    ],
    ids=["index", "folder", "repository"],
)
def test_the_project_gets_the_fumehood_that_made_it(
    here: Path, monkeypatch: pytest.MonkeyPatch, told: dict[str, Any] | None, needed: str
) -> None:
    class Installed:
        def read_text(self, name: str) -> str | None:
            return json.dumps(told) if told and name == "direct_url.json" else None

    monkeypatch.setattr("importlib.metadata.distribution", lambda _name: Installed())
    assert new("lab").exit_code == 0
    settings = tomllib.loads((here / "lab" / "pyproject.toml").read_text())
    assert settings["project"]["dependencies"] == [f"fumehood[starter]{needed}"]


@pytest.mark.parametrize(
    "name", ["", "Lab", "1lab", "my lab", "../lab", "lab/", "-lab", "läb", "x" * 51, "a--b"]
)
def test_a_name_that_cannot_be_one_is_refused(here: Path, name: str) -> None:
    refused = new("--", name)
    assert refused.exit_code == 2
    assert "cannot be the name" in refused.output
    assert list(here.iterdir()) == []


@pytest.mark.parametrize("name", ["class", "json", "flask", "fumehood", "tests"])
def test_a_name_that_hides_something_is_refused(here: Path, name: str) -> None:
    refused = new(name)
    assert refused.exit_code == 2
    assert list(here.iterdir()) == []


@pytest.mark.parametrize("there", ["folder", "file", "link"])
def test_nothing_is_overwritten(here: Path, there: str) -> None:
    target = here / "lab"
    if there == "folder":
        target.mkdir()
    elif there == "file":
        target.write_text("mine")
    else:
        target.symlink_to(here / "nowhere")
    refused = new("lab")
    assert refused.exit_code == 2
    assert "exists already" in refused.output
    assert len(list(here.iterdir())) == 1


def test_another_directory(here: Path) -> None:
    assert new("lab", "--directory", "elsewhere").exit_code == 0
    assert (here / "elsewhere" / "lab" / "__init__.py").is_file()
    missing = new("lab", "--directory", "no/such/place")
    assert missing.exit_code == 2
    assert "is not a folder" in missing.output


def test_a_failure_half_way_leaves_nothing(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from fumehood.cli import new as module

    written: list[Path] = []

    def full(path: Path, content: str) -> None:
        written.append(path)
        if len(written) > 5:
            raise OSError(28, "No space left on device")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)

    monkeypatch.setattr(module, "_write", full)
    refused = new("lab")
    assert refused.exit_code == 2
    assert "No space left on device" in refused.output
    assert list(here.iterdir()) == []
