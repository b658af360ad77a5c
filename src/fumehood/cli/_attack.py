"""What ``fumehood audit --attack`` asks, and what it is told: consent, people, and the map of who may come where."""

from __future__ import annotations

import sys
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from fumehood.audit import AuditError
from fumehood.private_files import replace_whole

if TYPE_CHECKING:
    from fumehood.engines.attack.run import AttackOptions
    from fumehood.findings import Finding

__all__ = ["attack_options", "compare_access", "write_tests"]

_WARNING = """\
fumehood will import {target} in a child process and send it some thousand requests that try to break in.
It works on a copy of {path} in a temporary folder, with copies of the SQLite databases that it opens. Writes elsewhere,
network connections, other processes and signals are refused while it runs, and the copy is deleted afterwards.
If it connects to PostgreSQL or MySQL through SQLAlchemy, databases {database}_1, _2, ... are made on that server, with
its own credentials, in place of the one it names, and dropped afterwards.
The refusal is made by Python itself: native code of the application's own is not held back by it."""


def attack_options(path: Path, target: str, people: Path | None, *, yes: bool) -> AttackOptions:
    """Say what an attack does, ask, and return its options.

    Raises:
        AuditError: when nobody can be asked, the answer is no, or the file of people is wrong.
    """
    from fumehood.engines.attack.run import AttackOptions

    if not target:
        raise AuditError("an attack needs to know the application: --app MODULE[:ATTR]")
    accounts = _accounts(people) if people else ()
    options = AttackOptions(people=accounts)
    click.echo(_WARNING.format(target=target, path=path.resolve(), database=options.database), err=True)
    if not yes:
        if not sys.stdin.isatty():
            raise AuditError("an attack needs a yes; without a terminal that is --yes")
        if not click.confirm("Attack the copy?", err=True):
            raise AuditError("not attacked")
    return options


def _accounts(file: Path) -> tuple[Any, ...]:
    from fumehood.engines.attack.people import Account

    given = _read(file).get("person", [])
    accounts = []
    for item in given if isinstance(given, list) else []:
        if not isinstance(item, dict):
            raise AuditError(f"{file}: people are tables, written [[person]]")
        unknown = sorted(set(item) - {"name", "user", "email", "password", "role"})
        if unknown or not item.get("password") or not (item.get("user") or item.get("email")):
            known = f", not {', '.join(unknown)}" if unknown else ""
            raise AuditError(
                f"{file}: each [[person]] needs user or email, and password; name and role may be given too{known}"
            )
        user, email = str(item.get("user") or item["email"]), str(item.get("email") or item["user"])
        accounts.append(
            Account(
                str(item.get("name", user)), user, email, str(item["password"]), str(item.get("role", ""))
            )
        )
    names = [account.name for account in accounts]
    if twice := next((name for name in names if names.count(name) > 1), ""):
        raise AuditError(f"{file}: two people are called {twice}; give each a name of their own")
    if not accounts:
        raise AuditError(f"{file} names nobody: write [[person]] tables with user and password")
    return tuple(accounts)


def compare_access(file: Path, found: Mapping[str, Mapping[str, bool]], *, write: bool) -> tuple[str, ...]:
    """Write the map of who was let in, or say where it is more open than the file.

    Parameters:
        file: ``access.toml``: a table a route, a key a person ("nobody" is who is not signed in), true where they were let in.
        found: the map of this run.
        write: write the file instead of comparing.

    Raises:
        AuditError: when the file cannot be read or written.
    """
    if write:
        lines = ["# Who is let in where, as `fumehood audit --attack` found it. true: let in.\n"]
        for route, people in sorted(found.items()):
            lines += [
                f'\n["{_quoted(route)}"]\n',
                *(f'"{_quoted(name)}" = {str(let_in).lower()}\n' for name, let_in in people.items()),
            ]
        _write(file, "".join(lines))
        return ()
    allowed = _read(file)
    opened = []
    for route, people in sorted(found.items()):
        for name, let_in in people.items():
            if let_in and not (isinstance(allowed.get(route), dict) and allowed[route].get(name) is True):
                new = "" if route in allowed else ", and is not in the file"
                opened.append(f"more open than {file.name}: {route} lets {name} in{new}")
    return tuple(opened)


def write_tests(file: Path, findings: Iterable[Finding]) -> int:
    """Write the tests that findings come with, as one module of pytest. Returns how many there are.

    Raises:
        AuditError: when the file cannot be written.
    """
    written: list[str] = []
    names: set[str] = set()
    for finding in findings:
        for test in (item.text for item in finding.evidence if item.kind == "test"):
            name = found = test.partition("(")[0].removeprefix("def ")
            while name in names:
                name = f"{found}_{len(names) + 1}"
            names.add(name)
            head = f"# {finding.rule} {finding.message}".replace("\n", " ").replace("\r", " ")
            written.append(f"{head}\n{test.replace(f'def {found}(', f'def {name}(', 1)}")
    text = (
        '"""What fumehood proved by attack. Each test fails until its flaw is mended; they take the usual ``client`` fixture."""\n\n\n'
        + "\n\n".join(written)
    )
    _write(file, text)
    return len(written)


def _write(file: Path, text: str) -> None:
    try:
        replace_whole(file, text.encode(), 0o644)
    except OSError as error:
        raise AuditError(f"{file} cannot be written: {error.strerror}") from None


def _quoted(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')


def _read(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text("utf-8"))
    except OSError as error:
        raise AuditError(
            f"{file} cannot be read: {error.strerror}; --write-access makes an access map"
        ) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise AuditError(f"{file} is not TOML: {error}") from None
