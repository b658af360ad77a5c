"""Python source: a value is inert while it stays inside one string literal, or is one number or name."""

from __future__ import annotations

import io
import re
import tokenize
from collections.abc import Iterator

__all__ = ["changes", "whole"]

_PLAIN = re.compile(r"\s*[-+]?\w+(?:\.\d+)?\s*")
_SUM = re.compile(
    r"(?:[\d.\s()+/%-]|(?<!\*)\*(?!\*))*"
)  # numbers and what is reckoned with them, but no powers: a calculator's
_NAME = re.compile(r"\s*([^\W\d]\w*)\s*")
_CONSTANTS = frozenset({"True", "False", "None"})
_PREFIX = re.compile(r"[A-Za-z]*")
_TEXTS = frozenset({tokenize.STRING, tokenize.COMMENT, getattr(tokenize, "FSTRING_MIDDLE", tokenize.STRING)})


def whole(source: str) -> Iterator[tuple[int, int, str]]:
    """Yield the source when it is one name: evaluated, it is whatever the program calls by it."""
    match = _NAME.fullmatch(source)
    if match and match[1] not in _CONSTANTS:
        yield match.start(1), match.end(1), "it is all of the code, and names something of the program's"


def changes(source: str, start: int, end: int) -> str:
    """Say what the text between two places adds to Python source, or "" when it is inert there (CWE-95)."""
    if _PLAIN.fullmatch(source[start:end]) or _SUM.fullmatch(source[start:end]):
        return ""
    offsets = [0]
    for line in source.splitlines(keepends=True):
        offsets.append(offsets[-1] + len(line))
    try:
        for token in tokenize.generate_tokens(io.StringIO(source).readline):
            first = offsets[token.start[0] - 1] + token.start[1]
            last = offsets[token.end[0] - 1] + token.end[1]
            if (
                token.type in _TEXTS
                and first <= start
                and end <= last
                and (first < start or token.type != tokenize.STRING)
            ):
                return _in_literal(source, first, source[start:end])
            if first >= end:
                break
    except (tokenize.TokenError, IndentationError, IndexError):
        return "" if not source[start:end].strip() else "it is code of its own"
    return "it is code of its own"


def _in_literal(source: str, first: int, value: str) -> str:
    # What stands in the braces of an f-string is code; up to Python 3.11 all of it is one token.
    prefix = _PREFIX.match(source, first)
    formatted = prefix is not None and "f" in prefix[0].lower()
    return "its braces hold code of the f-string" if formatted and "{" in value else ""
