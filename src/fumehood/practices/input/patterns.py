"""Which regular expressions can take exponential time: judged by their parse tree (CWE-1333).

A pattern explodes when a repetition stands in a repetition and the same text can be split between them in many ways: in
``([\\w.]*\\w)*$`` each letter may end a round or not. ``(\\w+\\.)*$`` is harmless: a round ends at each dot, and only there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from re import _constants as codes  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any, Final

__all__ = ["explodes"]

_ALPHABET: Final = frozenset(range(0x180))
_MANY: Final = 16  # a bounded repetition of more is as bad as an unbounded one
_REPEATS: Final = (codes.MAX_REPEAT, codes.MIN_REPEAT)
_Characters = frozenset[int]


@lru_cache(maxsize=512)
def explodes(pattern: str) -> bool:
    """Tell whether a text exists for which matching takes time that doubles with each character.

    Patterns that do not parse do not.
    """
    try:
        tree = parser.parse(pattern)
    except (re.error, RecursionError, OverflowError):
        return False
    return _sequence(list(tree))


def _sequence(items: list[Any], may_fail_after: bool = False) -> bool:
    for place, (code, argument) in enumerate(items):
        fails = may_fail_after or any(_can_fail(item) for item in items[place + 1 :])
        if code in _REPEATS and argument[1] > _MANY:
            if fails and _ambiguous(list(argument[2])):
                return True
            if _sequence(list(argument[2]), fails):
                return True
        elif any(_sequence(inner, fails) for inner in _inside(code, argument)):
            return True
    return False


def _inside(code: Any, argument: Any) -> Iterator[list[Any]]:
    if code is codes.SUBPATTERN:
        yield list(argument[3])
    elif code is codes.BRANCH:
        yield from (list(branch) for branch in argument[1])
    elif code in _REPEATS:
        yield list(argument[2])


def _can_fail(item: Any) -> bool:
    """Whether the match may fail here: what is optional cannot."""
    code, argument = item
    if code in _REPEATS:
        return bool(argument[0] > 0)
    if code is codes.SUBPATTERN:
        return any(_can_fail(inner) for inner in argument[3])
    return True


def _ambiguous(body: list[Any]) -> bool:
    """Whether a text that repetitions of the body match can be split into rounds in more than one way."""
    items = _flat(body)
    if len(items) == 1 and items[0][0] is codes.BRANCH:
        firsts = [_first(list(branch)) for branch in items[0][1][1]]
        singles = all(len(_flat(list(branch))) == 1 for branch in items[0][1][1])
        return singles and any(one & other for n, one in enumerate(firsts) for other in firsts[n + 1 :])
    for place, (code, argument) in enumerate(items):
        if code not in _REPEATS or argument[1] <= _MANY:
            continue
        own = _characters(list(argument[2]))
        others = [item for n, item in enumerate(items) if n != place and _can_fail(item)]
        if own and all(_characters([item]) and _characters([item]) <= own for item in others):
            return True
    return False


def _flat(items: list[Any]) -> list[Any]:
    """The items of a sequence, with groups opened."""
    found: list[Any] = []
    for code, argument in items:
        if code is codes.SUBPATTERN:
            found += _flat(list(argument[3]))
        else:
            found.append((code, argument))
    return found


def _first(items: list[Any]) -> _Characters:
    return _characters(items[:1])


def _characters(items: list[Any]) -> _Characters:
    """The characters that a sequence can be made of; empty when that is not known."""
    found: set[int] = set()
    for code, argument in items:
        if code is codes.LITERAL:
            found.add(argument)
        elif code is codes.NOT_LITERAL:
            found |= _ALPHABET - {argument}
        elif code is codes.ANY:
            found |= _ALPHABET - {10}
        elif code is codes.IN:
            found |= _of_set(argument)
        elif code is codes.SUBPATTERN:
            found |= _characters(list(argument[3]))
        elif code in _REPEATS:
            found |= _characters(list(argument[2]))
        elif code is codes.BRANCH:
            for branch in argument[1]:
                found |= _characters(list(branch))
        elif code is not codes.AT:
            return frozenset()
    return frozenset(found)


def _of_set(parts: Any) -> set[int]:
    found: set[int] = set()
    negated = False
    for code, argument in parts:
        if code is codes.NEGATE:
            negated = True
        elif code is codes.LITERAL:
            found.add(argument)
        elif code is codes.RANGE:
            found |= set(range(argument[0], min(argument[1], 0x180) + 1))
        elif code is codes.CATEGORY:
            found |= _CATEGORIES.get(argument, frozenset())
    return set(_ALPHABET - found) if negated else found


def _matching(pattern: str) -> _Characters:
    return frozenset(code for code in _ALPHABET if re.fullmatch(pattern, chr(code)))


_CATEGORIES: Final = {
    codes.CATEGORY_DIGIT: _matching(r"\d"),
    codes.CATEGORY_NOT_DIGIT: _matching(r"\D"),
    codes.CATEGORY_SPACE: _matching(r"\s"),
    codes.CATEGORY_NOT_SPACE: _matching(r"\S"),
    codes.CATEGORY_WORD: _matching(r"\w"),
    codes.CATEGORY_NOT_WORD: _matching(r"\W"),
}
