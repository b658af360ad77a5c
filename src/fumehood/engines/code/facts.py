"""Facts: what checks have shown on a path, and what they leave of a value's taint."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from typing import Final

from fumehood.engines.code.taint import Source, Taint
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

__all__ = ["facts_of_address", "facts_of_empty", "facts_of_host", "retaint", "scrub", "with_taint"]

_HOST_PARTS: Final = ("netloc", "hostname", "host")


def scrub(taints: Taints, facts: frozenset[Fact]) -> Taints | None:
    """Return the taints without what the facts remove, or None when that changes nothing."""
    known = _by_source(facts)
    result = []
    changed = False
    for taint in taints:
        mine = known.get(taint.source)
        gone = _shown_of(mine, taint) if mine else None
        if gone:
            changed = True
            result.append(Taint(taint.source, taint.part, taint.removed | gone, taint.trail))
        else:
            result.append(taint)
    return frozenset(result) if changed else None


def _shown_of(mine: Mapping[tuple[str, ...], frozenset[str]], taint: Taint) -> frozenset[str]:
    """What is known of a part of a source: what was shown of it, or of what it was cut out of."""
    gone: frozenset[str] = frozenset()
    for end in range(len(taint.part) + 1):
        kinds = mine.get(taint.part[:end])
        if kinds and not kinds <= taint.removed:
            gone |= kinds - taint.removed
    return gone


@functools.lru_cache(maxsize=256)
def _by_source(facts: frozenset[Fact]) -> dict[Source, dict[tuple[str, ...], frozenset[str]]]:
    found: dict[Source, dict[tuple[str, ...], set[str]]] = {}
    for source, part, kind in facts:
        found.setdefault(source, {}).setdefault(part, set()).add(kind)
    return {
        source: {part: frozenset(kinds) for part, kinds in parts.items()} for source, parts in found.items()
    }


def facts_of_host(taints: Taints) -> frozenset[Fact]:
    """What holds of an address once its host is known to be a good one, or none."""
    return frozenset(
        (taint.source, taint.part[:-1], "host")
        for taint in taints
        if taint.part and taint.part[-1] in _HOST_PARTS
    )


def facts_of_address(taints: Taints) -> frozenset[Fact]:
    """What holds of an address once what its host means on the network is known to be good: the address, or the host alone."""
    found = set()
    for taint in taints:
        cut = next((i for i, name in enumerate(taint.part) if name in _HOST_PARTS), len(taint.part))
        found.add((taint.source, taint.part[:cut], "host"))
    return frozenset(found)


def facts_of_empty(value: Value) -> frozenset[Fact]:
    """What holds once a text is known to be empty: there is no danger in it."""
    if not isinstance(value, Unknown) or value.type not in ("", "str"):
        return frozenset()
    return frozenset(
        (taint.source, taint.part, "*") for taint in value.taint if "via:unknown" not in taint.removed
    )


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
