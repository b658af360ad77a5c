"""Parsing Jinja templates as the application's extensions would: tags that are not known are passed over."""

from __future__ import annotations

import re
from typing import Final

from jinja2 import Environment, TemplateSyntaxError, nodes

__all__ = ["parsed"]

_ENVIRONMENT: Final = Environment(  # noqa: S701 -- only parses
    extensions=["jinja2.ext.do", "jinja2.ext.loopcontrols", "jinja2.ext.i18n"]
)
_UNKNOWN: Final = re.compile(r"unknown tag '(\w+)'")
_MOST_TAGS: Final = 12


def parsed(text: str) -> nodes.Template:
    """Parse a template; a tag of an extension (``{% assets %}``, ``{% cache %}``) stands for what is in it.

    Raises:
        TemplateSyntaxError: when it is no template.
        RecursionError: when it is nested too deeply.
    """
    for _ in range(_MOST_TAGS):
        try:
            return _ENVIRONMENT.parse(text)
        except TemplateSyntaxError as error:
            found = _UNKNOWN.search(str(error.message))
            if found is None:
                raise
            text = _without(text, found[1].removeprefix("end"))
    return _ENVIRONMENT.parse(text)


def _without(text: str, tag: str) -> str:
    """Leave the tags of one name out, on lines of their own as before."""
    pattern = re.compile(r"\{%[-+]?\s*(?:end)?" + re.escape(tag) + r"\b.*?%\}", re.DOTALL)
    return pattern.sub(lambda match: "\n" * match[0].count("\n"), text)
