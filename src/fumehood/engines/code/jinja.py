"""Parsing Jinja templates as the application's extensions would: tags that are not known are passed over."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from jinja2 import Environment, nodes

__all__ = ["Unparsable", "parsed"]

_UNKNOWN: Final = re.compile(r"unknown tag '(\w+)'")
_MOST_TAGS: Final = 12


class Unparsable(Exception):
    """A text that is no template, or nested too deeply; the text of the exception says why."""


def parsed(text: str) -> nodes.Template:
    """Parse a template; a tag of an extension (``{% assets %}``, ``{% cache %}``) stands for what is in it.

    Raises:
        Unparsable: when it cannot be parsed.
    """
    from jinja2 import TemplateSyntaxError

    why = ""
    for _ in range(_MOST_TAGS):
        try:
            return _environment().parse(text)
        except RecursionError as error:
            raise Unparsable(str(error)) from error
        except TemplateSyntaxError as error:
            why = str(error)
            found = _UNKNOWN.search(str(error.message))
            if found is None:
                break
            text = _without(text, found[1].removeprefix("end"))
    raise Unparsable(why)


@lru_cache(maxsize=1)
def _environment() -> Environment:
    """The parser, made when there is a first template: many a file has none."""
    from jinja2 import Environment

    return Environment(extensions=["jinja2.ext.do", "jinja2.ext.loopcontrols", "jinja2.ext.i18n"])  # noqa: S701 - only parses


def _without(text: str, tag: str) -> str:
    """Leave the tags of one name out, on lines of their own as before."""
    pattern = re.compile(r"\{%[-+]?\s*(?:end)?" + re.escape(tag) + r"\b.*?%\}", re.DOTALL)
    return pattern.sub(lambda match: "\n" * match[0].count("\n"), text)
