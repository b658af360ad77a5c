"""Facts: what checks have shown on a path, and what they leave of a value's taint."""

from __future__ import annotations

from collections.abc import Callable

from fumehood.engines.code.taint import Taint
from fumehood.engines.code.values import (
    External,
    Fact,
    Method,
    Taints,
    Text,
    Tuple,
    Union,
    Unknown,
    Value,
    unknown,
)

__all__ = ["retaint", "scrub", "with_taint"]


def scrub(taints: Taints, facts: frozenset[Fact]) -> Taints | None:
    """Return the taints without what the facts remove, or None when that changes nothing."""
    result = []
    changed = False
    for taint in taints:
        gone = {
            kind
            for source, part, kind in facts
            if kind not in taint.removed and taint.part[: len(part)] == part and source == taint.source
        }
        if gone:
            changed = True
            result.append(Taint(taint.source, taint.part, taint.removed | gone, taint.trail))
        else:
            result.append(taint)
    return frozenset(result) if changed else None


def retaint(value: Value, facts: frozenset[Fact]) -> Value:
    new = scrub(value.taint, facts)
    if new is None:
        return value
    return with_taint(value, lambda taints: scrub(taints, facts) or taints)


def with_taint(value: Value, change: Callable[[Taints], Taints]) -> Value:
    """Return a value with each of its taints changed."""
    if not value.taint:
        return value
    if isinstance(value, Unknown):
        return unknown(change(value.taint), value.type)
    if isinstance(value, Text):
        return Text(
            tuple(part if isinstance(part, str) else with_taint(part, change) for part in value.parts),
            value.binary,
        )
    if isinstance(value, Tuple):
        return Tuple(tuple(with_taint(item, change) for item in value.items))
    if isinstance(value, External):
        detail = (
            tuple((name, with_taint(held, change)) for name, held in value.detail) if value.detail else ()
        )
        return External(value.path, change(value.taint), value.instance, detail)
    if isinstance(value, Method):
        return Method(with_taint(value.receiver, change), value.name)
    if isinstance(value, Union):
        return Union(tuple(with_taint(option, change) for option in value.options))
    return value
