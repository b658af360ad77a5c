"""What an attack is given, and what it gives back."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from fumehood.engines.attack.people import Account
from fumehood.engines.attack.servers import new_name
from fumehood.findings import Finding, NotCovered, Unknown

__all__ = ["AttackOptions", "Attacked"]


@dataclass(frozen=True, slots=True)
class AttackOptions:
    """Bounds of an attack, for each phase.

    Parameters:
        requests: at most so many.
        seconds: for a whole phase.
        each: seconds for one request.
        people: accounts of the application that may be used.
        database: what the names of the attack's own databases on a server begin with.
    """

    requests: int = 50_000
    seconds: float = 600.0
    each: float = 5.0
    people: tuple[Account, ...] = ()
    database: str = field(default_factory=new_name)


@dataclass(slots=True)
class Attacked:
    """What an attack proved, and what it could not try."""

    findings: list[Finding] = field(default_factory=list)
    unknowns: list[Unknown] = field(default_factory=list)
    not_covered: list[NotCovered] = field(default_factory=list)
    people: list[str] = field(default_factory=list)
    access: dict[str, dict[str, bool]] = field(default_factory=dict)
    refused: list[str] = field(default_factory=list)
    requests: int = 0
    routes: int = 0
    timings: dict[str, float] = field(default_factory=dict)
    prepared: list[str] = field(default_factory=list)
    survey: dict[str, Any] = field(default_factory=dict)

    def add(self, part: Attacked) -> None:
        """Take over what another phase found; what two shares of one phase found at the same place is one finding."""
        seen = {_place(finding) for finding in self.findings}
        self.findings += [finding for finding in part.findings if _place(finding) not in seen]
        self.unknowns += part.unknowns
        self.not_covered += [item for item in part.not_covered if item not in self.not_covered]
        self.refused = sorted({*self.refused, *part.refused})
        self.requests += part.requests
        self.access = self.access or part.access
        self.timings.update(part.timings)


def _place(finding: Finding) -> tuple[str, ...]:
    where = finding.location
    if where is None or finding.parameter == "":
        return finding.rule, finding.route, finding.parameter
    return finding.rule, where.path, str(where.line), finding.message.partition(" changes what ")[2]
