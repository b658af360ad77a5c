"""A finding and its parts. Immutable, comparable, without behaviour that needs an engine."""

from __future__ import annotations

import enum
from dataclasses import dataclass, field
from typing import Any

__all__ = ["Certainty", "Evidence", "Finding", "Location", "NotCovered", "Severity", "Step", "Unknown"]


class Severity(enum.IntEnum):
    """How much harm the flaw does when it is used. Ordered: ``Severity.HIGH > Severity.LOW``."""

    INFO = 0
    LOW = 1
    MEDIUM = 2
    HIGH = 3
    CRITICAL = 4

    @property
    def label(self) -> str:
        return self.name.lower()


class Certainty(enum.IntEnum):
    """How the flaw was shown. Ordered from the weakest to the strongest proof."""

    SUSPECTED = 0  # read in code, with a part of the way not followed
    READ = 1  # read in code, followed from source to sink
    SEEN = 2  # seen live: a setting, a header, a route of the imported app
    CONFIRMED = 3  # confirmed by attack

    @property
    def label(self) -> str:
        return ("suspected in code", "read in code", "seen live", "confirmed by attack")[self]


@dataclass(frozen=True, slots=True)
class Location:
    """A place in a file. ``path`` is relative to the audited root, with ``/``; lines and columns count from 1."""

    path: str
    line: int = 1
    column: int = 1
    end_line: int = 0
    end_column: int = 0
    code: str = ""  # the source line, stripped
    scope: str = ""  # qualified name of the enclosing function or class, "" at module level

    def __str__(self) -> str:
        return f"{self.path}:{self.line}"


@dataclass(frozen=True, slots=True)
class Step:
    """One step on the way from source to sink: a place and what happens there."""

    location: Location
    message: str


@dataclass(frozen=True, slots=True)
class Evidence:
    """What was seen. ``kind`` is "setting", "header", "route", "request", "response", "advisory", "file" or "code"."""

    kind: str
    text: str
    data: dict[str, Any] = field(default_factory=dict, hash=False)


@dataclass(frozen=True, slots=True)
class Finding:
    """One flaw, in one place.

    Parameters:
        rule: the rule's id, as in ``FH801``.
        message: one sentence: what is wrong here, naming the thing.
        severity: how bad; usually the rule's own.
        certainty: how it was shown.
        location: the place in the source where it is to be mended, when known.
        route: ``"POST /notes/<int:id>"`` when the flaw belongs to a route.
        parameter: the request's parameter that carries the attack, when there is one.
        trace: the path from source to sink.
        evidence: what was seen.
        fix: one sentence: what to do.
    """

    rule: str
    message: str
    severity: Severity
    certainty: Certainty
    location: Location | None = None
    route: str = ""
    parameter: str = ""
    trace: tuple[Step, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    fix: str = ""


@dataclass(frozen=True, slots=True)
class Unknown:
    """A rule's answer "cannot tell", with the reason. Never the same as "holds"."""

    rule: str
    why: str


@dataclass(frozen=True, slots=True)
class NotCovered:
    """Something that an engine could not look at: a file not parsed, a route not reached, a call not resolved."""

    what: str  # "file", "template", "route", "import", "advisories"
    where: str
    why: str
    fatal: bool = False  # counts in the exit status: the audit is not whole
