"""How things are written and named: decorators, calls and assignments in source, sinks for a reader."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from fumehood.engines.code.values import Cls, Const, Text, Value, options

__all__ = ["assignment", "dotted", "matches", "raised", "shown", "text", "written_call", "written_decorators"]


_SHOWN = {
    "jinja2.unescaped": "a template",
    "jinja2.script": "a script in a template",
    "jinja2.attribute": "an attribute without quotes in a template",
    "jinja2.link": "an address in a template",
    "flask.view.return": "the response",
    "python.compare": "a comparison with the request",
}


def raised(node: ast.AST) -> str:
    """Return what a ``raise`` raises, as ``raise Forbidden``; "" for anything else."""
    if not isinstance(node, ast.Raise) or node.exc is None:
        return ""
    return f"raise {dotted(node.exc.func if isinstance(node.exc, ast.Call) else node.exc)}"


def written_decorators(node: ast.AST, view: Value | None) -> Iterator[str]:
    """The decorators of a view as they are written, its class's lists of them (``decorators = [login_required]``) included."""
    written: list[ast.AST] = list(getattr(node, "decorator_list", ()))
    for statement in view.node.body if isinstance(view, Cls) else ():
        names = statement.targets if isinstance(statement, ast.Assign) else []
        lists = [
            name for name in names if isinstance(name, ast.Name) and name.id.strip("_").endswith("decorators")
        ]
        written += ast.walk(statement) if lists else ()
    for item in written:
        name = dotted(item.func if isinstance(item, ast.Call) else item)  # type: ignore[arg-type]
        if name:
            yield name


def written_call(node: ast.AST) -> str:
    """Return a call as it is written, cut short."""
    return ast.unparse(node)[:300] if isinstance(node, ast.Call) else ""


def dotted(node: ast.expr) -> str:
    """A name of up to four parts as it is written: ``g.session``, ``g.user[id]``."""
    if isinstance(node, ast.Subscript):
        key = node.slice.value if isinstance(node.slice, ast.Constant) else None
        name = dotted(node.value)
        return f"{name}[{key}]" if name and isinstance(key, str) else ""
    parts: list[str] = []
    while isinstance(node, ast.Attribute) and len(parts) < 4:
        parts.append(node.attr)
        node = node.value
    return ".".join([node.id, *reversed(parts)]) if isinstance(node, ast.Name) else ""


def assignment(body: list[ast.stmt], name: str) -> ast.AST | None:
    """Return the last statement of a body that assigns to a name."""
    found: ast.AST | None = None
    for statement in body:
        if isinstance(statement, ast.Assign):
            if any(isinstance(target, ast.Name) and target.id == name for target in statement.targets):
                found = statement
        elif (
            isinstance(statement, ast.AnnAssign)
            and isinstance(statement.target, ast.Name)
            and statement.target.id == name
        ):
            found = statement
    return found


def matches(patterns: Iterable[str], path: str) -> bool:
    """Tell whether a public name is one that a rule asked for: exact, ``*.name``, ``package.*`` or ``holder[*]``."""
    for pattern in patterns:
        if pattern == path:
            return True
        if pattern.startswith("*.") and path.rpartition(".")[2] == pattern[2:]:
            return True
        if pattern.endswith(".*") and path.startswith(pattern[:-1]):
            return True
        if pattern.endswith("[*]") and path.startswith(pattern[:-2]) and path.endswith("]"):
            return True
    return False


def shown(path: str) -> str:
    """Return a sink's name for a reader."""
    if path in _SHOWN:
        return _SHOWN[path]
    if path.startswith("python.variable."):
        return path.rpartition(".")[2]
    return path.removeprefix("builtins.").removeprefix("?.") + ("" if path.endswith("]") else "()")


def text(value: Value) -> str:
    """Return what is known of a text, with ``{}`` for what is not."""
    for option in options(value):
        if isinstance(option, Text):
            return "".join(part if isinstance(part, str) else "{}" for part in option.parts)
        if isinstance(option, Const) and isinstance(option.value, str):
            return option.value
    return ""
