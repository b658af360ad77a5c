"""Literals with the names under which they are written: what only a name can tell, such as which text is a password.

Read off the syntax tree, without interpreting: a literal is as visible in code that never runs.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from fumehood.engines.code.syntax import children, written
from fumehood.findings import Location

__all__ = ["Literal", "literals"]

_MOST = 20_000  # of one file
_LONGEST = 4_000  # characters of one literal


@dataclass(frozen=True, slots=True)
class Literal:
    """A string or bytes literal under a name.

    Parameters:
        name: the variable, attribute, key, keyword or parameter, as written; for a dotted target its last part.
        value: the text; bytes as Latin-1.
        how: "assign", "key" (of a dict, or an item that is assigned to), "keyword" (of a call), "default" (of a parameter), "compare",
            "argument" (an address that is handed to a call by position; the name is the call's), "fallback" (the second argument of ``get`` and ``getenv``; the name is the first), "row" (the first text of a tuple or list in a list
            that is assigned; ``beside`` has the others).
        location: where the literal stands.
        owner: the call it is a keyword of, as written; the object whose item or attribute is assigned to.
        beside: the other literals of the same dict or call, by name.
    """

    name: str
    value: str
    how: str
    location: Location
    owner: str = ""
    beside: tuple[tuple[str, str], ...] = ()


def literals(tree: ast.Module, path: str, lines: list[str]) -> tuple[Literal, ...]:
    """Return the named literals of a file, in the order of the source."""
    found: list[Literal] = []
    for item in _Reader(path, lines).read(tree):
        found.append(item)
        if len(found) >= _MOST:
            break
    return tuple(found)


_TELLING = (ast.Assign, ast.AnnAssign, ast.Dict, ast.Call, ast.arguments, ast.Compare)


class _Reader:
    def __init__(self, path: str, lines: list[str]) -> None:
        self._path, self._lines = path, lines

    def read(self, tree: ast.Module) -> Iterator[Literal]:
        todo: list[tuple[ast.AST, str]] = [(tree, "")]
        while todo:
            node, scope = todo.pop()
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                scope = f"{scope}.{node.name}" if scope else node.name
            elif isinstance(node, ast.If) and not scope and "__main__" in ast.unparse(node.test):
                scope = "__main__"
            if isinstance(node, _TELLING):
                yield from self._here(node, scope)
            todo.extend((child, scope) for child in reversed(children(node)))

    def _here(self, node: ast.AST, scope: str) -> Iterator[Literal]:
        if isinstance(node, ast.Assign):
            for target in node.targets:
                yield from self._target(target, node.value, scope)
        elif isinstance(node, ast.AnnAssign) and node.value is not None:
            yield from self._target(node.target, node.value, scope)
        elif isinstance(node, ast.Dict):
            beside = tuple(
                (_text(key) or "", _text(value) or "")
                for key, value in zip(node.keys, node.values, strict=True)
            )
            for key, value in zip(node.keys, node.values, strict=True):
                yield from self._one(_text(key) or "", value, "key", scope, "", beside)
        elif isinstance(node, ast.Call):
            yield from self._call(node, scope)
        elif isinstance(node, ast.arguments):
            positional = [*node.posonlyargs, *node.args]
            pairs = [
                *zip(positional[len(positional) - len(node.defaults) :], node.defaults, strict=True),
                *zip(node.kwonlyargs, node.kw_defaults, strict=True),
            ]
            for argument, default in pairs:
                yield from self._one(argument.arg, default, "default", scope)
        elif (
            isinstance(node, ast.Compare)
            and len(node.ops) == 1
            and isinstance(node.ops[0], ast.Eq | ast.NotEq)
        ):
            for left, right in ((node.left, node.comparators[0]), (node.comparators[0], node.left)):
                yield from self._one(_name(left), right, "compare", scope)

    def _target(self, target: ast.expr, value: ast.expr, scope: str) -> Iterator[Literal]:
        if isinstance(target, ast.Tuple | ast.List) and isinstance(value, ast.Tuple | ast.List):
            for one, other in zip(target.elts, value.elts, strict=False):
                yield from self._target(one, other, scope)
        elif isinstance(target, ast.Subscript):
            yield from self._one(_text(target.slice) or "", value, "key", scope, written(target.value))
        else:
            owner = written(target.value) if isinstance(target, ast.Attribute) else ""
            yield from self._one(_name(target), value, "assign", scope, owner)
            for row in value.elts if isinstance(value, ast.List | ast.Tuple) else ():
                texts = (
                    [text for item in row.elts if (text := _text(item)) is not None]
                    if isinstance(row, ast.List | ast.Tuple)
                    else []
                )
                if len(texts) > 1:
                    first = next(item for item in row.elts if _text(item) is not None)  # type: ignore[attr-defined]
                    beside = tuple((str(place), text) for place, text in enumerate(texts[1:], 1))
                    yield from self._one(_name(target), first, "row", scope, "", beside)

    def _call(self, node: ast.Call, scope: str) -> Iterator[Literal]:
        callee = written(node.func) if isinstance(node.func, ast.Name | ast.Attribute) else ""
        beside = tuple((keyword.arg or "", _text(keyword.value) or "") for keyword in node.keywords)
        for keyword in node.keywords:
            yield from self._one(keyword.arg or "", keyword.value, "keyword", scope, callee, beside)
        for argument in node.args:
            if "://" in (_text(argument) or ""):
                yield from self._one(callee.rpartition(".")[2], argument, "argument", scope, callee)
        if callee.rpartition(".")[2] in {"get", "getenv", "setdefault"} and len(node.args) == 2:
            yield from self._one(_text(node.args[0]) or "", node.args[1], "fallback", scope, callee)

    def _one(
        self,
        name: str,
        value: ast.expr | None,
        how: str,
        scope: str,
        owner: str = "",
        beside: tuple[tuple[str, str], ...] = (),
    ) -> Iterator[Literal]:
        text = _text(value)
        if text is None and isinstance(value, ast.BoolOp) and isinstance(value.op, ast.Or):
            # os.environ.get("KEY") or "fallback"
            how, value = "fallback", value.values[-1]
            text = _text(value)
        if not name or text is None or value is None or len(text) > _LONGEST:
            return
        line = self._lines[value.lineno - 1].strip() if value.lineno <= len(self._lines) else ""
        yield Literal(
            name,
            text,
            how,
            Location(self._path, value.lineno, value.col_offset + 1, code=line, scope=scope),
            owner,
            beside,
        )


def _text(node: ast.expr | None) -> str | None:
    if isinstance(node, ast.Constant) and isinstance(node.value, str | bytes):
        return node.value if isinstance(node.value, str) else node.value.decode("latin-1")
    return None


def _name(node: ast.expr) -> str:
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        return node.attr
    if isinstance(node, ast.Subscript):
        return _text(node.slice) or ""
    return ""
