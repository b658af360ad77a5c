"""What a project pins: read from its lock files and requirements, without installing or resolving anything."""

from __future__ import annotations

import json
import os
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from fumehood.engines.advisories.packages import Package

__all__ = ["LOCK_FILES", "Loose", "Pins", "pinned"]

LOCK_FILES = ("uv.lock", "poetry.lock", "pdm.lock", "Pipfile.lock", "pylock.toml")
_REQUIREMENTS = re.compile(
    r"^((requirements|constraints)[\w.-]*|[\w.-]+[._-](requirements|constraints))\.txt$"
)
_LOCK_OF_PEP_751 = re.compile(r"^pylock\.([^.]+\.)?toml$")
_LARGEST = 20 * 1024 * 1024
_INCLUDE = re.compile(r"^(?:-r|--requirement|-c|--constraint)[\s=]+(\S+)")
_OWN_SOURCES = {"editable", "virtual", "directory"}


@dataclass(frozen=True, slots=True)
class Loose:
    """A requirement that names no single version: what is installed next year may be another."""

    name: str
    requirement: str
    path: str
    line: int


@dataclass(slots=True)
class Pins:
    """What was read.

    Parameters:
        packages: packages at exact versions.
        loose: requirements without one.
        files: the files read, relative to the project.
        problems: (file, why) of those that could not be read.
        python: the project's ``requires-python``, "" when it does not say.
        locked: whether a lock file or a requirements file without loose requirements pins what is deployed.
    """

    packages: list[Package] = field(default_factory=list)
    loose: list[Loose] = field(default_factory=list)
    files: list[str] = field(default_factory=list)
    problems: list[tuple[str, str]] = field(default_factory=list)
    python: str = ""

    @property
    def locked(self) -> bool:
        if any(
            Path(name).name in LOCK_FILES or _LOCK_OF_PEP_751.match(Path(name).name) for name in self.files
        ):
            return True
        return bool(self.packages) and not any(one.path.endswith(".txt") for one in self.loose)


def pinned(path: Path) -> Pins:
    """Read what a project pins.

    Parameters:
        path: its folder, or one requirements, lock or pyproject file.

    Raises:
        FileNotFoundError: if there is no such file or folder.
    """
    if not path.exists():
        raise FileNotFoundError(path)
    root = path if path.is_dir() else path.parent
    pins = Pins()
    for file in _known_files(path) if path.is_dir() else [path]:
        _read(file, root, pins)
    pins.packages = sorted(dict.fromkeys(pins.packages))
    return pins


def _known_files(root: Path) -> Iterator[Path]:
    for folder in (root, root / "requirements"):
        if not folder.is_dir():
            continue
        for name in sorted(os.listdir(folder)):  # noqa: PTH208 - thousands of files, of which a few count
            if (
                name in LOCK_FILES
                or name == "pyproject.toml"
                or _LOCK_OF_PEP_751.match(name)
                or _REQUIREMENTS.match(name)
                or (folder != root and name.endswith(".txt"))
            ) and (folder / name).is_file():
                yield folder / name


def _read(file: Path, root: Path, pins: Pins) -> None:
    shown = _shown(file, root)
    if shown in pins.files:
        return
    try:
        if file.stat().st_size > _LARGEST:
            raise ValueError("it is larger than 20 MB")
        text = file.read_text("utf-8-sig")
    except (OSError, ValueError) as error:
        pins.problems.append((shown, getattr(error, "strerror", None) or str(error)))
        return
    pins.files.append(shown)
    try:
        if file.name == "pyproject.toml":
            _pyproject(text, shown, pins)
        elif file.name == "Pipfile.lock":
            _pipfile_lock(text, shown, pins)
        elif file.suffix in {".lock", ".toml"}:
            _toml_lock(text, shown, pins)
        else:
            _requirements(text, file, root, pins)
    except (ValueError, TypeError, AttributeError, LookupError, RecursionError) as error:
        pins.problems.append((shown, f"it cannot be understood: {error}"))


def _requirements(text: str, file: Path, root: Path, pins: Pins) -> None:
    shown = _shown(file, root)
    for line, content in _logical_lines(text):
        if include := _INCLUDE.match(content):
            if "://" not in include[1]:
                _read(file.parent / include[1], root, pins)
            continue
        if content.startswith("-"):
            if content.startswith(("-e", "--editable")):
                pins.loose.append(Loose("", content, shown, line))
            continue
        # Options of one requirement, hashes above all, are pip's and not PEP 508's.
        requirement = re.split(r"\s--?\w", content, maxsplit=1)[0].strip()
        if not _requirement(requirement, shown, line, pins):
            pins.loose.append(Loose("", requirement, shown, line))


def _logical_lines(text: str) -> Iterator[tuple[int, str]]:
    """Yield (line, content) without comments, with continued lines joined."""
    joined, start = "", 0
    for number, line in enumerate(text.splitlines(), 1):
        line = re.sub(r"(^|\s)#.*$", "", line).rstrip()
        start = start or number
        if line.endswith("\\"):
            joined += line[:-1] + " "
            continue
        if whole := (joined + line).strip():
            yield start, whole
        joined, start = "", 0
    if joined.strip():
        yield start, joined.strip()


def _requirement(text: str, shown: str, line: int, pins: Pins) -> bool:
    """Note one PEP 508 requirement; return whether it is one."""
    from packaging.requirements import InvalidRequirement, Requirement

    try:
        requirement = Requirement(text)
    except InvalidRequirement:
        return False
    name = _normal(requirement.name)
    exact = [
        one.version
        for one in requirement.specifier
        if one.operator in {"==", "==="} and not one.version.endswith(".*")
    ]
    if exact:
        pins.packages.append(Package(name, exact[0], shown, line))
    else:
        pins.loose.append(Loose(name, text, shown, line))
    return True


def _pyproject(text: str, shown: str, pins: Pins) -> None:
    content = tomllib.loads(text)
    lines = text.splitlines()
    project = content.get("project", {})
    pins.python = pins.python or str(project.get("requires-python", ""))
    groups: list[Any] = [project.get("dependencies", [])]
    groups += list(project.get("optional-dependencies", {}).values())
    groups += list(content.get("dependency-groups", {}).values())
    for group in groups:
        for requirement in group:
            # A table in a group includes another group, which is read by itself.
            if isinstance(requirement, str):
                _requirement(requirement, shown, _line_of(lines, requirement), pins)
    poetry = content.get("tool", {}).get("poetry", {})
    tables = [poetry.get("dependencies", {}), poetry.get("dev-dependencies", {})]
    tables += [group.get("dependencies", {}) for group in poetry.get("group", {}).values()]
    for table in tables:
        for name, wanted in table.items():
            _poetry(str(name), wanted, shown, _line_of(lines, str(name)), pins)


def _poetry(name: str, wanted: Any, shown: str, line: int, pins: Pins) -> None:
    version = str(wanted.get("version", "*") if isinstance(wanted, Mapping) else wanted)
    if name.lower() == "python":
        pins.python = pins.python or version
    elif re.fullmatch(r"(===?\s*)?\d[\w.!+]*", version):
        pins.packages.append(Package(_normal(name), version.lstrip("= "), shown, line))
    else:
        pins.loose.append(Loose(_normal(name), f"{name} {version}", shown, line))


def _toml_lock(text: str, shown: str, pins: Pins) -> None:
    content = tomllib.loads(text)
    lines = {
        match[1]: number
        for number, line in enumerate(text.splitlines(), 1)
        if (match := re.match(r'name = "([^"]+)"', line))
    }
    for row in [*content.get("package", []), *content.get("packages", [])]:
        source = row.get("source")
        own = isinstance(source, Mapping) and _OWN_SOURCES & source.keys()
        # PEP 751 and uv leave out the version of what is built from a folder: the project itself.
        if not own and "directory" not in row and row.get("version"):
            name = str(row["name"])
            pins.packages.append(Package(_normal(name), str(row["version"]), shown, lines.get(name, 0)))


def _pipfile_lock(text: str, shown: str, pins: Pins) -> None:
    content = json.loads(text)
    lines = text.splitlines()
    for section, rows in content.items():
        if section == "_meta" or not isinstance(rows, Mapping):
            continue
        for name, row in rows.items():
            version = str(row.get("version", ""))
            line = _line_of(lines, f'"{name}"')
            if version.startswith("=="):
                pins.packages.append(Package(_normal(name), version.lstrip("="), shown, line))
            else:
                pins.loose.append(Loose(_normal(name), f"{name} {version}".strip(), shown, line))


def _normal(name: str) -> str:
    from packaging.utils import canonicalize_name

    return canonicalize_name(name)


def _line_of(lines: list[str], text: str) -> int:
    return next((number for number, line in enumerate(lines, 1) if text in line), 0)


def _shown(file: Path, root: Path) -> str:
    try:
        return file.resolve().relative_to(root.resolve()).as_posix()
    except ValueError:
        return str(file)
