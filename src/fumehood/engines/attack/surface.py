"""What can be sent to an application: its routes, and the names of what each view reads from a request."""

from __future__ import annotations

import ast
import inspect
import re
import textwrap
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from flask import Flask
from werkzeug.exceptions import NotFound
from werkzeug.routing import Rule as UrlRule

__all__ = ["Entry", "Parameter", "removes", "surface"]

_READERS = {
    "args": "query", "form": "form", "values": "form", "json": "json", "cookies": "cookie", "headers": "header", "files": "file",
}  # fmt: skip
_JSON_CALLS = frozenset({"get_json", "json", "loads"})
_DEEPEST = 4
_REMOVES = re.compile(r"delet|remov|destroy|drop|clear|purge|reset|log-?_?out|sign-?_?out", re.IGNORECASE)
_LEFT_OUT = frozenset({"HEAD", "OPTIONS"})


@dataclass(frozen=True, slots=True)
class Parameter:
    """A place of a request that a view reads: ``source`` is "query", "form", "json", "path", "cookie", "header", "file", "body" or "graphql"."""

    source: str
    name: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One method of one route, with what its view reads."""

    method: str
    rule: str
    endpoint: str
    parameters: tuple[Parameter, ...] = ()
    file: str = ""
    line: int = 0
    converters: dict[str, str] = field(default_factory=dict, hash=False)
    page: str = ""  # where a form is shown that is sent here
    defaults: dict[str, str] = field(
        default_factory=dict, hash=False
    )  # what that form sends when nobody changes it
    kinds: dict[str, str] = field(
        default_factory=dict, hash=False
    )  # of that form's fields: "password", "email", "text" ...
    questions: dict[str, tuple[str, dict[str, Any]]] = field(
        default_factory=dict, hash=False
    )  # GraphQL: documents and variables, by field
    takes_away: bool = False  # an honest request was seen to empty the database, or a part of it
    words: tuple[str, ...] = field(
        default=(), hash=False
    )  # names that the view spells and compares others with

    def __str__(self) -> str:
        return f"{self.method} {self.rule}"

    @property
    def changes_state(self) -> bool:
        return self.method not in {"GET", "HEAD", "OPTIONS"}

    @property
    def key(self) -> str:
        return f"{self.method} {self.rule} {self.endpoint}"

    def having(self, parameters: Iterable[Parameter]) -> Entry:
        """Return the same entry with more parameters."""
        return replace(self, parameters=tuple(dict.fromkeys((*self.parameters, *parameters))))

    def named(self, *sources: str) -> tuple[Parameter, ...]:
        """Return the parameters whose names are known."""
        return tuple(item for item in self.reads(*sources) if item.name not in {"", "*"})

    def reads(self, *sources: str) -> tuple[Parameter, ...]:
        return tuple(item for item in self.parameters if item.source in sources)


def removes(entry: Entry) -> bool:
    """Tell whether a route, by its method or name, takes something away, or ends a session."""
    return (
        entry.takes_away
        or entry.method == "DELETE"
        or _REMOVES.search(f"{entry.rule} {entry.endpoint}") is not None
    )


def surface(app: Flask, root: Path) -> list[Entry]:
    """Return every route and method, in the order of the URL map's rules, static folders left out."""
    entries: list[Entry] = []
    for rule in sorted(app.url_map.iter_rules(), key=lambda rule: (rule.rule, rule.endpoint)):
        if rule.endpoint == "static" or rule.endpoint.endswith(".static") or rule.websocket:
            continue
        view = app.view_functions.get(rule.endpoint)
        entries.extend(
            _entry(rule, method, view, root) for method in sorted((rule.methods or set()) - _LEFT_OUT)
        )
    return entries + _error_page(app, root)


def _error_page(app: Flask, root: Path) -> list[Entry]:
    """The page for what there is not: it may repeat the address that was asked for."""
    handlers = app.error_handler_spec.get(None, {})
    handler = next(iter(handlers.get(404, {}).values()), None) or next(
        (view for kind, view in handlers.get(None, {}).items() if issubclass(NotFound, kind)), None
    )
    if handler is None or any(rule.rule.startswith("/<path:") for rule in app.url_map.iter_rules()):
        return []
    file, line = _place(inspect.unwrap(handler), root)
    address = Parameter("path", "address")
    return [
        Entry(
            "GET", "/<path:address>", "the error page", (address,), file, line, {"address": "PathConverter"}
        )
    ]


def _entry(rule: UrlRule, method: str, view: Callable[..., Any] | None, root: Path) -> Entry:
    converters = {name: type(converter).__name__ for name, converter in rule._converters.items()}
    found = [Parameter("path", name) for name in sorted(rule.arguments)]
    file, line = "", 0
    target = _target(view, method) if view is not None else None
    if target is not None:
        file, line = _place(target, root)
        found += [
            item
            for item in _reads(target, root)
            if not (method == "GET" and item.source in {"form", "file"} and item.name == "")
        ]
    if method == "GET":
        # request.values holds the query; a form read by the same view belongs to its other methods.
        found = [Parameter("query", item.name) if item.source == "values" else item for item in found]
        found = [item for item in found if item.source not in {"form", "file", "json", "body"}]
    else:
        found = [Parameter("form", item.name) if item.source == "values" else item for item in found]
    return Entry(method, rule.rule, rule.endpoint, tuple(dict.fromkeys(found)), file, line, converters)


def _target(view: Callable[..., Any], method: str) -> Any:
    """The function that a person wrote: out of decorators, and a class's method."""
    view_class = getattr(view, "view_class", None)
    if view_class is not None:
        found = getattr(view_class, method.lower(), None) or getattr(view_class, "dispatch_request", None)
        return inspect.unwrap(found) if found is not None else view_class
    seen: set[int] = set()
    while id(view) not in seen:
        seen.add(id(view))
        if hasattr(view, "__wrapped__"):
            view = view.__wrapped__
        elif inner := _closed_over(view):
            view = inner
    return view


def _closed_over(view: Any) -> Any:
    """The view inside a decorator that did not use functools.wraps, or inside connexion's chain of decorators."""
    for cell in getattr(view, "__closure__", None) or ():
        try:
            content = cell.cell_contents
        except ValueError:
            continue
        if inspect.isfunction(content):
            return content
    return None


def _place(target: Any, root: Path) -> tuple[str, int]:
    try:
        file = Path(inspect.getsourcefile(target) or "").resolve()
        return (
            (str(file.relative_to(root.resolve())), inspect.getsourcelines(target)[1])
            if file.is_relative_to(root.resolve())
            else ("", 0)
        )
    except (TypeError, OSError):
        return "", 0


def _reads(target: Any, root: Path, depth: int = 0, seen: set[int] | None = None) -> Iterator[Parameter]:
    """What a function reads of the request, and what the project's functions that it calls do."""
    seen = set() if seen is None else seen
    if id(target) in seen or depth > _DEEPEST:
        return
    seen.add(id(target))
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(target)))
    except (OSError, TypeError, SyntaxError, IndentationError):
        return
    reader = _Reader()
    reader.visit(tree)
    yield from reader.found
    space = getattr(target, "__globals__", None) or vars(inspect.getmodule(target) or object)
    for name in dict.fromkeys(reader.names):
        yield from (Parameter("json", field) for field in _fields(space.get(name)))
    for name in reader.called:
        called = _resolve(space, name)
        if _is_own(called, root):
            yield from _reads(called, root, depth + 1, seen)


def _fields(value: Any) -> Iterable[str]:
    """The fields of what bodies are read with: a JSON schema, a class of pydantic or marshmallow."""
    if isinstance(value, dict) and isinstance(value.get("properties"), dict):
        return [name for name in value["properties"] if isinstance(name, str)]
    if inspect.isclass(value):
        for kept in ("model_fields", "_declared_fields"):
            if isinstance(fields := vars(value).get(kept) or getattr(value, kept, None), dict):
                return list(fields)
    return ()


def _resolve(space: dict[str, Any], dotted: str) -> Any:
    """What a dotted name leads to through modules and classes; descriptors and proxies are not asked."""
    first, *rest = dotted.split(".")
    found = space.get(first)
    for part in rest:
        if not (inspect.ismodule(found) or inspect.isclass(found)):
            return None
        found = vars(found).get(part)
        found = getattr(found, "__func__", found)  # static and class methods
    return found


def _is_own(called: Any, root: Path) -> bool:
    if not (inspect.isfunction(called) or inspect.isclass(called)):
        return False
    try:
        file = Path(inspect.getsourcefile(called) or "/").resolve()
    except (TypeError, OSError):
        return False
    return file.is_relative_to(root.resolve()) and "site-packages" not in file.parts


class _Reader(ast.NodeVisitor):
    """Finds ``request.args["x"]``, ``request.form.get("x")``, ``data["x"]`` where ``data`` is the request's JSON, and fields of forms."""

    def __init__(self) -> None:
        self.found: list[Parameter] = []
        self.called: list[str] = []
        self.names: list[str] = []
        self._documents: dict[str, str] = {}

    def visit_Assign(self, node: ast.Assign) -> None:
        source = self._source(node.value)
        for target in node.targets:
            if source and isinstance(target, ast.Name):
                self._documents[target.id] = source
        self.generic_visit(node)

    def visit_Name(self, node: ast.Name) -> None:
        if isinstance(node.ctx, ast.Load):
            self.names.append(node.id)

    def visit_Subscript(self, node: ast.Subscript) -> None:
        self._read(node.value, node.slice)
        self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> None:
        if isinstance(node.func, ast.Attribute) and node.func.attr in {"get", "getlist", "pop"} and node.args:
            self._read(node.func.value, node.args[0])
        dotted = ast.unparse(node.func) if isinstance(node.func, ast.Name | ast.Attribute) else ""
        if re.fullmatch(r"[\w.]+", dotted):
            self.called.append(dotted)
        self.generic_visit(node)

    def visit_Compare(self, node: ast.Compare) -> None:
        # `"name" in data` says that data may have it.
        for operator, right in zip(node.ops, node.comparators, strict=True):
            if isinstance(operator, ast.In):
                self._read(right, node.left)
        self.generic_visit(node)

    def visit_Attribute(self, node: ast.Attribute) -> None:
        # form.name.data of a WTForms form
        if (
            node.attr == "data"
            and isinstance(node.value, ast.Attribute)
            and isinstance(node.value.value, ast.Name)
        ):
            if node.value.value.id != "request":
                self.found.append(Parameter("form", node.value.attr))
        elif (
            isinstance(node.value, ast.Name)
            and node.value.id == "request"
            and node.attr in {"data", "stream"}
        ):
            self.found.append(Parameter("body", ""))
        self.generic_visit(node)

    def _read(self, where: ast.expr, key: ast.expr) -> None:
        source = self._source(where)
        if source and isinstance(key, ast.Constant) and isinstance(key.value, str):
            self.found.append(Parameter(source, key.value))

    def _source(self, node: ast.expr) -> str:
        if isinstance(node, ast.Name):
            return self._documents.get(node.id, "")
        if isinstance(node, ast.Attribute) and _ends_with_request(node.value):
            return "values" if node.attr == "values" else _READERS.get(node.attr, "")
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            if node.func.attr in _JSON_CALLS and (
                _ends_with_request(node.func.value) or "request" in ast.unparse(node)
            ):
                return "json"
            if node.func.attr in {"to_dict", "copy"}:
                return self._source(node.func.value)
        if isinstance(node, ast.BoolOp):
            return next((source for value in node.values if (source := self._source(value))), "")
        return ""


def _ends_with_request(node: ast.expr) -> bool:
    return (isinstance(node, ast.Name) and node.id == "request") or (
        isinstance(node, ast.Attribute) and node.attr == "request"
    )


def names(entries: Iterable[Entry]) -> set[str]:
    """All parameter names of an application: what one route reads, another may take too."""
    return {item.name for entry in entries for item in entry.parameters if item.name}
