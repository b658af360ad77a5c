"""One verdict for each practice, from what the rules judged and found."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Sequence

from fumehood.audit.result import Verdict, VerdictKind
from fumehood.findings import PRACTICES, Finding, Rule, Severity, Unknown, practice_of

__all__ = ["missing", "verdicts"]


_NEEDS = {
    "code": "the source",
    "live": "--app",
    "versions": "the project's requirements",
    "attack": "--attack",
    "address": "--url",
}


def verdicts(
    findings: Sequence[Finding],
    rules: Sequence[Rule],
    judged: Collection[str],
    left: Collection[str],
    unknowns: Sequence[Unknown],
    engines: Sequence[str],
) -> Iterator[Verdict]:
    """Say of each practice whether it holds.

    Parameters:
        findings: all that counts.
        rules: all that there are.
        judged: ids of the rules that some engine judged.
        left: ids of the rules that a practice does not wait for.
        unknowns: what rules could not tell.
        engines: those that ran.
    """
    flaws = Counter(practice_of(item.rule) for item in findings if item.severity > Severity.INFO)
    for practice in PRACTICES:
        broken = flaws[practice]
        mine = [rule.id for rule in rules if rule.practice == practice and rule.id not in left]
        looked = sum(rule_id in judged for rule_id in mine)
        why = dict.fromkeys(item.why for item in unknowns if practice_of(item.rule) == practice)
        if not mine:
            why |= {"there is no rule for it": None}
        elif not looked:
            why |= {f"its {len(mine)} rules need {missing(engines)}": None}
        elif looked < len(mine):
            rest = f"the other {len(mine) - looked} need {missing(engines)}"
            why |= {f"{looked} of {len(mine)} rules found nothing wrong, {rest}": None}
        if broken:
            kind = VerdictKind.FAILS
        else:
            kind = VerdictKind.UNKNOWN if why else VerdictKind.HOLDS
        yield Verdict(practice, kind, broken, looked, tuple(why))


def missing(engines: Sequence[str]) -> str:
    """Name what the engines that did not run would need, as short as it is when only the source was read."""
    if tuple(engines) == ("address",):
        return "the project itself"
    if "code" in engines and "live" not in engines:
        return "--app"
    *others, last = [said for name, said in _NEEDS.items() if name not in engines] or [
        "an engine that is not there"
    ]
    return f"{', '.join(others)} or {last}" if others else last
