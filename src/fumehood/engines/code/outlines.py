"""An outline of each function as it is written: what it compares, changes, asserts, swallows and says.

Read off the syntax tree, without interpreting: for flaws that are a check that is missing, or one that does nothing.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from fumehood.engines.code.enclosing import named
from fumehood.engines.code.syntax import children, descendants, written
from fumehood.findings import Location

__all__ = ["Outline", "outlines"]

_MOST = 5_000  # functions of one file
_LONGEST = 200  # characters of one text

_SPELLS = frozenset(
    {
        "str",
        "repr",
        "format",
        "jsonify",
        "make_response",
        "Response",
        "escape",
        "dumps",
        "render_template_string",
        "Markup",
        "flash",
    }
)

_TRACES = frozenset(
    f"{module}{name}"
    for module in ("", "traceback.")
    for name in ("format_exc", "format_exception", "format_tb")
)

Line = tuple[str, int]  # source text, its line


@dataclass(frozen=True, slots=True)
class Outline:
    """A function as it is written; nested functions have outlines of their own.

    Parameters:
        name: qualified within its file: ``Account.withdraw``.
        location: its first line.
        parameters: their names, without ``self`` and ``cls``.
        decorators: as written.
        names: dotted names in it, of up to four parts, and the keywords that it hands over.
        calls: what it calls, as written, with the line.
        compares: comparisons and negations in conditions, as written, with the line.
        texts: string constants but for the docstring, with the line.
        changes: assignments to attributes and items: (target, operator, value, line).
        asserts: the conditions of its assertions.
        swallowed: (what the ``try`` calls joined by blanks, the handler's only statement, the handler's line), for handlers of one harmless statement.
        returns: what it returns, as written.
        errors: (the type of an exception or the decorator that hands it over, what is returned and holds its text, line).
    """

    name: str
    location: Location
    parameters: tuple[str, ...]
    decorators: tuple[str, ...]
    names: frozenset[str]
    calls: tuple[Line, ...]
    compares: tuple[Line, ...]
    texts: tuple[Line, ...]
    changes: tuple[tuple[str, str, str, int], ...]
    asserts: tuple[Line, ...]
    swallowed: tuple[tuple[str, str, int], ...]
    returns: tuple[Line, ...]
    errors: tuple[tuple[str, str, int], ...] = ()


def outlines(tree: ast.Module, path: str, lines: list[str]) -> tuple[Outline, ...]:
    """Return the outline of each function of a file, in the order of the source."""
    found: list[Outline] = []
    todo: list[tuple[ast.AST, str]] = [(tree, "")]
    while todo and len(found) < _MOST:
        node, scope = todo.pop()
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            scope = f"{scope}.{node.name}" if scope else node.name
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            found.append(_outline(node, scope, path, lines))
        todo.extend((child, scope) for child in reversed(children(node)))
    return tuple(found)


def classes(tree: ast.Module) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Return each class of a file with the names that its body gives values or types: the columns of a model."""
    for node in descendants(tree):
        if isinstance(node, ast.ClassDef):
            yield node.name, named(node)


def _outline(node: ast.FunctionDef | ast.AsyncFunctionDef, name: str, path: str, lines: list[str]) -> Outline:
    spec = node.args
    parameters = [item.arg for item in (*spec.posonlyargs, *spec.args, *spec.kwonlyargs)]
    inside = list(_own(node))
    document = node.body[0].value if isinstance(node.body[0], ast.Expr) else None
    code = lines[node.lineno - 1].strip() if node.lineno <= len(lines) else ""
    changes = [item for child in inside for item in _change(child)]
    swallowed = [item for child in inside if isinstance(child, ast.Try) for item in _swallow(child)]
    return Outline(
        name,
        Location(path, node.lineno, node.col_offset + 1, code=code, scope=name),
        tuple(item for item in parameters if item not in ("self", "cls")),
        tuple(_written(item) for item in node.decorator_list),
        frozenset(filter(None, _names(inside))),
        tuple((_dotted(child.func), child.lineno) for child in inside if isinstance(child, ast.Call)),
        tuple(
            (_written(child), child.lineno)
            for child in inside
            if isinstance(child, ast.expr) and _is_condition(child)
        ),
        tuple(
            (child.value, child.lineno)
            for child in inside
            if isinstance(child, ast.Constant)
            and isinstance(child.value, str)
            and child is not document
            and len(child.value) < _LONGEST
        ),
        tuple(changes),
        tuple((_written(child.test), child.lineno) for child in inside if isinstance(child, ast.Assert)),
        tuple(swallowed),
        tuple(
            (_written(child.value) if child.value is not None else "None", child.lineno)
            for child in inside
            if isinstance(child, ast.Return)
        ),
        tuple(_errors(node, inside)),
    )


def _own(function: ast.AST) -> Iterator[ast.AST]:
    """What is written in a function, in the order of the source, but for the functions and classes in it."""
    todo: list[ast.AST] = (
        list(reversed(function.body)) if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef) else []
    )
    while todo:
        node = todo.pop()
        yield node
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            todo += children(node)[::-1]


def _names(inside: list[ast.AST]) -> Iterator[str]:
    for child in inside:
        if isinstance(child, ast.Attribute | ast.Name):
            yield _dotted(child)
        elif isinstance(child, ast.keyword) and child.arg:
            yield child.arg


def _is_condition(node: ast.expr) -> bool:
    return isinstance(node, ast.Compare) or (isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not))


def _change(node: ast.AST) -> Iterator[tuple[str, str, str, int]]:
    if isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Attribute | ast.Subscript):
        sign = {ast.Add: "+=", ast.Sub: "-="}.get(type(node.op), "=")
        yield _written(node.target), sign, _written(node.value), node.lineno
    elif isinstance(node, ast.Assign):
        for target in node.targets:
            if isinstance(target, ast.Attribute | ast.Subscript):
                yield _written(target), "=", _written(node.value), node.lineno


def _swallow(node: ast.Try) -> Iterator[tuple[str, str, int]]:
    tried = " ".join(
        dict.fromkeys(_dotted(child.func) for child in descendants(node.body) if isinstance(child, ast.Call))
    )
    for handler in node.handlers:
        if len(handler.body) == 1 and isinstance(handler.body[0], ast.Pass | ast.Continue | ast.Return):
            yield tried[:2_000], _written(handler.body[0]), handler.lineno


def _errors(
    node: ast.FunctionDef | ast.AsyncFunctionDef, inside: list[ast.AST]
) -> Iterator[tuple[str, str, int]]:
    """What is returned and holds the text of an exception, or a traceback."""
    returned = [child for child in inside if isinstance(child, ast.Return)]
    for child in inside:
        if isinstance(child, ast.ExceptHandler):
            kind = _written(child.type) if child.type is not None else "BaseException"
            told: dict[str, Line] = {child.name: ("", 0)} if child.name else {}
            for text, line in _telling(child.body, told):
                yield kind, text, line
            for later in returned:  # what the handler left for the end of the function
                kept = told.get(later.value.id) if isinstance(later.value, ast.Name) else None
                if kept is not None and kept[1] and later.lineno > (child.end_lineno or 0):
                    yield kind, *kept
    for decorator in node.decorator_list:
        if "errorhandler" in _written(decorator) and node.args.args:
            for text, line in _telling(node.body, {node.args.args[-1].arg: ("", 0)}):
                yield _written(decorator), text, line


def _telling(body: list[ast.stmt], told: dict[str, Line]) -> Iterator[Line]:
    """What is returned of the names that hold an exception's text; adds to them those that are given it."""
    for child in descendants(body):
        if isinstance(child, ast.Assign) and _tells(child.value, set(told)):
            for target in child.targets:
                holder = target.value if isinstance(target, ast.Subscript) else target
                if isinstance(holder, ast.Name):
                    told[holder.id] = _written(child.value), child.lineno
        elif isinstance(child, ast.Return) and child.value is not None and _tells(child.value, set(told)):
            yield _written(child.value), child.lineno


def _tells(node: ast.expr, names: set[str]) -> bool:
    """Whether the text of what has one of these names becomes part of an expression: ``str(e)``, ``f"{e}"``, ``e.args``, not ``e.code``."""
    for child in descendants(node):
        if isinstance(child, ast.Call) and _dotted(child.func) in _TRACES:
            return True
        if isinstance(child, ast.Attribute) and isinstance(child.value, ast.Name) and child.value.id in names:
            if child.attr in ("message", "args", "orig", "msg", "__dict__"):
                return True
        elif (
            isinstance(child, ast.FormattedValue | ast.BinOp | ast.Dict | ast.Tuple | ast.keyword)
            or (isinstance(child, ast.Call) and _dotted(child.func).rpartition(".")[2] in _SPELLS)
        ) and any(isinstance(part, ast.Name) and part.id in names for part in children(child)):
            return True
    return isinstance(node, ast.Name) and node.id in names


def _dotted(node: ast.expr) -> str:
    """A name as it is written; ``().`` stands for what is no name."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute) and len(parts) < 4:
        parts.append(node.attr)
        node = node.value
    head = node.id if isinstance(node, ast.Name) else "()" if parts else ""
    return ".".join([head, *reversed(parts)]) if head else ""


def _written(node: ast.AST) -> str:
    return written(node)[:_LONGEST]
