"""Tells, as findings, of one person's things that another person, or nobody, could read or change."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from fumehood.engines.attack.assign import assigned
from fumehood.engines.attack.exposed import emptied, shown
from fumehood.engines.attack.ownership import Taken, changed_by, owners, read_by
from fumehood.engines.attack.proof import REFUSED, prove
from fumehood.findings import Certainty, Finding, Rule

if TYPE_CHECKING:
    from fumehood.engines.attack.ground import Ground

__all__ = ["exposures", "foreign_names", "removals", "trespasses"]


def trespasses(rule: Rule, ground: Ground, other: str) -> Iterator[Finding]:
    """Yield a finding for each route that lets ``other`` at what is somebody else's.

    Parameters:
        rule: the rule whose findings they are.
        ground: the application.
        other: who asks; "" is nobody.
    """
    told: set[tuple[str, str]] = set()
    who = "somebody else who is signed in" if other else "nobody who is signed in"
    for owner in owners(ground, other):
        for verb, ways in (("reads", read_by), ("changes", changed_by)):
            for taken in ways(ground, owner, other):
                if (verb, str(taken.entry)) not in told:
                    told.add((verb, str(taken.entry)))
                    yield _finding(
                        rule,
                        ground,
                        taken,
                        f"{who} {verb} another person's things {_where(taken)}",
                        # What somebody else changes, no single answer shows.
                        REFUSED if verb == "reads" else "",
                    )


def _where(taken: Taken) -> str:
    return (
        f"through {taken.parameter!r}"
        if taken.parameter
        else "on a page whose address says that it is not for everybody"
    )


def exposures(rule: Rule, ground: Ground) -> Iterator[Finding]:
    """Yield a finding for each route that shows people's secrets to whoever asks."""
    for taken in shown(ground):
        yield _finding(
            rule, ground, taken, "nobody who is signed in is shown what belongs to people", REFUSED
        )


def foreign_names(rule: Rule, ground: Ground) -> Iterator[Finding]:
    """Yield a finding for each route by which one person makes things in another's name."""
    for item in assigned(ground):
        taken = Taken(item.entry, item.field, item.answer, "", item.shown)
        yield _finding(
            rule, ground, taken, f"somebody makes things in another person's name through {item.field!r}"
        )


def removals(rule: Rule, ground: Ground) -> Iterator[Finding]:
    """Yield a finding for each route that takes people's accounts away for whoever asks. Afterwards they are gone."""
    for taken in emptied(ground):
        yield _finding(rule, ground, taken, "nobody who is signed in takes other people's accounts away")


def _finding(rule: Rule, ground: Ground, taken: Taken, message: str, mended: str = "") -> Finding:
    return rule.finding(
        message,
        certainty=Certainty.CONFIRMED,
        location=ground.location(taken.entry),
        route=str(taken.entry),
        parameter=taken.parameter,
        evidence=prove(taken.answer, taken.shown, mended, before=[taken.made] if taken.made else []),
        fix=getattr(rule, "fix", ""),
    )
