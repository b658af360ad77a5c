"""Who answers for a statement: a function that only hands on a text and its values is not the one that built it."""

from __future__ import annotations

import ast
from typing import Any, Final

from fumehood.engines.code.models import Sink
from fumehood.engines.code.taint import Place

__all__ = ["answerable"]

_MOST: Final = 3  # functions that hand it on


def answerable(core: Any, sink: Sink, node: ast.AST) -> Place | None:
    """Return where the text was built that a function takes as a parameter and hands on with the values to bind, else None."""
    if sink.language != "sql" or not isinstance(node, ast.Call) or len(node.args) + len(node.keywords) < 2:
        return None
    frame, found = core.frame, None
    text: ast.expr | None = node.args[0] if node.args else None
    for _ in range(_MOST):
        name = _parameter(frame, text)
        if (
            not name
            or frame.caller is None
            or not isinstance(frame.call, ast.Call)
            or frame.caller.func is None
        ):
            break
        text = _given(frame, name)
        if text is None:
            break
        found, frame = frame.call, frame.caller
    if found is None:
        return None
    line, column = getattr(found, "lineno", 1), getattr(found, "col_offset", 0) + 1
    return frame.module.path, line, column, frame.scope


def _parameter(frame: Any, text: ast.expr | None) -> str:
    """Return the parameter that an expression is, when nothing in the function changes it."""
    if not isinstance(text, ast.Name) or frame.func is None or isinstance(frame.func.node, ast.Lambda):
        return ""
    spec = frame.func.node.args
    if text.id not in {item.arg for item in (*spec.posonlyargs, *spec.args, *spec.kwonlyargs)}:
        return ""
    changed = any(
        isinstance(child, ast.Name) and child.id == text.id and isinstance(child.ctx, ast.Store)
        for child in ast.walk(frame.func.node)
    )
    return "" if changed else text.id


def _given(frame: Any, name: str) -> ast.expr | None:
    """Return what a call hands over for a parameter."""
    spec = frame.func.node.args
    names = [item.arg for item in (*spec.posonlyargs, *spec.args)]
    for keyword in frame.call.keywords:
        if keyword.arg == name:
            given: ast.expr = keyword.value
            return given
    position = names.index(name) if name in names else -1
    if frame.func.self_value is not None:
        position -= 1
    args = frame.call.args
    if not 0 <= position < len(args) or any(isinstance(item, ast.Starred) for item in args[: position + 1]):
        return None
    found: ast.expr = args[position]
    return found
