"""The phases of an attack. Each runs in a process and on a copy of its own, so that what one changes does not mislead the next."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from fumehood.engines.attack.checks import AnswerCheck, AttackCheck, SinkCheck
from fumehood.engines.attack.exchange import is_refusal
from fumehood.engines.attack.ground import Ground
from fumehood.engines.attack.inject import inject
from fumehood.engines.attack.surface import Entry, removes
from fumehood.findings import Finding, Rule, Unknown

__all__ = ["SURVEY", "phases_of", "run", "shares_of"]

SURVEY = "survey"
INJECT = "injection"
ACCESS = "access"
_MANY = 150


def phases_of(rules: Sequence[Rule]) -> list[str]:
    """Return the names of the phases that a set of rules needs, in order: injection for all sinks, then one for each comparing rule,
    or for those that go together, first those that take long."""
    phases = [SURVEY]
    phases += [INJECT] if any(isinstance(rule, SinkCheck | AnswerCheck) for rule in rules) else []
    comparing = sorted(
        (rule for rule in rules if isinstance(rule, AttackCheck)), key=lambda rule: not rule.long
    )
    return list(dict.fromkeys([*phases, *(rule.together or rule.id for rule in comparing), ACCESS]))


def shares_of(phase: str, routes: int) -> list[str]:
    """Return the shares in which a phase is run: injection into many routes is divided."""
    return [f"{INJECT} 1/2", f"{INJECT} 2/2"] if phase == INJECT and routes > _MANY else [phase]


def run(phase: str, ground: Ground, rules: Sequence[Rule]) -> Iterator[Finding | Unknown | tuple[str, Any]]:
    """Run one phase."""
    if phase == ACCESS:
        yield "access", access_map(ground)
        return
    if phase.startswith(INJECT):
        number, _, shares = phase.removeprefix(INJECT).strip().partition("/")
        yield from inject(ground, rules, (int(number) - 1, int(shares)) if number else (0, 1))
        return
    for rule in rules:
        if isinstance(rule, AttackCheck) and (rule.together or rule.id) == phase:
            yield from rule.attack(ground)


def access_map(ground: Ground) -> dict[str, dict[str, bool]]:
    """Return who is let in where: for each route and method, whether nobody ("nobody") and each person gets further than the door."""
    people = ["", *ground.people()]
    return {
        str(entry): {name or "nobody": _let_in(ground, entry, name) for name in people}
        for entry in sorted(ground.entries, key=lambda entry: (entry.changes_state, removes(entry)))
    }


def _let_in(ground: Ground, entry: Entry, person: str) -> bool:
    answer = ground.honest(entry, person)
    return answer.status != 0 and not is_refusal(answer) and answer.status not in {404, 405}
