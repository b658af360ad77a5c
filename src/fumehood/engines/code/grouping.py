"""One flaw is one finding: several places of the same mistake close together are one, with the others as evidence."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any, Final

from fumehood.engines.code.checks import CodeCheck, FlowCheck
from fumehood.findings import Evidence, Finding, Rule

__all__ = ["grouped"]

_NEAR: Final = 12  # lines
_MOST: Final = 8


def grouped(findings: Iterable[Finding], rules: Iterable[Rule]) -> list[Finding]:
    """Return the findings with those of one flaw joined.

    Flows are one when the same source reaches sinks of one rule, in one function and within a few lines. What a ``CodeCheck``
    finds is one per place, function or file, as its ``once`` says, when the message is the same.
    """
    rules = tuple(rules)
    once = {rule.id: rule.once for rule in rules if isinstance(rule, CodeCheck)}
    result: list[Finding] = []
    groups: dict[Any, list[int]] = {}
    for finding in sorted(_uncovered(tuple(findings), rules), key=_order):
        key = _key(finding, once)
        index = next(
            (i for i in groups.get(key, ()) if key is not None and _together(result[i], finding)), None
        )
        if index is None:
            groups.setdefault(key, []).append(len(result))
            result.append(finding)
        else:
            result[index] = _with(result[index], finding)
    return result


def _uncovered(findings: tuple[Finding, ...], rules: Iterable[Rule]) -> Iterator[Finding]:
    """Yield what no other rule says better of the same line."""
    covers = {rule.id: rule.covers for rule in rules if isinstance(rule, CodeCheck | FlowCheck)}
    said = {
        (rule, one.location.path, one.location.line)
        for one in findings
        if one.location
        for rule in covers.get(one.rule, ())
    }
    for one in findings:
        if one.location is None or (one.rule, one.location.path, one.location.line) not in said:
            yield one


def _order(finding: Finding) -> Any:
    place = finding.location
    return (place.path, place.line, place.column, finding.rule) if place else ("", 0, 0, finding.rule)


def _key(finding: Finding, once: Mapping[str, str]) -> Any:
    place = finding.location
    if place is None:
        return None
    if finding.trace:
        first = finding.trace[0]
        return finding.rule, place.path, place.scope, finding.parameter, first.message
    span = once.get(finding.rule, "place")
    if span == "file":
        return finding.rule, place.path, finding.message
    if span == "function":
        return finding.rule, place.path, place.scope, finding.message
    return None


def _together(one: Finding, other: Finding) -> bool:
    if not one.trace or one.location is None or other.location is None:
        return True
    if not other.location.path.endswith(".py"):
        return True  # a template has no functions: what it shows in several places is one value
    return other.location.line - one.location.line <= _NEAR


def _with(one: Finding, other: Finding) -> Finding:
    place = other.location
    if place is None or one.location is None or place.line == one.location.line or len(one.evidence) >= _MOST:
        return replace(one, certainty=max(one.certainty, other.certainty))
    more = Evidence("code", f"also {place}: {place.code}")
    return replace(one, evidence=(*one.evidence, more), certainty=max(one.certainty, other.certainty))
