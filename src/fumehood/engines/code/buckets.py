"""What was seen in the code of one unit, and under one entry."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from fumehood.engines.code.checks import (
    Route,
)
from fumehood.engines.code.literals import Literal
from fumehood.engines.code.outlines import Outline
from fumehood.findings import Finding, Location

__all__ = ["Bucket", "Seen", "keep"]


def keep(findings: dict[Any, Finding], key: Any, finding: Finding) -> None:
    """Keep the strongest of the findings of one rule at one place; among equals always the same, whichever was seen first."""
    known = findings.get(key)
    if known is None or _strength(finding) < _strength(known):
        findings[key] = finding


def _strength(finding: Finding) -> tuple[Any, ...]:
    return (
        -finding.certainty,
        not finding.route,
        -finding.severity,
        finding.message,
        finding.route,
        [(step.location.path, step.location.line, step.message) for step in finding.trace],
    )


@dataclass(slots=True)
class Bucket:
    """What was seen on behalf of one file."""

    findings: dict[Any, Finding] = field(default_factory=dict)
    routes: list[Route] = field(default_factory=list)
    settings: dict[str, list[tuple[Any, Location]]] = field(default_factory=dict)
    calls: dict[str, set[tuple[str, int, int, str]]] = field(default_factory=dict)
    imports: set[str] = field(default_factory=set)
    literals: tuple[Literal, ...] = ()
    outlines: tuple[Outline, ...] = ()
    mounts: list[tuple[str, str | None, str, str, str]] = field(default_factory=list)
    classes: list[tuple[str, tuple[str, ...]]] = field(default_factory=list)


@dataclass(eq=False, slots=True)
class Seen:
    """What was seen while an entry was interpreted."""

    calls: set[str] = field(default_factory=set)
    reads: set[str] = field(default_factory=set)
    writes: set[str] = field(default_factory=set)
    sinks: set[str] = field(default_factory=set)
    strings: set[str] = field(default_factory=set)
    names: set[str] = field(default_factory=set)
    templates: set[str] = field(default_factory=set)
    objects: set[str] = field(default_factory=set)
    functions: set[int] = field(default_factory=set)

    def take(self, other: Seen) -> None:
        """Add what was seen in a part of it."""
        for name in self.__slots__:
            getattr(self, name).update(getattr(other, name))
