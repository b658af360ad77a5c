"""Values that a template marks as safe, wherever they come from: inside an attribute's quotes, where markup has no business, and in text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from jinja2 import nodes

from fumehood.engines.code.jinja import Unparsable, parsed
from fumehood.engines.code.markup import Page
from fumehood.findings import Location

__all__ = ["raw_attributes", "raw_values"]

_ESCAPES: Final = frozenset(
    {"e", "escape", "forceescape", "tojson", "urlencode", "striptags", "int", "length", "count", "xmlattr"}
)
_UNCHANGED: Final = frozenset(
    {"safe", "default", "d", "trim", "string", "replace", "first", "last", "join", "upper", "lower", "title"}
)
_MARKUP: Final = re.compile(
    r"html|svg|icon|markup|markdown|render|widget|form|field|csrf|style|css|script|badge|button|label|clean|safe|escap|sanit|as_p|table|text_?type|plot|chart|diff|icon",
    re.IGNORECASE,
)
_OWN: Final = (
    "config.",
    "g.",
    "self.",
    "super.",
    "loop.",
    "form.",
    "field.",
    "caller",
    "macros.",
    "h.",
    "helpers.",
)
_MAX: Final = 500_000


def raw_attributes(path: str, text: str) -> Iterator[Location]:
    """Yield the places where a variable with ``|safe`` stands in an attribute.

    Parameters:
        path: the template's file, for the locations.
        text: what is in it; a template that cannot be parsed yields nothing.
    """
    for where, part, place in _shown(path, text):
        if where in ("quoted", "unquoted", "link") and _raw(part):
            yield place


def raw_values(path: str, text: str) -> Iterator[tuple[Location, str]]:
    """Yield the places where data with ``|safe`` stands in the text of a page, and the data's name: ``item.title``."""
    for where, part, place in _shown(path, text):
        marked = [part, *part.find_all(nodes.Filter)] if isinstance(part, nodes.Call) else [part]
        name = next((found for one in marked if (found := _data(one))), "") if where == "text" else ""
        if name:
            yield place, name


def _shown(path: str, text: str) -> Iterator[tuple[str, nodes.Expr, Location]]:
    """Yield each expression of a page with where it stands."""
    if len(text) > _MAX or "safe" not in text:
        return
    try:
        tree = parsed(text)
    except Unparsable:
        return
    lines = text.splitlines()
    page = Page()
    for output in tree.find_all(nodes.Output):
        for part in output.nodes:
            if isinstance(part, nodes.TemplateData):
                page.feed(part.data)
                continue
            line = part.lineno
            code = lines[line - 1].strip() if line <= len(lines) else ""
            yield page.here().where, part, Location(path, line, 1, code=code)
            page.expression()


def _data(node: nodes.Node) -> str:
    """Return the name of what is marked as safe when it is data and nothing has been done to it that could clean it."""
    safe = False
    while isinstance(node, nodes.Filter) and node.node is not None:
        if node.name not in _UNCHANGED:
            return ""
        safe = safe or node.name == "safe"
        node = node.node
    if safe and isinstance(node, nodes.Add | nodes.Concat):  # markup that is put together
        return next((name for one in _operands(node) if (name := _plain(one))), "")
    name = _plain(node)
    return name if safe else ""


def _operands(node: nodes.Node) -> Iterator[nodes.Node]:
    if isinstance(node, nodes.Add):
        yield from _operands(node.left)
        yield from _operands(node.right)
    elif isinstance(node, nodes.Concat):
        for item in node.nodes:
            yield from _operands(item)
    else:
        yield node


def _plain(node: nodes.Node) -> str:
    called = isinstance(node, nodes.Call)
    name = _dotted(node.node if isinstance(node, nodes.Call) else node)
    if "." not in name or _MARKUP.search(name) or name.startswith(_OWN):
        return ""
    return f"{name}()" if called else name


def _dotted(node: nodes.Node) -> str:
    if isinstance(node, nodes.Name):
        return node.name
    if isinstance(node, nodes.Getattr):
        above = _dotted(node.node)
        return f"{above}.{node.attr}" if above else ""
    if isinstance(node, nodes.Getitem):
        above = _dotted(node.node)
        key = str(node.arg.value) if isinstance(node.arg, nodes.Const) else ""
        return f"{above}.{key}" if above and key else ""
    return ""


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
