"""Walking syntax trees. The standard library's walkers look at every field; these pass over those that hold no code."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from typing import Final

__all__ = ["children", "descendants", "written"]

# Fields that hold names, numbers, operators or contexts, and the one class in which one of them holds code.
_PLAIN: Final = frozenset(
    [
        "id",
        "attr",
        "arg",
        "name",
        "asname",
        "module",
        "level",
        "ctx",
        "kind",
        "type_comment",
        "conversion",
        "is_async",
        "simple",
        "rest",
        "kwd_attrs",
        "tag",
        "op",
        "ops",
    ]
)
_CODE: Final = {"TypeAlias": ("name", "type_params", "value")}


_FIELDS: Final[dict[type[ast.AST], tuple[str, ...]]] = {
    ast.Constant: (),
    ast.MatchSingleton: (),
    ast.Global: (),
    ast.Nonlocal: (),
}


def _fields(kind: type[ast.AST]) -> tuple[str, ...]:
    known = _FIELDS.get(kind)
    if known is None:
        usual = tuple(field for field in kind._fields if field not in _PLAIN)
        known = _FIELDS[kind] = _CODE.get(kind.__name__, usual)
    return known


def children(node: ast.AST) -> list[ast.AST]:
    """Return the nodes directly in a node, in the order of the grammar, but for operators and contexts."""
    found: list[ast.AST] = []
    for field in _fields(node.__class__):
        value = getattr(node, field, None)
        if value.__class__ is list:
            found += [item for item in value if item is not None]
        elif value is not None:
            found.append(value)
    return found


def descendants(node: ast.AST | Iterable[ast.AST]) -> Iterator[ast.AST]:
    """Yield a node, or several, and all that is in them, each before what is in it."""
    todo = [node] if isinstance(node, ast.AST) else list(node)[::-1]
    while todo:
        node = todo.pop()
        yield node
        if _fields(node.__class__):
            todo += children(node)[::-1]


def written(node: ast.AST) -> str:
    """Return the source of a node, "" when it is nested too deeply to write. Plain dotted names, the most of them, are put together at once."""
    parts: list[str] = []
    inner = node
    while isinstance(inner, ast.Attribute):
        parts.append(inner.attr)
        inner = inner.value
    if isinstance(inner, ast.Name):
        return ".".join([inner.id, *reversed(parts)])
    try:
        return ast.unparse(node)
    except RecursionError:
        return ""
