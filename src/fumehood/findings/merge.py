"""One flaw is one finding: what several engines showed of it becomes one, with the strongest certainty and all the evidence."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from fumehood.findings.model import Certainty, Evidence, Finding, Location

__all__ = ["merge"]


def merge(findings: Iterable[Finding], cwe: Mapping[str, int] | None = None) -> tuple[Finding, ...]:
    """Merge findings that are about one flaw.

    Two findings are one flaw when they have the same weakness (the same rule, or rules of the same CWE) and neither
    contradicts the other about where: the same place in the source, or the same route and parameter when one of them knows no
    place. A setting without a place or route is known by its message. What is said of the whole application takes in what is said by the
    same rule of the routes that its evidence names.

    Parameters:
        findings: from all engines, in any order.
        cwe: each rule's CWE id; rules that are not in it merge only with themselves.
    """
    weakness = cwe or {}
    merged: list[Finding] = []
    known: dict[object, list[int]] = {}  # all of a weakness, those of it at a place, those of it at none
    for finding in sorted(findings, key=_order):
        weak: object = weakness.get(finding.rule, finding.rule)
        place = finding.location
        near = (
            sorted(
                {
                    *known.get((weak, _at(place)), ()),
                    *known.get((weak, None), ()),
                    *known.get((weak, _paths(finding.route)), ()),
                }
            )
            if place
            else known.get(weak, ())
        )
        index = next((index for index in near if _same(merged[index], finding)), len(merged))
        if index == len(merged):
            merged.append(finding)
            known.setdefault(weak, []).append(index)
            if finding.certainty is Certainty.CONFIRMED and finding.route:
                known.setdefault((weak, _paths(finding.route)), []).append(index)
        else:
            merged[index] = _join(merged[index], finding)
        place = merged[index].location
        there = known.setdefault((weak, _at(place) if place else None), [])
        if index not in there:
            there.append(index)
    return tuple(sorted(_gathered(merged), key=_shown))


def _gathered(findings: list[Finding]) -> list[Finding]:
    """Join to what was found of the whole application what was found of those of its routes that it names (``data["routes"]``)."""
    found = list(findings)
    for whole in findings:
        routes = {route for item in whole.evidence for route in item.data.get("routes", ())}
        if not routes:
            continue
        parts = [
            one
            for one in found
            if one is not whole and one.rule == whole.rule and _paths(one.route) in routes
        ]
        shown = tuple(
            Evidence("code", f"also {one.location}: {one.location.code}") for one in parts if one.location
        )
        proved = tuple(item for one in parts if one.certainty is Certainty.CONFIRMED for item in one.evidence)
        joined = replace(
            whole,
            certainty=max(item.certainty for item in (whole, *parts)),
            severity=max(item.severity for item in (whole, *parts)),
            evidence=(*whole.evidence, *proved, *shown[:_MOST_SHOWN]),
        )
        found = [joined if one is whole else one for one in found if not any(one is part for part in parts)]
    return found


_MOST_SHOWN = 12


def _order(finding: Finding) -> tuple[int, int, str, str, int]:
    # The strongest proof first, so that it keeps its rule and words; what knows its place before what does not.
    place = finding.location
    return (
        -finding.certainty,
        0 if place else 1,
        finding.rule,
        place.path if place else finding.message,
        place.line if place else 0,
    )


def _shown(finding: Finding) -> tuple[int, int, int, int, str, str, int, str]:
    place = finding.location
    number = int(finding.rule[2:])
    where = (place.path, place.line) if place else ("", 0)
    return (
        number // 100,
        -finding.severity,
        -finding.certainty,
        number,
        finding.rule,
        *where,
        finding.message,
    )


def _same(one: Finding, other: Finding) -> bool:
    if one.parameter and other.parameter and one.parameter != other.parameter:
        return False
    if one.location and other.location:
        return _at(one.location) == _at(other.location) or _used(one, other)
    if one.route and other.route:
        return _paths(one.route) == _paths(other.route) and one.parameter == other.parameter
    return one.rule == other.rule and one.message == other.message


def _used(one: Finding, other: Finding) -> bool:
    """Whether an attack, which knows only the view that it came through, used what was read at a line of that view's file."""
    return (
        one.certainty is Certainty.CONFIRMED
        and one.location is not None
        and other.location is not None
        and not one.location.code
        and one.rule == other.rule
        and one.location.path == other.location.path
        and _paths(one.route) == _paths(other.route) != ""
        and other.parameter in {"", one.parameter}
    )


def _at(location: Location) -> tuple[str, int]:
    return location.path, location.line


def _paths(route: str) -> str:
    return route.rpartition(" ")[2]


def _join(strong: Finding, weak: Finding) -> Finding:
    evidence = strong.evidence + tuple(item for item in weak.evidence if item not in strong.evidence)
    return Finding(
        rule=strong.rule,
        message=strong.message,
        severity=max(strong.severity, weak.severity),
        certainty=max(strong.certainty, weak.certainty),
        location=weak.location if _used(strong, weak) else strong.location or weak.location,
        route=strong.route or weak.route,
        parameter=strong.parameter or weak.parameter,
        trace=max(strong.trace, weak.trace, key=len),
        evidence=evidence,
        fix=strong.fix or weak.fix,
    )
