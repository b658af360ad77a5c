"""Python that is newer than the one that runs: f-strings of 3.12 rewritten so that an older parser reads them."""

from __future__ import annotations

import re
import sys
from typing import Final

__all__ = ["downgrade", "needs"]

_PREFIX: Final = re.compile(r"(?i)(?<![\w'\"])(?:f|rf|fr)(\"\"\"|'''|\"|')")
_PLAIN: Final = re.compile(r"(?i)(?<![\w'\"])(?:u|b|r|br|rb)?(\"\"\"|'''|\"|')")
_PRINT: Final = re.compile(r"Missing parentheses in call to '(print|exec)'")


def needs(error: SyntaxError) -> str:
    """Return why a file does not parse, with the version of Python that it seems to need."""
    running = f"{sys.version_info[0]}.{sys.version_info[1]}"
    where = f"line {error.lineno}: {error.msg}"
    if _PRINT.search(error.msg or "") or "multiple exception types" in (error.msg or ""):
        return f"it is Python 2 ({where})"
    if "f-string" in (error.msg or "") and sys.version_info < (3, 12):
        return f"it seems to need Python 3.12 or later, this is {running} ({where})"
    return f"Python {running} cannot parse it ({where})"


def downgrade(text: str) -> str | None:
    """Return the text with each f-string that uses its own quote inside a field in triple quotes instead; None: nothing to do.

    Lines stay what they are; columns after such a string move. Only for reading: the result is never run.
    """
    if sys.version_info >= (3, 12):
        return None
    out: list[str] = []
    position = 0
    changed = False
    while position < len(text):
        char = text[position]
        if char == "#":
            end = text.find("\n", position)
            end = len(text) if end < 0 else end
            out.append(text[position:end])
            position = end
            continue
        if char not in "fFrRbBuU'\"":
            out.append(char)
            position += 1
            continue
        match = _PREFIX.match(text, position)
        if match:
            end, nested = _fstring_end(text, match.end(), match.group(1))
            if end < 0:
                return None
            body = text[match.end() : end - len(match.group(1))]
            if nested and len(match.group(1)) == 1:
                rewritten = _triple(text[position : match.end() - 1], body, match.group(1))
                if rewritten is None:
                    return None
                out.append(rewritten)
                changed = True
            else:
                out.append(text[position:end])
            position = end
            continue
        plain = _PLAIN.match(text, position)
        if plain:
            end = _string_end(text, plain.end(), plain.group(1))
            if end < 0:
                return None
            out.append(text[position:end])
            position = end
            continue
        out.append(char)
        position += 1
    return "".join(out) if changed else None


def _triple(prefix: str, body: str, quote: str) -> str | None:
    for triple in (quote * 3, ('"' if quote == "'" else "'") * 3):
        if triple not in body and not body.endswith(triple[0]):
            return f"{prefix}{triple}{body}{triple}"
    return None


def _string_end(text: str, position: int, quote: str) -> int:
    while position < len(text):
        if text[position] == "\\":
            position += 2
        elif text.startswith(quote, position):
            return position + len(quote)
        elif len(quote) == 1 and text[position] == "\n":
            return -1
        else:
            position += 1
    return -1


def _fstring_end(text: str, position: int, quote: str) -> tuple[int, bool]:
    """Return where an f-string ends, and whether a field in it holds a string with the same quote."""
    depth = 0
    nested = False
    while position < len(text):
        char = text[position]
        if depth == 0:
            if char == "\\":
                position += 2
                continue
            if text.startswith(quote, position):
                return position + len(quote), nested
            if text.startswith(("{{", "}}"), position):
                position += 2
                continue
            if len(quote) == 1 and char == "\n":
                return -1, nested
            if char == "{":
                depth = 1
            position += 1
            continue
        if char in "'\"":
            inner = _PLAIN.match(text, position)
            if inner is None:
                return -1, nested
            is_f = text[position - 1] in "fF" or text[max(0, position - 2) : position].lower() in ("fr", "rf")
            end = _fstring_end(text, inner.end(), inner.group(1))[0] if is_f else _string_end(text, inner.end(), inner.group(1))
            if end < 0:
                return -1, nested
            nested = nested or quote in text[position:end] or "\\" in text[position:end]
            position = end
            continue
        if char in "{[(":
            depth += 1
        elif char in "}])":
            depth -= 1
        position += 1
    return -1, nested
