"""Where a value comes from, what has been removed from it, and the way that it took."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

__all__ = [
    "CLEAN",
    "MAX_TAINTS",
    "Place",
    "Source",
    "Taint",
    "Trail",
    "condensed",
    "keyed",
    "stepped",
    "without",
]

Place = tuple[str, int, int, str]  # path, line, column, scope
Trail = (
    tuple[Place, str, Any] | None
)  # place, message, the trail before it: a linked list that shares its tails

_MAX_STEPS: Final = 40
MAX_TAINTS: Final = 48  # of one value; beyond that, parts of the same source are told apart no more
MAX_PARTS: Final = 3


class Source:
    """One place where a value enters the program, such as one parameter of the request.

    Two readings of the same parameter are the same source, so that a check of one also guards the other.
    """

    __slots__ = ("_hash", "_key", "kind", "name", "note", "param", "place")

    def __init__(self, kind: str, name: str, param: str, place: Place, note: str = "") -> None:
        self.kind = kind
        self.name = name
        self.param = param
        self.note = note  # the statement that it answers
        self.place = place
        self._key = (kind, name, param) if param else (kind, name, place[0], place[1], place[2])
        self._hash = hash(self._key)

    def __eq__(self, other: object) -> bool:
        return self is other or (
            isinstance(other, Source) and self._hash == other._hash and self._key == other._key
        )

    def __hash__(self) -> int:
        return self._hash

    def __repr__(self) -> str:
        return f"Source({self.name}{'[' + self.param + ']' if self.param else ''})"


class Taint:
    """A source that reaches a value.

    Parameters:
        source: where it entered.
        part: what was cut out of it: () for the whole, else the cuts, outermost last. A check of the whole holds for its
            parts; a check of a part says nothing about the others.
        removed: the kinds of danger that are gone, as in ``{"html"}``; ``"*"`` is all that a text can do;
            ``"no:'"`` says that this text does not occur in it; ``"in:base64"`` says that it is encoded.
        trail: the way so far; no part of its identity.
    """

    __slots__ = ("_hash", "part", "removed", "source", "trail")

    def __init__(
        self,
        source: Source,
        part: tuple[str, ...] = (),
        removed: frozenset[str] = frozenset(),
        trail: Trail = None,
    ) -> None:
        self.source = source
        self.part = part
        self.removed = removed
        self.trail = trail
        self._hash = hash((source, part, removed))

    def __eq__(self, other: object) -> bool:
        return self is other or (
            isinstance(other, Taint)
            and self._hash == other._hash
            and self.source == other.source
            and self.part == other.part
            and self.removed == other.removed
        )

    def __hash__(self) -> int:
        return self._hash

    def __repr__(self) -> str:
        return f"Taint({self.source!r}, {'.'.join(self.part)}, -{sorted(self.removed)})"


Taints = frozenset[Taint]
CLEAN: Final[Taints] = frozenset()


def condensed(taints: Taints) -> Taints:
    """Return fewer taints that say no less: of each source that has many parts the whole, of very many parameters one of any name."""
    by_source: dict[Source, list[Taint]] = {}
    for taint in taints:
        by_source.setdefault(taint.source, []).append(taint)
    result: list[Taint] = []
    for source, mine in by_source.items():
        result += [_whole(source, mine)] if len(mine) > MAX_PARTS else mine
    if len(result) <= MAX_TAINTS:
        return frozenset(result)
    by_name: dict[tuple[str, str], list[Taint]] = {}
    for taint in result:
        by_name.setdefault((taint.source.kind, taint.source.name), []).append(taint)
    result = []
    for (kind, name), mine in by_name.items():
        if len(mine) > MAX_PARTS:
            first = min(mine, key=lambda taint: (taint.source.place, taint.source.param)).source
            mine = [_whole(Source(kind, name, "", first.place, first.note), mine)]
        result += mine
    return frozenset(result)


def _whole(source: Source, parts: list[Taint]) -> Taint:
    removed = frozenset.intersection(*(taint.removed for taint in parts))
    first = min(parts, key=lambda taint: (len(taint.part), taint.part, sorted(taint.removed)))
    return Taint(source, (), removed, first.trail)


def without(taints: Iterable[Taint], kinds: Iterable[str]) -> Taints:
    """Return the taints with more kinds removed."""
    gone = frozenset(kinds)
    return frozenset(Taint(t.source, t.part, t.removed | gone, t.trail) for t in taints)


def stepped(taints: Taints, place: Place, message: str) -> Taints:
    """Return the taints with one more step on their trail; the same line twice in a row is one step."""
    result = []
    for t in taints:
        trail = t.trail
        if (trail is not None and trail[0][0] == place[0] and trail[0][1] == place[1]) or _length(
            trail
        ) >= _MAX_STEPS:
            result.append(t)
        else:
            result.append(Taint(t.source, t.part, t.removed, (place, message, trail)))
    return frozenset(result)


def _length(trail: Trail) -> int:
    count = 0
    while trail is not None:
        count += 1
        trail = trail[2]
    return count


def parted(taints: Taints, cut: str) -> Taints:
    """Return the taints as they are in a part that was cut out; very small parts are not told apart."""
    return frozenset(
        t
        if len(t.part) >= 4 or (t.part and t.part[-1] == cut)
        else Taint(t.source, (*t.part, cut), t.removed, t.trail)
        for t in taints
    )


def keyed(taints: Taints, key: str) -> Taints:
    """Return the taints of one entry of a source that has entries, such as ``request.args["q"]``."""
    return frozenset(
        t
        if t.source.param
        else Taint(
            Source(t.source.kind, t.source.name, key, t.source.place, t.source.note),
            t.part,
            t.removed,
            t.trail,
        )
        for t in taints
    )
