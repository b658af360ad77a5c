"""SQL: a value is inert while it is one literal, one name, or stays inside the quotes that the program wrote."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

__all__ = ["changes", "core", "edges", "named", "tokens"]


@dataclass(frozen=True, slots=True)
class Token:
    kind: str  # "string", "name", "comment", "word", "number", "space", "sign", "open" for what never ends
    start: int
    end: int


_NUMBER = r"[-+]?\d+(?:[-.:/]\d+)*"  # also dates and times, which are sums of numbers at worst
_TERM = r"[^\W\d]\w*(?:\.\w+)*(?:\s+(?:asc|desc))?"  # a column as sort orders are given: `users.name desc`
_PLAIN = re.compile(
    rf"\s*(?:{_NUMBER}(?:\s*,\s*{_NUMBER})*|{_TERM}(?:\s*,\s*{_TERM})*|\w+)\s*", re.IGNORECASE
)

_BACKSLASH = frozenset({"mysql"})  # dialects where \' does not end a string
# Words that are literals wherever they stand.
_LITERALS = frozenset(
    {
        "true",
        "false",
        "null",
        "default",
        "current_timestamp",
        "current_date",
        "current_time",
        "all",
        "any",
        "some",
    }
)
_SILENT = frozenset({"space", "number", "string"})
_COMPARES = frozenset("=<>!~")


@lru_cache(maxsize=8)
def _lexer(dialect: str) -> re.Pattern[str]:
    inside = r"(?:[^'\\]|\\.|'')*" if dialect in _BACKSLASH else r"(?:[^']|'')*"
    parts = []
    if dialect == "postgresql":
        parts.append(r"(?P<string0>[eE]'(?:[^'\\]|\\.|'')*'|\$(?P<tag>\w*)\$.*?\$(?P=tag)\$)")
    parts.append(rf"(?P<string>'{inside}')")
    if dialect == "mysql":
        parts.append(r'(?P<string1>"(?:[^"\\]|\\.|"")*")')
        parts.append(r"(?P<comment0>\#[^\n]*|--(?=\s|$)[^\n]*)")
        parts.append(r"(?P<sign0>/\*!\d*|\*/)")  # what stands in /*! */ is no comment: it is executed
    else:
        parts.append(r'(?P<name0>"(?:[^"]|"")*")')
        parts.append(r"(?P<comment1>--[^\n]*)")
    if dialect in {"mysql", "sqlite"}:
        parts.append(r"(?P<name1>`(?:[^`]|``)*`)")
    if dialect == "sqlite":
        parts.append(r"(?P<name2>\[[^\]]*\])")
    parts.append(r"(?P<comment>/\*.*?\*/)")
    parts.append(r"(?P<open>/\*.*|['\"`].*)")
    parts.append(r"(?P<number>0[xX][0-9a-fA-F]+|\d+(?:\.\d*)?(?:[eE][-+]?\d+)?)")
    parts.append(r"(?P<word>\w+)")
    parts.append(r"(?P<space>\s+)")
    parts.append(r"(?P<sign>.)")
    return re.compile("|".join(parts), re.DOTALL)


@lru_cache(maxsize=2)  # one statement is asked about for each place where a value stands in it
def _read(statement: str, dialect: str) -> tuple[list[Token], list[int]]:
    found = []
    for match in _lexer(dialect).finditer(statement):
        kind = match.lastgroup or "sign"
        if kind == "tag":
            kind = "string"
        found.append(Token(kind.rstrip("0123456789"), match.start(), match.end()))
    return found, [token.start for token in found]


def tokens(statement: str, dialect: str) -> list[Token]:
    """Read a statement as its database would, down to where every token starts and ends.

    Parameters:
        statement: the SQL text.
        dialect: "sqlite", "postgresql" or "mysql"; others are read as standard SQL.
    """
    return _read(statement, dialect)[0]


def changes(statement: str, start: int, end: int, dialect: str) -> str:
    """Say what the text between two places adds to a statement, or "" when it is inert there (CWE-89).

    Inert is what stays inside one quoted literal or quoted name, or is a number or a plain name by itself.
    """
    read, starts = _read(statement, dialect)
    first = max(0, bisect_right(starts, start) - 1)
    token = read[first]
    within = token.start < start and end < token.end
    if token.kind in {"string", "name", "comment"} and within:
        return ""
    if token.kind == "open" and token.start < start:
        # The literal never ends: the database refuses the statement, and nothing of it runs.
        return ""
    value = statement[start:end]
    if _PLAIN.fullmatch(value) and not _joins(statement, start, end):
        return "it is a name where a value was meant" if _named(statement, read, first) else ""
    added = []
    for token in read[first:]:
        if token.start >= end:
            break
        if token.kind != "space" and token.end > start:
            added.append(token)
    if (
        len(added) <= 1
        and not _joins(statement, start, end)
        and not value.strip().startswith(("--", "/*", "#"))
    ):
        return ""
    return f"it is {len(added)} tokens of the statement where one literal was meant"


def edges(statement: str, dialect: str) -> list[int]:
    """Return where tokens that are no spaces begin, and where literals end."""
    found = []
    for token in tokens(statement, dialect):
        if token.kind != "space":
            found.append(token.start)
            if token.kind in {"string", "name", "comment"}:
                found.append(token.end - 1)
    return found


def core(statement: str, start: int, end: int, dialect: str) -> tuple[int, int]:
    """Narrow a part of a statement to its whole tokens, without the literals at its ends."""
    inside = [token for token in tokens(statement, dialect) if token.start >= start and token.end <= end]
    while inside and inside[0].kind in _SILENT:
        inside.pop(0)
    while inside and inside[-1].kind in _SILENT:
        inside.pop()
    return (inside[0].start, inside[-1].end) if inside else (start, start)


def named(statement: str, dialect: str) -> Iterator[tuple[int, int, str]]:
    """Yield the words that are compared with: a column's name where a value was meant makes a condition true for every row."""
    read = tokens(statement, dialect)
    for place, token in enumerate(read):
        if token.kind == "word" and _named(statement, read, place):
            yield token.start, token.end, "it is a name where a value was meant"


def _named(statement: str, read: list[Token], place: int) -> bool:
    while place < len(read) and read[place].kind == "space":
        place += 1
    if place >= len(read) or read[place].kind != "word":
        return False
    if statement.lstrip()[:6].lower() == "pragma":
        return False  # a switch of SQLite's, no condition
    word = statement[read[place].start : read[place].end].lower()
    following = statement[read[place].end : read[place].end + 1]
    if word in _LITERALS or following in {".", "(", "'"}:
        return False
    before = place - 1
    while before >= 0 and read[before].kind in {"space", "comment"}:
        before -= 1
    if before < 0:
        return False
    sign = statement[read[before].start : read[before].end].lower()
    return sign in _COMPARES or sign == "like"


def _joins(statement: str, start: int, end: int) -> bool:
    """Tell whether the value's edge and its surroundings make one token together, as the ' of '' does."""
    return (statement[start] in "'\"`" and start > 0 and statement[start - 1] == statement[start]) or (
        statement[end - 1] in "'\"`" and end < len(statement) and statement[end] == statement[end - 1]
    )
