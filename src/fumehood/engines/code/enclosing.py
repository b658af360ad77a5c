"""What a place in a file stands among, as it is written: the ``if`` statements above it, the names of its function."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import lru_cache

from fumehood.engines.code.syntax import descendants, written

__all__ = ["named", "names_around", "setters", "tests_above"]


def tests_above(tree: ast.Module, line: int) -> tuple[str, ...]:
    """Return the tests of the ``if`` statements around a line, outermost first; ``not (...)`` in an ``else``."""
    found: list[str] = []
    here: ast.AST = tree
    while True:
        inner = next((child for child in _statements(here) if _spans(child, line)), None)
        if inner is None:
            return tuple(found)
        if isinstance(here, ast.If) and not _spans(here.test, line):
            test = ast.unparse(here.test)
            found.append(test if inner in here.body else f"not ({test})")
        here = inner


@lru_cache(maxsize=4_096)
def names_around(tree: ast.Module, line: int) -> frozenset[str]:
    """Return the names and attributes that are written in the function around a line, or in the whole file outside of functions."""
    here: ast.AST = tree
    function: ast.AST = tree
    while inner := next((child for child in _statements(here) if _spans(child, line)), None):
        here = inner
        if isinstance(here, ast.FunctionDef | ast.AsyncFunctionDef):
            function = here
    return frozenset(
        child.id if isinstance(child, ast.Name) else child.attr
        for child in descendants(function)
        if isinstance(child, ast.Name | ast.Attribute)
    )


@lru_cache(maxsize=4_096)  # of each of the files that an assignment's file imports, at each assignment
def setters(tree: ast.Module) -> frozenset[str]:
    """Return the attributes whose values a class makes itself of what it is given: property setters, SQLAlchemy's ``validates``."""
    found: set[str] = set()
    for node in descendants(tree):
        if isinstance(node, ast.ClassDef):
            found.update(_made(node))
        for decorator in node.decorator_list if isinstance(node, ast.FunctionDef) else ():
            if isinstance(decorator, ast.Attribute) and decorator.attr == "setter":
                found.add(decorator.value.id if isinstance(decorator.value, ast.Name) else "")
            elif isinstance(decorator, ast.Call) and ast.unparse(decorator.func).endswith("validates"):
                found.update(str(item.value) for item in decorator.args if isinstance(item, ast.Constant))
    return frozenset(found)


def named(node: ast.ClassDef) -> tuple[str, ...]:
    """Return the names that a class's body gives values or types: the columns of a model."""
    targets = [
        target
        for statement in node.body
        for target in (
            statement.targets
            if isinstance(statement, ast.Assign)
            else [statement.target]
            if isinstance(statement, ast.AnnAssign)
            else []
        )
    ]
    return tuple(target.id for target in targets if isinstance(target, ast.Name))


_MAKES = re.compile(
    r"(Property|Descriptor)$|(password|hash|encrypted|bcrypt)\w*(type|field|column)?$", re.IGNORECASE
)


def _made(node: ast.ClassDef) -> Iterator[str]:
    """The names that a class gives to ``property(read, write)``, alone or within a ``synonym``, to a descriptor, or to a type of column that hashes."""
    for statement in node.body:
        if isinstance(statement, ast.Assign | ast.AnnAssign) and isinstance(statement.value, ast.Call):
            inner = (statement.value, *statement.value.args)
            if any(isinstance(one, ast.Call) and _MAKES.search(written(one.func)) for one in inner):
                bound = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
                yield from (getattr(target, "id", "") for target in bound)
        if not isinstance(statement, ast.Assign | ast.FunctionDef):
            continue
        pairs = (
            child
            for child in descendants(statement)
            if isinstance(child, ast.Call)
            and getattr(child.func, "id", "") == "property"
            and len(child.args) > 1
        )
        if next(pairs, None) is not None:
            targets = [statement] if isinstance(statement, ast.FunctionDef) else statement.targets
            yield from (getattr(target, "name", "") or getattr(target, "id", "") for target in targets)


def _statements(node: ast.AST) -> Iterator[ast.AST]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.match_case):
            yield from child.body
        elif isinstance(child, ast.stmt | ast.excepthandler):
            yield child


def _spans(node: ast.AST, line: int) -> bool:
    return getattr(node, "lineno", 0) <= line <= (getattr(node, "end_lineno", 0) or 0)
