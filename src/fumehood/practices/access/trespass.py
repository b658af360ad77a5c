"""Tells, as findings, of one person's things that another person, or nobody, could read or change."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from fumehood.engines.attack.ownership import changed_by, read_by
from fumehood.engines.attack.proof import prove
from fumehood.findings import Certainty, Finding, Rule

if TYPE_CHECKING:
    from fumehood.engines.attack.ground import Ground

__all__ = ["trespasses"]


def trespasses(rule: Rule, ground: Ground, owner: str, other: str) -> Iterator[Finding]:
    """Yield a finding for each route that lets ``other`` at what is ``owner``'s.

    Parameters:
        rule: the rule whose findings they are.
        ground: the application.
        owner: whose things are asked for.
        other: who asks; "" is nobody.
    """
    who = "somebody else who is signed in" if other else "nobody who is signed in"
    for verb, ways in (("reads", read_by), ("changes", changed_by)):
        for taken in ways(ground, owner, other):
            yield rule.finding(
                f"{who} {verb} another person's things through {taken.parameter!r}",
                certainty=Certainty.CONFIRMED,
                location=ground.location(taken.entry),
                route=str(taken.entry),
                parameter=taken.parameter,
                evidence=prove(taken.answer, taken.shown),
                fix=getattr(rule, "fix", ""),
            )
