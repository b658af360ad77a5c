"""What an audit says: the verdicts, the findings, and all that could not be looked at."""

from __future__ import annotations

import enum
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from fumehood.findings import Finding, NotCovered, Practice, Rule, Severity, Unknown
from fumehood.findings.suppressions import Suppressed

if TYPE_CHECKING:
    from fumehood.practices.https.observatory import Scorecard

__all__ = ["AccessMap", "Address", "AuditError", "AuditResult", "Verdict", "VerdictKind", "severity_counts"]

AccessMap = dict[str, dict[str, bool]]


class AuditError(Exception):
    """The audit cannot be made. The message says what, where and what to do."""


@dataclass(frozen=True, slots=True)
class Address:
    """A site to look at, at a live address.

    Parameters:
        url: its address.
        probe: whether its parameters may be probed; else it is only asked for its pages.
    """

    url: str
    probe: bool = False


class VerdictKind(enum.Enum):
    HOLDS = "holds"
    FAILS = "does not hold"
    UNKNOWN = "cannot tell"


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether one practice holds. ``why`` says what stood in the way of telling; ``looked`` counts the rules that judged."""

    practice: Practice
    kind: VerdictKind
    findings: int = 0
    looked: int = 0
    why: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class AuditResult:
    """All that one audit found, and all that it could not look at."""

    root: Path
    target: str
    engines: tuple[str, ...]
    rules: tuple[Rule, ...]
    findings: tuple[Finding, ...]
    verdicts: tuple[Verdict, ...]
    unknowns: tuple[Unknown, ...] = ()
    not_covered: tuple[NotCovered, ...] = ()
    suppressed: tuple[Suppressed, ...] = ()
    known: tuple[Finding, ...] = ()  # in the baseline: not counted
    notes: tuple[str, ...] = ()  # suppressions that are stale, expired or without a reason
    timings: dict[str, float] = field(default_factory=dict)  # seconds, by engine and phase
    access: AccessMap = field(
        default_factory=dict
    )  # who was let in, by route and person; from the attack engine
    scorecard: Scorecard | None = None  # MDN's Observatory, of a site at a live address

    @property
    def subject(self) -> str:
        """What was audited, for a title: the project's name, or the site's address."""
        return self.target if "address" in self.engines else self.root.resolve().name

    @property
    def conclusion(self) -> str:
        """What the verdicts come to, in one sentence. Reading alone can show that a practice fails, hardly that it holds."""
        held, broken, untold = (
            sum(verdict.kind is kind for verdict in self.verdicts)
            for kind in (VerdictKind.HOLDS, VerdictKind.FAILS, VerdictKind.UNKNOWN)
        )
        if not untold or "code" not in self.engines or "live" in self.engines:
            return f"{held} of {len(self.verdicts)} practices hold"
        told = (
            [f"{broken} of {len(self.verdicts)} practices {'does' if broken == 1 else 'do'} not hold"]
            if broken
            else []
        )
        told += [f"{held} {'holds' if held == 1 else 'hold'}"] if held else []
        rest = f"othing was found against the {f'other {untold}' if told else f'{untold} practices'}, and --app can tell whether they hold"
        return f"{', '.join(told)}; n{rest}" if told else f"N{rest}"

    def rule(self, rule_id: str) -> Rule:
        return next(rule for rule in self.rules if rule.id == rule_id)


def severity_counts(findings: Iterable[Finding]) -> Mapping[Severity, int]:
    """Count findings by severity, the worst first."""
    counts = dict.fromkeys(sorted(Severity, reverse=True), 0)
    for finding in findings:
        counts[finding.severity] += 1
    return counts
