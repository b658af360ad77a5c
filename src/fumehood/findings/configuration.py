"""``[tool.fumehood]`` in ``pyproject.toml``: what the audit of a project is told once."""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from fumehood.findings.model import Certainty, Severity

__all__ = ["AuditConfiguration", "Ignore", "WrongConfiguration"]


class WrongConfiguration(Exception):
    """``[tool.fumehood]`` is wrong. The message names every key that is, and what it must be."""


@dataclass(frozen=True, slots=True)
class Ignore:
    """One ``[[tool.fumehood.ignore]]``: a rule that is accepted, with the reason; by route or file, or everywhere."""

    rule: str
    reason: str
    route: str = ""
    path: str = ""
    until: date | None = None


@dataclass(frozen=True, slots=True)
class AuditConfiguration:
    """What ``[tool.fumehood]`` says.

    Parameters:
        app: the application, as for ``--app``.
        exclude: globs of files that are not read, relative to the root.
        fail_on: the severity from which the exit status is 1.
        min_severity: the severity from which a finding is shown.
        min_certainty: the certainty from which a finding is shown.
        baseline: the baseline's file, relative to the root.
        per_file_ignores: globs of files, each with the rules that do not count there.
        ignore: accepted findings.
        sanitizers: the project's own sanitisers, by qualified name, for the code engine.
    """

    app: str = ""
    exclude: tuple[str, ...] = ()
    fail_on: Severity = Severity.LOW
    min_severity: Severity = Severity.INFO
    min_certainty: Certainty = Certainty.SUSPECTED
    baseline: str = ""
    per_file_ignores: dict[str, tuple[str, ...]] = field(default_factory=dict)
    ignore: tuple[Ignore, ...] = ()
    sanitizers: dict[str, tuple[str, ...]] = field(default_factory=dict)

    @classmethod
    def load(cls, root: Path) -> AuditConfiguration:
        """Read the ``pyproject.toml`` in the root or the nearest folder above it.

        Raises:
            WrongConfiguration: for a file that is not TOML, an unknown key, or a value of the wrong type.
        """
        folder = root if root.is_dir() else root.parent
        for place in (folder, *folder.resolve().parents):
            if (file := place / "pyproject.toml").is_file():
                return cls.read(file)
            if (place / ".git").exists():
                break
        return cls()

    @classmethod
    def read(cls, file: Path) -> AuditConfiguration:
        try:
            tools = tomllib.loads(file.read_text("utf-8")).get("tool", {})
        except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
            raise WrongConfiguration(f"{file} cannot be read: {error}") from None
        table = tools.get("fumehood", {}) if isinstance(tools, Mapping) else tools
        if not isinstance(table, Mapping):
            raise WrongConfiguration(f"[tool.fumehood] in {file} must be a table")
        wrong: list[str] = []
        values: dict[str, Any] = {}
        for key, value in table.items():
            if key not in _PARSERS:
                near = difflib.get_close_matches(key, _PARSERS, n=1)
                wrong.append(
                    f"{key} is not a key"
                    + (f"; did you mean {near[0]}?" if near else f"; there are {', '.join(_PARSERS)}")
                )
                continue
            try:
                values[key.replace("-", "_")] = _PARSERS[key](value)
            except (ValueError, TypeError, AttributeError) as must_be:
                wrong.append(f"{key} must be {must_be}")
        if wrong:
            raise WrongConfiguration(
                f"[tool.fumehood] in {file}:\n" + "\n".join(f"  - {line}" for line in wrong)
            )
        return cls(**values)


def severity(value: Any) -> Severity:
    """Parse a severity's name."""
    names = {item.label: item for item in Severity}
    if value not in names:
        raise ValueError("one of " + ", ".join(names))
    return names[value]


CERTAINTIES = {item.name.lower(): item for item in Certainty}


def certainty(value: Any) -> Certainty:
    """Parse a certainty's name: suspected, read, seen or confirmed."""
    if value not in CERTAINTIES:
        raise ValueError("one of " + ", ".join(CERTAINTIES))
    return CERTAINTIES[value]


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError("a string")
    return value


def _texts(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise ValueError("a list of strings")
    return tuple(value)


def _table(value: Any) -> dict[str, tuple[str, ...]]:
    if not isinstance(value, Mapping):
        raise ValueError("a table of lists")
    return {key: _texts(item) for key, item in value.items()}


def _ignores(value: Any) -> tuple[Ignore, ...]:
    if not isinstance(value, list) or not all(isinstance(item, Mapping) for item in value):
        raise ValueError("tables: [[tool.fumehood.ignore]]")
    ignores = []
    for item in value:
        if unknown := set(item) - {"rule", "reason", "route", "path", "until"}:
            raise ValueError(
                f"tables of rule, reason, route, path and until, not {', '.join(sorted(unknown))}"
            )
        if not item.get("rule") or not str(item.get("reason", "")).strip():
            raise ValueError("tables that each have a rule and a reason")
        until = item.get("until")
        if until is not None and not isinstance(until, date):
            raise ValueError("tables whose until is a date, as in until = 2027-01-31")
        ignores.append(Ignore(**{**item, "until": until}))
    return tuple(ignores)


_PARSERS: dict[str, Any] = {
    "app": _text,
    "exclude": _texts,
    "fail-on": severity,
    "min-severity": severity,
    "min-certainty": certainty,
    "baseline": _text,
    "per-file-ignores": _table,
    "ignore": _ignores,
    "sanitizers": _table,
}
