"""Names that a module leaves empty until one of its functions fills them: ``session = None``, and ``global session`` in ``init_db``."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from typing import Final

from fumehood.engines.code.syntax import descendants

__all__ = ["fillers"]

_MOST: Final = 8  # functions of a module
_NONE: Final[Mapping[str, Sequence[ast.FunctionDef]]] = {}


def fillers(tree: ast.Module) -> Mapping[str, Sequence[ast.FunctionDef]]:
    """Return the functions that assign to each name that the module itself sets to ``None``."""
    empty = {name for statement in tree.body for name in _emptied(statement)}
    if not empty:
        return _NONE
    found: dict[str, list[ast.FunctionDef]] = {}
    functions = [statement for statement in tree.body if isinstance(statement, ast.FunctionDef)]
    for function in functions:
        for name in empty & _globals(function):
            found.setdefault(name, []).append(function)
    return found if sum(map(len, found.values())) <= _MOST else _NONE


def _emptied(statement: ast.stmt) -> list[str]:
    if not isinstance(statement, ast.Assign | ast.AnnAssign):
        return []
    if not isinstance(statement.value, ast.Constant) or statement.value.value is not None:
        return []
    targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
    return [target.id for target in targets if isinstance(target, ast.Name)]


def _globals(function: ast.FunctionDef) -> set[str]:
    return {name for node in descendants(function) if isinstance(node, ast.Global) for name in node.names}
