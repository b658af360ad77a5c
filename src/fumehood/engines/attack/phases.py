"""The phases of an attack. Each runs in a process and on a copy of its own, so that what one changes does not mislead the next."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from fumehood.engines.attack.checks import AttackCheck, SinkCheck
from fumehood.engines.attack.ground import Ground
from fumehood.engines.attack.inject import inject
from fumehood.findings import Finding, Rule, Unknown

__all__ = ["phases_of", "run"]

INJECT = "injection"


def phases_of(rules: Sequence[Rule]) -> list[str]:
    """Return the names of the phases that a set of rules needs, in order: injection for all sinks, then one for each comparing rule."""
    phases = [INJECT] if any(isinstance(rule, SinkCheck) for rule in rules) else []
    return phases + [rule.id for rule in rules if isinstance(rule, AttackCheck)]


def run(phase: str, ground: Ground, rules: Sequence[Rule]) -> Iterator[Finding | Unknown | tuple[str, Any]]:
    """Run one phase."""
    if phase == INJECT:
        yield from inject(ground, rules)
        return
    for rule in rules:
        if rule.id == phase and isinstance(rule, AttackCheck):
            yield from rule.attack(ground)
