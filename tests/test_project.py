"""The project is what it says of itself: versions, dependencies, names, the files that a stranger looks for."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import fumehood

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
SOURCES = sorted((ROOT / "src" / "fumehood").rglob("*.py"))


def test_the_version_is_the_same_everywhere() -> None:
    assert fumehood.__version__ == PROJECT["version"]
    assert f"## {PROJECT['version']}" in (ROOT / "CHANGELOG.md").read_text()


def test_every_import_of_the_package_is_declared() -> None:
    everything = [
        *PROJECT["dependencies"],
        *(line for extra in PROJECT["optional-dependencies"].values() for line in extra),
    ]
    declared = {canonicalize_name(Requirement(line).name) for line in everything}
    declared |= {"jinja2", "werkzeug", "itsdangerous", "click", "markupsafe", "blinker"}  # Flask's own
    # What Flask-WTF, Flask-Security, Flask-Migrate and boto3 stand on.
    declared |= {"wtforms", "flask-login", "flask-principal", "alembic", "botocore"}
    providers = packages_distributions()
    undeclared = set()
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom) and not node.level and node.module:
                names = [node.module]
            for name in (
                {name.partition(".")[0] for name in names}
                - sys.stdlib_module_names
                - {"fumehood", "_typeshed"}
            ):
                if not {canonicalize_name(found) for found in providers.get(name, [name])} & declared:
                    undeclared.add(f"{name} in {path.relative_to(ROOT)}")
    assert not undeclared, "\n".join(sorted(undeclared))


def test_no_module_has_a_name_that_says_nothing() -> None:
    assert [path for path in SOURCES if path.stem in {"utils", "util", "helpers", "misc", "common"}] == []


def test_every_public_name_exists_and_is_documented() -> None:
    assert sorted(fumehood.__all__) == sorted(set(fumehood.__all__))
    for name in fumehood.__all__:
        assert getattr(fumehood, name).__doc__, name


@pytest.mark.parametrize(
    "name", ["README.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md", "LICENSE", "Makefile"]
)
def test_the_files_that_a_stranger_looks_for_are_there(name: str) -> None:
    assert (ROOT / name).stat().st_size > 200


def test_scripts_are_executable_and_parse() -> None:
    assert os.access(ROOT / ".ci" / "run", os.X_OK)
    for script in (".ci/run", ".ci/venv.sh", "tests/servers/install.sh"):
        subprocess.run(["sh", "-n", script], cwd=ROOT, check=True)


def test_make_explains_itself_without_installing_anything() -> None:
    said = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for target in ("run", "test", "check", "bench"):
        assert re.search(rf"^  make {target} +\S", said, re.MULTILINE)


def test_make_says_plainly_that_python_is_too_old(tmp_path: Path) -> None:
    (tmp_path / "Makefile").write_text((ROOT / "Makefile").read_text())
    (tmp_path / "pyproject.toml").touch()
    done = subprocess.run(
        ["make", "PYTHON=", "format"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        env={**os.environ, "MAKEFLAGS": ""},
    )
    assert done.returncode == 2
    assert "No Python of version 3.11" in done.stdout


def test_make_says_which_package_brings_venv_where_debian_left_it_out(tmp_path: Path) -> None:
    for name, script in {
        "python": 'case "$2" in *ensurepip*) exit 1;; *version_info*) echo python3.11;; esac',
        "id": "echo 1000",
    }.items():
        (tmp_path / name).write_text(f"#!/bin/sh\n{script}\n")
        (tmp_path / name).chmod(0o755)
    done = subprocess.run(
        ["sh", ROOT / ".ci" / "venv.sh", tmp_path / "python"],
        cwd=tmp_path,
        env={"PATH": f"{tmp_path}:/usr/bin:/bin"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 2
    assert done.stderr.endswith("comes without venv. Say: sudo apt-get install python3.11-venv\n")
    assert not (tmp_path / ".venv").exists()
