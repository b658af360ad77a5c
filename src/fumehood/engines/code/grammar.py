"""Python that is newer than the one that runs: f-strings of 3.12 rewritten so that an older parser reads them."""

from __future__ import annotations

import ast
import re
import sys
from typing import Final

__all__ = ["downgrade", "needs"]

_NEXT: Final = re.compile(r"(?i)#|((?<!\w)(?:[fubr]|rf|fr|br|rb))?(\"\"\"|'''|\"|')")
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
    """Return the text with its f-strings written so that Python 3.11 reads them; None: there is nothing to rewrite.

    An f-string that uses its own quote or a backslash inside a field gets triple quotes, and strings in its fields are spelt
    without backslashes. Lines stay what they are; columns after such a string move. Only for reading: it is never run.
    """
    if sys.version_info >= (3, 12):
        return None
    out: list[str] = []
    position = 0
    changed = False
    while position < len(text):
        match = _NEXT.search(text, position)
        if match is None:
            out.append(text[position:])
            break
        out.append(text[position : match.start()])
        position = match.start()
        if match.group(0) == "#":
            end = text.find("\n", position)
            end = len(text) if end < 0 else end
            out.append(text[position:end])
        elif "f" in (match.group(1) or "").lower():
            rewritten, end = _fstring(text, match)
            if rewritten is None:
                return None
            changed = changed or rewritten != text[position:end]
            out.append(rewritten)
        else:
            end = _string_end(text, match.end(), match.group(2))
            if end < 0:
                return None
            out.append(text[position:end])
        position = end
    return "".join(out) if changed else None


def _fstring(text: str, match: re.Match[str]) -> tuple[str | None, int]:
    """Return an f-string as an older parser reads it, and where it ends."""
    quote = match.group(2)
    position = match.end()
    body: list[str] = []
    strange = False
    depth = 0
    while position < len(text):
        char = text[position]
        if depth == 0:
            if char == "\\" and "r" not in (match.group(1) or "").lower():
                body.append(text[position : position + 2])
                position += 2
            elif text.startswith(quote, position):
                position += len(quote)
                whole = "".join(body)
                if not strange:
                    return f"{match.group(1) or ''}{quote}{whole}{quote}", position
                return _tripled(match.group(1) or "", whole), position
            elif text.startswith(("{{", "}}"), position):
                body.append(text[position : position + 2])
                position += 2
            elif len(quote) == 1 and char == "\n":
                return None, position
            else:
                depth = 1 if char == "{" else 0
                body.append(char)
                position += 1
            continue
        inner = _NEXT.match(text, position)
        if inner is not None and inner.group(0) != "#":
            if "f" in (inner.group(1) or "").lower():
                piece, end = _fstring(text, inner)
                if piece is None:
                    return None, end
            else:
                end = _string_end(text, inner.end(), inner.group(2))
                if end < 0:
                    return None, position
                piece = _spelt(text[position:end])
            strange = strange or quote in text[position:end] or piece != text[position:end]
            body.append(piece)
            position = end
            continue
        depth += (char in "{[(") - (char in "}])")
        strange = strange or (char == "\n" and len(quote) == 1)
        body.append(char)
        position += 1
    return None, position


def _spelt(literal: str) -> str:
    """Return a string literal without backslashes."""
    if "\\" not in literal:
        return literal
    try:
        value = ast.literal_eval(literal)
    except (SyntaxError, ValueError):
        return literal
    if not isinstance(value, str):
        return literal
    pieces = [
        f"'{part}'"
        if part.isprintable() and not set(part) & set("'\\")
        else f'"{part}"'
        if part == "'"
        else f"chr({ord(part)})"
        for part in value
    ]
    return f"({' + '.join(pieces)})" if len(pieces) > 1 else pieces[0] if pieces else "''"


def _tripled(prefix: str, body: str) -> str | None:
    for quote in ('"', "'"):
        triple = quote * 3
        if triple not in body and not (body.endswith(quote) and not body.endswith("\\" + quote)):
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
