"""Values that a template marks as safe inside an attribute's quotes, wherever they come from: markup has no business there."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from jinja2 import Environment, TemplateSyntaxError, nodes

from fumehood.engines.code.markup import Page
from fumehood.findings import Location

__all__ = ["raw_attributes"]

_ESCAPES: Final = frozenset(
    {"e", "escape", "forceescape", "tojson", "urlencode", "striptags", "int", "length", "count", "xmlattr"}
)
_MAX: Final = 500_000


def raw_attributes(path: str, text: str) -> Iterator[Location]:
    """Yield the places where a variable with ``|safe`` stands in an attribute.

    Parameters:
        path: the template's file, for the locations.
        text: what is in it; a template that cannot be parsed yields nothing.
    """
    if len(text) > _MAX or "safe" not in text:
        return
    environment = Environment(extensions=["jinja2.ext.do", "jinja2.ext.loopcontrols", "jinja2.ext.i18n"])  # noqa: S701 -- only parses
    try:
        tree = environment.parse(text)
    except (TemplateSyntaxError, RecursionError):
        return
    lines = text.splitlines()
    page = Page()
    for output in tree.find_all(nodes.Output):
        for part in output.nodes:
            if isinstance(part, nodes.TemplateData):
                page.feed(part.data)
                continue
            if page.here().where in ("quoted", "unquoted", "link") and _raw(part):
                line = part.lineno
                yield Location(path, line, 1, code=lines[line - 1].strip() if line <= len(lines) else "")
            page.expression()


def _raw(node: nodes.Node) -> bool:
    safe = False
    while isinstance(node, nodes.Filter) and node.node is not None:
        if node.name in _ESCAPES:
            return False
        safe = safe or node.name == "safe"
        node = node.node
    if isinstance(node, nodes.Call):  # a method of a variable's text; functions return markup of their own
        node = (
            node.node.node
            if isinstance(node.node, nodes.Getattr)
            and node.node.attr in ("replace", "strip", "format", "join")
            else nodes.Const("")
        )
    return safe and isinstance(node, nodes.Name | nodes.Getattr | nodes.Getitem)
