"""Jinja templates: a value is inert while it holds no delimiter that the template's environment would act on."""

from __future__ import annotations

from collections.abc import Sequence

__all__ = ["changes"]


def changes(source: str, start: int, end: int, delimiters: Sequence[str] = ("{{", "{%", "{#")) -> str:
    """Say what the text between two places adds to a template, or "" when it is inert there (CWE-1336)."""
    value = source[start:end]
    for delimiter in delimiters:
        if delimiter in value:
            return f"its {delimiter} starts template code"
    # Inside the program's own delimiters every value is code.
    before = source[:start]
    for delimiter, closing in (("{{", "}}"), ("{%", "%}")):
        opened = before.rfind(delimiter)
        if opened >= 0 and before.find(closing, opened) < 0 and closing in source[end:]:
            return f"it stands inside {delimiter} {closing}, where it is code"
    return ""
