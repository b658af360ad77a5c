"""SQL: a value is inert while it is one literal, one name, or stays inside the quotes that the program wrote."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

__all__ = ["changes", "tokens"]


@dataclass(frozen=True, slots=True)
class Token:
    kind: str  # "string", "name", "comment", "word", "number", "space", "sign", "open" for what never ends
    start: int
    end: int


# A signed number, or a column as sort orders are given: `price`, `users.name desc`.
_PLAIN = re.compile(r"\s*(?:[-+]?\d+(?:\.\d+)?|\w+(?:\.\w+)*(?:\s+(?:asc|desc))?)\s*", re.IGNORECASE)

_BACKSLASH = frozenset({"mysql"})  # dialects where \' does not end a string


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
    else:
        parts.append(r'(?P<name0>"(?:[^"]|"")*")')
        parts.append(r"(?P<comment1>--[^\n]*)")
    if dialect in {"mysql", "sqlite"}:
        parts.append(r"(?P<name1>`(?:[^`]|``)*`)")
    if dialect == "sqlite":
        parts.append(r"(?P<name2>\[[^\]]*\])")
    parts.append(r"(?P<comment>/\*.*?\*/)")
    parts.append(r"(?P<open>/\*.*|['\"`].*)")
    parts.append(r"(?P<number>\d+(?:\.\d*)?(?:[eE][-+]?\d+)?)")
    parts.append(r"(?P<word>\w+)")
    parts.append(r"(?P<space>\s+)")
    parts.append(r"(?P<sign>.)")
    return re.compile("|".join(parts), re.DOTALL)


@lru_cache(maxsize=2)  # one statement is asked about for each place where a value stands in it
def tokens(statement: str, dialect: str) -> list[Token]:
    """Read a statement as its database would, down to where every token starts and ends.

    Parameters:
        statement: the SQL text.
        dialect: "sqlite", "postgresql" or "mysql"; others are read as standard SQL.
    """
    found = []
    for match in _lexer(dialect).finditer(statement):
        kind = match.lastgroup or "sign"
        if kind == "tag":
            kind = "string"
        found.append(Token(kind.rstrip("0123456789"), match.start(), match.end()))
    return found


def changes(statement: str, start: int, end: int, dialect: str) -> str:
    """Say what the text between two places adds to a statement, or "" when it is inert there (CWE-89).

    Inert is what stays inside one quoted literal or quoted name, or is a number or a plain name by itself.
    """
    for token in tokens(statement, dialect):
        if token.end <= start:
            continue
        if token.start >= end:
            break
        within = token.start < start and end < token.end
        if token.kind in {"string", "name"} and within:
            return ""
        if token.kind == "comment" and within:
            return ""
        if token.kind == "open" and token.start < start:
            # The literal never ends: the database refuses the statement, and nothing of it runs.
            return ""
        break
    value = statement[start:end]
    if _PLAIN.fullmatch(value) and not _joins(statement, start, end):
        return ""
    added = [
        statement[token.start : token.end]
        for token in tokens(statement, dialect)
        if token.kind != "space" and token.start < end and token.end > start
    ]
    if (
        len(added) <= 1
        and not _joins(statement, start, end)
        and not value.strip().startswith(("--", "/*", "#"))
    ):
        return ""
    return f"it is {len(added)} tokens of the statement where one literal was meant"


def _joins(statement: str, start: int, end: int) -> bool:
    """Tell whether the value's edge and its surroundings make one token together, as the ' of '' does."""
    return (statement[start] in "'\"`" and start > 0 and statement[start - 1] == statement[start]) or (
        statement[end - 1] in "'\"`" and end < len(statement) and statement[end] == statement[end - 1]
    )
