"""What a check of a part, or of a changed copy, says of the whole."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from fumehood.engines.code.taint import Taint
from fumehood.engines.code.values import Fact

__all__ = ["of_character", "of_edges", "of_missing_segment", "of_parent", "of_sameness"]

Facts = frozenset[Fact]
_SEGMENTS: Final = (".split", ".rsplit", "parts", "each")
_PARENTS: Final = ("parent", "parents")
_ABOUT_COPIES: Final = ("via:", "in:", "resolved", "relative", "own")


def of_sameness(taints: Iterable[Taint], others: Iterable[Taint]) -> Facts:
    """A text that is the same as a cleaned copy of itself was clean: ``basename(name) == name``."""
    facts = set()
    for one in taints:
        for other in others:
            if one.source == other.source and one.part == other.part:
                for kind in one.removed ^ other.removed:
                    if not kind.startswith(_ABOUT_COPIES):
                        facts.add((one.source, one.part, kind))
    return frozenset(facts)


def of_missing_segment(taints: Iterable[Taint]) -> Facts:
    """Of a path no part of which is ``..``."""
    facts = set()
    for taint in taints:
        part = taint.part
        while part and part[-1] in _SEGMENTS:
            part = part[:-1]
        if part != taint.part:
            facts.add((taint.source, part, "no:.."))
    return frozenset(facts)


def of_parent(taints: Iterable[Taint]) -> Facts:
    """Of a resolved path one of whose folders is the program's own."""
    return frozenset(
        (taint.source, taint.part[:-1], "path")
        for taint in taints
        if taint.part and taint.part[-1] in _PARENTS and "resolved" in taint.removed
    )


def of_character(taints: Iterable[Taint], found: Any) -> tuple[Facts, Facts]:
    """What ``text[0] == "/"`` and ``text[1] == "/"`` say of the text when they hold, and when they do not."""
    yes, no = set(), set()
    for taint in taints:
        cut = taint.part[-1] if taint.part else ""
        whole = taint.part[:-1]
        if cut in ("[0]", "[:1]", "[0:1]") and found == "/":
            yes.add((taint.source, whole, "begins:/"))
            no.add((taint.source, whole, "notbegins:/"))
        elif (cut in ("[1]", "[1:2]") and found == "/") or (cut == "[:2]" and found == "//"):
            no.add((taint.source, whole, "notbegins://"))
    return frozenset(yes), frozenset(no)


def of_edges(taints: Iterable[Taint], edges: Iterable[str], *, whole: bool) -> Facts:
    """What a text that begins with none of these lacks."""
    facts: set[Any] = set()
    for taint in taints:
        for edge in edges:
            if whole:
                facts.add((taint.source, taint.part, f"notbegins:{edge}"))
            if edge == ".." and "relative" in taint.removed:
                facts.add((taint.source, taint.part, "path"))
    return frozenset(facts)
