"""What a function is handed of which no caller is known: it may be anything, and is worth a suspicion where it does harm."""

from __future__ import annotations

import ast
import re
from typing import Final

from fumehood.engines.code.syntax import descendants
from fumehood.engines.code.taint import Source, Taint
from fumehood.engines.code.values import Func, Unknown, Value

__all__ = ["called_here", "unknown_arguments"]

# What an operator runs by hand is handed what the operator wants.
_BY_HAND: Final = re.compile(
    r"(^|/)(migrations?|alembic|scripts?|bin|docs?|examples?|benchmarks?|tools?/dev|contrib|fixtures)/|(^|/)(setup|manage|conftest|tasks|fabfile|noxfile|cli|__main__)\.py\Z"
)
_COMMANDS: Final = re.compile(r"\b(click|cli|typer|manager)\b|\.(command|option|argument)\b")
_TEXTS: Final = re.compile(
    r"\b(str|bytes|Any|AnyStr|dict|Dict|list|List|object|IO|BinaryIO|Union|Iterable|Sequence|Mapping)\b"
)


def unknown_arguments(func: Func) -> dict[str, Value]:
    """Return the parameters of a function that nothing calls, each with a source of the kind ``argument``; not its ``self``."""
    node = func.node
    if isinstance(node, ast.Lambda) or _BY_HAND.search(func.module.path) or _is_command(node):
        return {}
    spec = node.args
    names = [*spec.posonlyargs, *spec.args]
    if func.owner is not None:
        names = names[1:]
    return {
        part.arg: _anything(func, part) for part in (*names, *spec.kwonlyargs) if _may_be_text(part, node)
    }


def called_here(tree: ast.Module) -> set[ast.AST]:
    """Return the functions of a module whose name is called in it."""
    functions: list[ast.FunctionDef | ast.AsyncFunctionDef] = []
    names: set[str] = set()
    for node in descendants(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            functions.append(node)
        elif isinstance(node, ast.Call):
            func = node.func
            names.add(
                func.id
                if isinstance(func, ast.Name)
                else func.attr
                if isinstance(func, ast.Attribute)
                else ""
            )
    return {node for node in functions if node.name in names}


def _is_command(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    return node.name == "main" or any(_COMMANDS.search(ast.unparse(one)) for one in node.decorator_list)


def _may_be_text(part: ast.arg, node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    if part.annotation is not None and not _TEXTS.search(ast.unparse(part.annotation)):
        return False
    spec = node.args
    plain = [*spec.posonlyargs, *spec.args]
    pairs = [
        *zip(reversed(plain), reversed(spec.defaults), strict=False),
        *zip(spec.kwonlyargs, spec.kw_defaults, strict=True),
    ]
    default = next((value for name, value in pairs if name is part), None)
    return not (isinstance(default, ast.Constant) and isinstance(default.value, int | float))


def _anything(func: Func, part: ast.arg) -> Value:
    place = (func.module.path, part.lineno, part.col_offset + 1, func.name)
    source = Source("argument", f"the parameter {part.arg} of {func.name}", "", place)
    return Unknown(
        frozenset(
            {Taint(source, (), frozenset(), (place, f"{part.arg} is whatever a caller hands over", None))}
        )
    )
