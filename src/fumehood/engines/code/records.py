"""Tuples with names, as ``collections.namedtuple`` makes their classes: what is kept under one name is not under another."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Final

from fumehood.engines.code.standard_library import Call
from fumehood.engines.code.values import Const, External, Value

__all__ = ["RECORDS"]

_MADE: Final = "collections.namedtuple()"


def _class(at: Call) -> Value | None:
    given = at.args[1] if len(at.args) > 1 else at.keywords.get("field_names")
    if given is None:
        return None
    known, _ = at.core.elements(given, at.state, at.node)
    if isinstance(given, Const):
        known = (given,)
    names = [one.value for one in known or () if isinstance(one, Const) and isinstance(one.value, str)]
    fields = " ".join(names).replace(",", " ").split()
    return External(_MADE, instance=True, detail=(("fields", Const(" ".join(fields))),)) if fields else None


def _record(at: Call) -> Value | None:
    fields = dict(at.func.detail).get("fields")
    if not isinstance(fields, Const) or "**" in at.keywords or _starred(at.node):
        return None
    return _holding(at, dict(zip(fields.value.split(), at.args, strict=False)) | at.keywords)


def _replaced(at: Call) -> Value | None:
    if "**" in at.keywords:
        return None
    kept = {
        label.removeprefix("part:"): value for label, value in at.func.detail if label.startswith("part:")
    }
    return _holding(at, kept | at.keywords)


def _holding(at: Call, parts: dict[str, Value]) -> Value:
    taint = at.core.taint_all(parts.values(), at.state)
    return External(
        f"{_MADE}()", taint, True, tuple((f"part:{name}", value) for name, value in parts.items())
    )


def _starred(node: ast.AST) -> bool:
    return any(isinstance(item, ast.Starred) for item in getattr(node, "args", ()))


RECORDS: Final[dict[str, Callable[[Call], Value | None]]] = {
    "collections.namedtuple": _class,
    _MADE: _record,
    f"{_MADE}()._replace": _replaced,
}
