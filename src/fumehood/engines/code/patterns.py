"""What a text cannot hold once a regular expression has matched it whole."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any, Final

try:
    from re import _constants, _parser  # type: ignore[attr-defined]  # 3.11+
except ImportError:  # pragma: no cover
    raise

__all__ = ["excluded", "fixes_host"]

_INTERESTING: Final = "'\"<>/\\;&|$`\n\r.()[]{}=: %*?#@!,~^+-_"
_TOKEN: Final = frozenset("'\"<>/\\;&|$`\n\r()[]{}= %*?#:")
_MAX_PATTERN: Final = 2000


# An address whose host is written out, but for names below it; what follows the host begins with a slash, or nothing does.
_FIXES_HOST: Final = re.compile(
    r"(\^|\\A)?https?\??(\(s\)\?|\(\?:s\)\?)?:\\?/\\?/"
    r"(\(\?:|\(|\)|[*+?|]|\\\.|\\[wd]|[\w-]|\[(\\[wd.-]|[\w.-])+\]|\{\d*,?\d*\})+"
    r"(\\?/|\((\?:)?(\\?/|\$|\[\\?/|:)|\$|\\Z|\[\\?/)"
)


@lru_cache(maxsize=512)
def fixes_host(pattern: str, how: str) -> bool:
    """Whether an address that matches can only lead to a host that the pattern names."""
    found = _FIXES_HOST.match(pattern) if len(pattern) <= _MAX_PATTERN else None
    return found is not None and "\\." in found.group(0) and (how != "search" or bool(found.group(1)))


@lru_cache(maxsize=512)
def excluded(pattern: str, how: str) -> frozenset[str]:
    """Return the kinds of danger that are gone from a text.

    Parameters:
        pattern: the regular expression.
        how: "fullmatch", "match" or "search" for a match, "sub" for what is left when all matches were taken away.
    """
    if len(pattern) > _MAX_PATTERN:
        return frozenset()
    try:
        parsed = list(_parser.parse(pattern))
    except (re.error, RecursionError, OverflowError):
        return frozenset()
    if how == "sub":
        left = _left_by(parsed)
        return _kinds(left) if left is not None else frozenset()
    begins = _begins(parsed, how) if how in ("match", "fullmatch", "search") else frozenset()
    start = how in ("match", "fullmatch") or _anchored(parsed, first=True)
    end = how == "fullmatch" or _anchored(parsed, first=False)
    if not (start and end):
        return begins
    possible: set[str] = set()
    _collect(parsed, possible)
    return _kinds(possible) | begins


def _begins(parsed: list[Any], how: str) -> frozenset[str]:
    """What a text begins with once the pattern has matched at its beginning."""
    rest = list(parsed)
    anchored = how != "search"
    while rest and rest[0][0] is _constants.AT:
        anchored = anchored or _anchored(rest, first=True)
        rest.pop(0)
    text = ""
    while rest and rest[0][0] is _constants.LITERAL:
        text += chr(rest.pop(0)[1])
    if not anchored or not text:
        return frozenset()
    kinds = {f"begins:{text}"}
    if text == "/":
        kinds |= {"notbegins://"} if rest and not _may_be_slash(rest[0]) else set()
    elif text.startswith("/") and not text.startswith("//"):
        kinds |= {"begins:/", "notbegins://"}
    return frozenset(kinds)


def _may_be_slash(item: Any) -> bool:
    name, argument = item
    if name is _constants.ASSERT_NOT:
        inside: set[str] = set()
        _collect(argument[1], inside)
        return "/" not in inside
    if name in (_constants.MAX_REPEAT, _constants.MIN_REPEAT) and argument[0] == 0:
        return True
    possible: set[str] = set()
    _collect([item], possible)
    return "/" in possible


def _kinds(possible: set[str]) -> frozenset[str]:
    gone = {char for char in _INTERESTING if char not in possible}
    kinds = {f"no:{char}" for char in gone}
    if "." in gone or "/" in gone:
        kinds |= {"no:../", "no:.."} if "." in gone else {"no:../"}
    if gone >= _TOKEN:
        kinds.add("*")
        if "." not in gone:
            kinds.add("dots")  # harmless but for ".." as the name of a folder
    return frozenset(kinds)


def _anchored(parsed: list[Any], *, first: bool) -> bool:
    if not parsed:
        return False
    name, argument = parsed[0] if first else parsed[-1]
    if name is not _constants.AT:
        return False
    wanted = ("AT_BEGINNING", "AT_BEGINNING_STRING") if first else ("AT_END", "AT_END_STRING")
    return str(argument) in wanted


def _left_by(parsed: list[Any]) -> set[str] | None:
    """What is left when every match of one negated class is taken away."""
    if len(parsed) == 1 and parsed[0][0] in (_constants.MAX_REPEAT, _constants.MIN_REPEAT):
        parsed = list(parsed[0][1][2])
    if len(parsed) != 1:
        return None
    name, argument = parsed[0]
    taken: set[str] = set()
    if name is _constants.IN:
        _collect([(name, argument)], taken)
    elif name is _constants.LITERAL:
        taken.add(chr(argument))
    elif name is _constants.NOT_LITERAL:
        taken |= set(_INTERESTING) - {chr(argument)}
    else:
        return None
    return {char for char in _INTERESTING if char not in taken}


def _collect(parsed: Any, possible: set[str]) -> None:
    for name, argument in parsed:
        if name is _constants.LITERAL:
            possible.add(chr(argument))
        elif name is _constants.NOT_LITERAL:
            possible |= set(_INTERESTING) - {chr(argument)}
        elif name is _constants.ANY:
            possible |= set(_INTERESTING) - {"\n"}
        elif name is _constants.IN:
            possible |= _members(argument)
        elif name in (
            _constants.MAX_REPEAT,
            _constants.MIN_REPEAT,
            getattr(_constants, "POSSESSIVE_REPEAT", None),
        ):
            _collect(argument[2], possible)
        elif name is _constants.SUBPATTERN:
            _collect(argument[3], possible)
        elif name is _constants.BRANCH:
            for branch in argument[1]:
                _collect(branch, possible)
        elif name in (_constants.AT, _constants.ASSERT, _constants.ASSERT_NOT):
            continue
        elif name is _constants.CATEGORY:
            possible |= _category(str(argument))
        else:
            possible |= set(_INTERESTING)


def _members(argument: Any) -> set[str]:
    found: set[str] = set()
    negated = False
    for name, value in argument:
        if name is _constants.NEGATE:
            negated = True
        elif name is _constants.LITERAL:
            found.add(chr(value))
        elif name is _constants.RANGE:
            found |= {char for char in _INTERESTING if value[0] <= ord(char) <= value[1]}
        elif name is _constants.CATEGORY:
            found |= _category(str(value))
    return set(_INTERESTING) - found if negated else found


def _category(name: str) -> set[str]:
    if name.endswith("NOT_DIGIT"):
        return set(_INTERESTING)
    if name.endswith("NOT_WORD"):
        return set(_INTERESTING) - {"_"}
    if name.endswith("NOT_SPACE"):
        return set(_INTERESTING) - set(" \n\r")
    if name.endswith("WORD"):
        return {"_"}
    if name.endswith("SPACE"):
        return set(" \n\r")
    return set()
