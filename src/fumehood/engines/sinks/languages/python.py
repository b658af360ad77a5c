"""Python source: a value is inert while it stays inside one string literal, or is one number or name."""

from __future__ import annotations

import io
import re
import tokenize

__all__ = ["changes"]

_PLAIN = re.compile(r"\s*[-+]?\w+(?:\.\d+)?\s*")


def changes(source: str, start: int, end: int) -> str:
    """Say what the text between two places adds to Python source, or "" when it is inert there (CWE-95)."""
    if _PLAIN.fullmatch(source[start:end]):
        return ""
    offsets = [0]
    for line in source.splitlines(keepends=True):
        offsets.append(offsets[-1] + len(line))
    try:
        for token in tokenize.generate_tokens(io.StringIO(source).readline):
            first = offsets[token.start[0] - 1] + token.start[1]
            last = offsets[token.end[0] - 1] + token.end[1]
            if token.type in {tokenize.STRING, tokenize.COMMENT} and first < start and end < last:
                return ""
            if first >= end:
                break
    except (tokenize.TokenError, IndentationError, IndexError):
        return "" if not source[start:end].strip() else "it is code of its own"
    return "it is code of its own"
