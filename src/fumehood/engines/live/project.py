"""What a project's files say without importing it: requirements, lock files, tracked secrets, where settings are set."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from fumehood.engines.live.facts import Project, Requirement
from fumehood.engines.live.ignored import is_ignored
from fumehood.findings import Location
from fumehood.findings.reading import TESTS
from fumehood.findings.suppressions import project_files

__all__ = ["read_project"]

_LOCKS = ("uv.lock", "poetry.lock", "Pipfile.lock", "pdm.lock", "pylock.toml")
_REQUIREMENTS = re.compile(r"requirements[\w.-]*\.txt$")
_SECRET_FILE = re.compile(
    r"(^|/)(\.env(\.(?!example$|sample$|template$|dist$|test$)[\w-]+)?|[\w.-]*\.(pem|key|p12|pfx|jks|keystore)|id_(rsa|dsa|ecdsa|ed25519)|"
    r"\.htpasswd|\.netrc|\.pgpass|credentials\.json|service[-_]account[\w-]*\.json)$"
)
_PYTHON_FILES = (".python-version", "runtime.txt")
_PYTHON = re.compile(r"(?:python-)?(\d+\.\d+)")
_FROM_PYTHON = re.compile(r"FROM\s+(?:--\S+\s+)*(?:\S+/)?python:(\d+\.\d+)", re.IGNORECASE)
_SETTING = re.compile(r"[A-Z][A-Z0-9]*(_[A-Z0-9]+)*")
_TOO_LARGE = 2_000_000  # bytes; a source file above this is data


def read_project(root: Path, exclude: Sequence[str] = (), *, places: bool = True) -> Project:
    """Read what the project's files say. Never fails: what cannot be read is left out.

    Parameters:
        places: also parse the source for where settings are set, which takes time and which only a live application's findings point to.
    """
    base = root if root.is_dir() else root.parent
    files = list(project_files(root, exclude))
    requirements: list[Requirement] = []
    settings: dict[str, list[Location]] = {}
    pythons: list[tuple[str, Location]] = []
    for path, file in files:
        name = path.rpartition("/")[2]
        if not TESTS.isdisjoint(path.split("/")[:-1]):
            continue  # what tests need is not what the application runs on
        if _REQUIREMENTS.search(path):
            requirements.extend(_requirements_file(Path(file), path))
        elif name in _PYTHON_FILES or name.startswith("Dockerfile"):
            pythons.extend(_pythons(Path(file), path))
        elif places and name.endswith(".py"):
            for key, place in _settings(Path(file), path):
                settings.setdefault(key, []).append(place)
    requires_python, declares = "", ""
    if (pyproject := base / "pyproject.toml").is_file() and root.is_dir():
        declared, requires_python, is_project = _pyproject(pyproject)
        requirements.extend(declared)
        declares = "pyproject.toml" if is_project else ""
    tracked = _tracked(base) if root.is_dir() else ()
    known = tracked if tracked is not None else [path for path, _ in files]
    return Project(
        root=str(base.resolve()),
        requirements=tuple(requirements),
        lock_files=tuple(name for name in _LOCKS if root.is_dir() and (base / name).is_file()),
        requires_python=requires_python,
        declares_python=declares,
        tracked=tracked,
        secret_files=tuple(
            path
            for path in known
            if _SECRET_FILE.search(path) and (tracked is not None or not is_ignored(base, path))
        ),
        settings={key: tuple(places) for key, places in settings.items()},
        pythons=tuple(pythons),
    )


def _requirements_file(file: Path, path: str) -> Iterator[Requirement]:
    try:
        lines = file.read_text("utf-8-sig", errors="replace").splitlines()
    except OSError:
        return
    for number, line in enumerate(lines, 1):
        text = re.sub(r"(^|\s)#.*", "", line)
        text = re.sub(r"\s--hash=\S+|\s*\\$", "", text).strip()
        if not text or text.startswith("-"):
            continue
        requirement = _requirement(text, Location(path, number, code=line.strip()))
        if requirement:
            yield requirement


def _requirement(text: str, location: Location) -> Requirement | None:
    from packaging.requirements import InvalidRequirement
    from packaging.requirements import Requirement as Parsed
    from packaging.utils import canonicalize_name

    try:
        parsed = Parsed(text)
    except InvalidRequirement:
        return None
    exact = [
        item.version
        for item in parsed.specifier
        if item.operator in {"==", "==="} and not item.version.endswith(".*")
    ]
    pin = exact[0] if exact else ("url" if parsed.url else "")
    return Requirement(
        canonicalize_name(parsed.name), str(parsed.specifier) or (parsed.url or ""), location, pin
    )


def _pyproject(file: Path) -> tuple[list[Requirement], str, bool]:
    try:
        text = file.read_text("utf-8")
        project: dict[str, Any] = tomllib.loads(text).get("project") or {}
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError):
        return [], "", False
    lines = text.splitlines()
    found = []
    for item in project.get("dependencies", ()):
        number = next(
            (
                index
                for index, line in enumerate(lines, 1)
                if str(item) in line.replace("'", '"') or str(item) in line
            ),
            1,
        )
        if requirement := _requirement(str(item), Location("pyproject.toml", number, code=str(item))):
            found.append(requirement)
    return found, str(project.get("requires-python", "")), bool(project)


def _pythons(file: Path, path: str) -> Iterator[tuple[str, Location]]:
    try:
        lines = file.read_text("utf-8", errors="replace").splitlines()
    except OSError:
        return
    pattern = _FROM_PYTHON if file.name.startswith("Dockerfile") else _PYTHON
    for number, line in enumerate(lines, 1):
        if found := pattern.match(line.strip()):
            yield found[1], Location(path, number, code=line.strip())


def _tracked(base: Path) -> tuple[str, ...] | None:
    """The files under version control; None when there is none, or it cannot be asked."""
    if not any((place / ".git").exists() for place in (base, *base.resolve().parents)):
        return None
    import subprocess

    try:
        listed = subprocess.run(  # noqa: S603 - a fixed command, no shell
            ["git", "-C", str(base), "ls-files", "-z"],  # noqa: S607
            capture_output=True,
            timeout=20,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return tuple(name for name in listed.stdout.decode("utf-8", "replace").split("\0") if name)


def _settings(file: Path, path: str) -> Iterator[tuple[str, Location]]:
    """Where configuration keys are set: ``config["X"] =``, ``X =`` at the top of a module or class, ``X=`` in a call, ``{"X": ...}``."""
    try:
        if file.stat().st_size > _TOO_LARGE:
            return
        source = file.read_text("utf-8", errors="replace")
        tree = ast.parse(source)
    except (OSError, SyntaxError, ValueError, RecursionError, MemoryError):
        return
    lines = source.splitlines()
    for node in ast.walk(tree):
        for key, line in _keys(node):
            if _SETTING.fullmatch(key):
                yield key, Location(path, line, code=lines[line - 1].strip() if line <= len(lines) else "")


def _keys(node: ast.AST) -> Iterator[tuple[str, int]]:
    if isinstance(node, ast.Assign | ast.AnnAssign):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        for target in targets:
            if isinstance(target, ast.Name):
                yield target.id, node.lineno
            elif isinstance(target, ast.Attribute):
                yield target.attr.upper(), node.lineno  # app.secret_key = ..., app.debug = ...
            elif isinstance(target, ast.Subscript) and isinstance(target.slice, ast.Constant):
                yield str(target.slice.value), node.lineno
    elif isinstance(node, ast.keyword) and node.arg:
        yield node.arg, node.value.lineno
    elif isinstance(node, ast.Dict):
        for key in node.keys:
            if isinstance(key, ast.Constant) and isinstance(key.value, str):
                yield key.value, key.lineno
