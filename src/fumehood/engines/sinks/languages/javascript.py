"""JavaScript expressions, as a database evaluates them: a value is inert inside one string literal, or as one number."""

from __future__ import annotations

import re

__all__ = ["changes"]

_PLAIN = re.compile(r"\s*[-+]?\d+(?:\.\d+)?\s*|\s*\w+\s*")


def changes(source: str, start: int, end: int) -> str:
    """Say what the text between two places adds to an expression, or "" when it is inert there (CWE-943)."""
    quote = ""
    index = 0
    while index < end:
        char = source[index]
        inside = index >= start
        if quote:
            if char == "\\":
                index += 1
            elif char == quote:
                if inside:
                    return "it ends the quotes around it"
                quote = ""
            elif inside and quote == "`" and source.startswith("${", index):
                return "its ${ starts an expression"
        elif inside:
            return (
                ""
                if _PLAIN.fullmatch(source[start:end])
                else "it is part of the expression, outside of quotes"
            )
        elif char in "'\"`":
            quote = char
        index += 1
    return ""
