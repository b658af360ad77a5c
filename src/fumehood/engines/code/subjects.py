"""What checks are shown: arguments, calls, assignments, flows, routes and the whole program."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from fumehood.engines.code.enclosing import named, names_around, setters, tests_above
from fumehood.engines.code.syntax import descendants
from fumehood.engines.code.taint import Taint
from fumehood.engines.code.values import Cls, Const, External, Ref, Text, Value, options
from fumehood.findings import Certainty, Location, Step

if TYPE_CHECKING:
    from fumehood.engines.code.heap import State
    from fumehood.engines.code.literals import Literal
    from fumehood.engines.code.outlines import Outline


__all__ = ["Assign", "Call", "Flow", "Program", "Route"]


class Argument:
    """How rules look at an abstract value."""

    __slots__ = ("_core", "_state", "value")

    def __init__(self, value: Value | None, state: State, core: Any) -> None:
        self.value = value
        self._state = state
        self._core = core

    def __bool__(self) -> bool:
        return self.value is not None

    @property
    def constants(self) -> tuple[Any, ...]:
        """The constants that it may be; empty when none is known."""
        if self.value is None:
            return ()
        return tuple(option.value for option in options(self.value) if isinstance(option, Const))

    @property
    def constant(self) -> Any:
        """The constant that it is, or None."""
        found = self.constants
        return (
            found[0] if len(found) == 1 and self.value is not None and len(options(self.value)) == 1 else None
        )

    def may_be(self, *wanted: Any) -> bool:
        """Whether it may be one of these constants (type and value)."""
        return any(type(one) is type(other) and one == other for one in self.constants for other in wanted)

    @property
    def is_known(self) -> bool:
        """Whether nothing about it is unknown: constants only."""
        return self.value is not None and all(isinstance(option, Const) for option in options(self.value))

    @property
    def names(self) -> tuple[str, ...]:
        """The public names that it may be: ``yaml.Loader``, ``ssl.CERT_NONE``."""
        if self.value is None:
            return ()
        return tuple(option.path for option in options(self.value) if isinstance(option, External))

    @property
    def text(self) -> str:
        """Its known parts, each hole as ``{}``; "" when nothing of it is known."""
        if self.value is None:
            return ""
        for option in options(self.value):
            if isinstance(option, Const) and isinstance(option.value, str):
                return option.value
            if isinstance(option, Const) and isinstance(option.value, bytes):
                return option.value.decode("latin-1")
            if isinstance(option, Text):
                return "".join(part if isinstance(part, str) else "{}" for part in option.parts)
        return ""

    def tainted_by(self, *kinds: str) -> tuple[Taint, ...]:
        """The taints of these kinds of source (default: request) that it carries, whatever was removed from them."""
        if self.value is None:
            return ()
        wanted = kinds or ("request",)
        taints = self._core.taint_of(self.value, self._state)
        return tuple(taint for taint in taints if taint.source.kind in wanted)

    def items(self) -> tuple[Argument, ...]:
        """The items of a list or tuple, as far as they are known."""
        if self.value is None:
            return ()
        known, element = self._core.elements(self.value, self._state, ast.Pass())
        values = known if known is not None else (element,) if element is not None else ()
        return tuple(Argument(value, self._state, self._core) for value in values)

    def entries(self) -> Mapping[Any, Argument]:
        """The entries of a dict under known keys."""
        content = self._core.held(self.value, self._state) if isinstance(self.value, Ref) else None
        items = getattr(content, "items", None)
        if not isinstance(items, Mapping):
            return {}
        return {key: Argument(value, self._state, self._core) for key, value in items.items()}

    def __repr__(self) -> str:
        return f"Argument({self.value!r})"


@dataclass(frozen=True, slots=True)
class Call:
    """A call of a library, or of something whose type is not known (``?.execute``).

    ``call[0]``, ``call["shell"]``, ``call["0|data"]`` are its arguments, empty (false) when not given.
    """

    name: str
    location: Location
    route: str
    positional: tuple[Value, ...]
    keywords: Mapping[str, Value]
    receiver: External
    function: str  # qualified name of the function that calls, "" at module level
    state: Any = field(repr=False)
    core: Any = field(repr=False)
    node: ast.AST | None = field(default=None, repr=False)

    def __getitem__(self, name: int | str) -> Argument:
        return Argument(
            self.core.argument(name, list(self.positional), dict(self.keywords)), self.state, self.core
        )

    @property
    def spread(self) -> bool:
        """Whether it was given ``**something`` that is not known, and not written out there and then."""
        given = [item.value for item in getattr(self.node, "keywords", ()) if item.arg is None]
        written = bool(given) and all(isinstance(item, ast.Dict) for item in given)
        return "**" in self.keywords and not written

    def made_with(self, name: int | str) -> Any:
        """A constant that the receiver was made with, by position or name; None when not known."""
        found = dict(self.receiver.detail).get(str(name))
        return found.value if isinstance(found, Const) else None

    @property
    def tests(self) -> tuple[str, ...]:
        """The tests of the ``if`` statements around it, as they are written, outermost first."""
        return _tests(self.location, self.core)

    @property
    def names_around(self) -> frozenset[str]:
        """The names and attributes that are written in the function around it."""
        return _names(self.location, self.core)

    def has_setter(self, name: str) -> bool:
        """Whether a class that the file imports, at whatever remove, makes itself what is kept under an attribute."""
        return _has_setter(name, self.location.path, self.core)

    def receiver_value(self, name: str) -> Argument:
        """What the receiver keeps under a name: ``"self"`` is the object of the program that it is a method of."""
        return Argument(dict(self.receiver.detail).get(name), self.state, self.core)

    @property
    def fields(self) -> frozenset[str]:
        """What the class of the object that the call makes names in its body, its bases included; empty when it is not known."""
        detail = dict(self.receiver.detail)
        content = self.core.held(detail["self"], self.state) if isinstance(detail.get("self"), Ref) else None
        todo = [detail.get("class") or getattr(content, "cls", None)]
        found: set[str] = set()
        while todo:
            cls = todo.pop()
            if isinstance(cls, Cls):
                found.update(named(cls.node))
                todo.extend(cls.bases)
        return frozenset(found)

    @property
    def names_of_init(self) -> frozenset[str]:
        """The names that are written in the constructor of the class of the object that the call makes; empty when it has none of its own."""
        detail = dict(self.receiver.detail)
        content = self.core.held(detail["self"], self.state) if isinstance(detail.get("self"), Ref) else None
        cls = detail.get("class") or getattr(content, "cls", None)
        if isinstance(cls, Cls):
            for item in cls.node.body:
                if isinstance(item, ast.FunctionDef) and item.name == "__init__":
                    return names_around(cls.module.tree, item.lineno)
        return frozenset()

    @property
    def source_names(self) -> tuple[str, ...]:
        """The names in the call as it is written: variables, attributes, string keys. For what only a name can tell."""
        found: list[str] = []
        for child in descendants(self.node) if self.node is not None else ():
            if isinstance(child, ast.Name):
                found.append(child.id)
            elif isinstance(child, ast.Attribute):
                found.append(child.attr)
            elif (
                isinstance(child, ast.Constant)
                and isinstance(child.value, str)
                and child.value.isidentifier()
            ):
                found.append(child.value)
        return tuple(found)


@dataclass(frozen=True, slots=True)
class Assign:
    """``name = value`` where the name is an attribute or an item: ``flask.Flask.config[DEBUG]``."""

    name: str
    location: Location
    route: str
    value: Argument
    function: str

    @property
    def tests(self) -> tuple[str, ...]:
        """The tests of the ``if`` statements around it, as they are written, outermost first."""
        return _tests(self.location, self.value._core)

    @property
    def names_around(self) -> frozenset[str]:
        """The names and attributes that are written in the function around it."""
        return _names(self.location, self.value._core)

    @property
    def has_setter(self) -> bool:
        """Whether a class that the file imports, at whatever remove, makes itself what is kept under this attribute."""
        return _has_setter(self.name.rpartition(".")[2], self.location.path, self.value._core)


@dataclass(frozen=True, slots=True)
class Flow:
    """A dangerous value that reaches a sink."""

    kind: str
    source: str
    source_kind: str
    source_name: str
    parameter: str
    sink: str
    location: Location
    route: str
    trace: tuple[Step, ...]
    certainty: Certainty
    removed: frozenset[str]
    text: str  # the known parts of what reaches the sink, holes as {}
    note: str = ""
    part: tuple[str, ...] = ()  # what was cut out of the source: "each", "[0]", an attribute
    query: str = ""  # the statement whose rows they are, of what a database gave

    @property
    def guessed(self) -> bool:
        """Whether a part of the way leads through a library that nothing is known about, or an exception's message."""
        return "via:unknown" in self.removed or "via:exception" in self.removed


@dataclass(frozen=True, slots=True)
class Route:
    """A route, with what was seen in it. Plain data: it is kept in the cache.

    Parameters:
        route: ``"POST /notes/<int:id>"``, the methods joined by ``|``.
        rule, methods: the same, apart; rule is "" when it is not known.
        function: the qualified name of the view.
        location: the view's first line.
        decorators: the public or written names of its decorators, outermost first.
        parameters: the names in the rule.
        calls: the public names of everything that is called in it, helpers included.
        reads: what of the request it reads: ``flask.request.form[name]``, ``flask.session[user]``.
        writes: assignments in it: ``flask.session[user]``, ``?.password``.
        sinks: the kinds of sinks that it gets to, tainted or not.
        strings: the string constants written in it.
        templates: the templates that it renders.
        compares: pairs of names that are compared in it.
        label: the variable that it was registered on.
        kind: "route", "hook", "error".
    """

    kind: str
    route: str
    rule: str
    methods: tuple[str, ...]
    function: str
    location: Location
    decorators: tuple[str, ...]
    parameters: tuple[str, ...]
    calls: frozenset[str]
    reads: frozenset[str]
    writes: frozenset[str]
    sinks: frozenset[str]
    strings: frozenset[str]
    templates: frozenset[str]
    names: frozenset[str] = frozenset()  # dotted names as they are written: "g.user", "session"
    end_line: int = 0
    hook: str = ""
    receiver: str = ""
    wrappers: tuple[str, ...] = ()
    objects: frozenset[str] = (
        frozenset()
    )  # parameter of the request, tab, the call that looks up what it names
    owner: str = ""  # the blueprint's name and own prefix, joined by "|"
    owners: tuple[str, ...] = ()  # of a hook that several blueprints share: all of them

    @property
    def changes(self) -> bool:
        """Whether it answers a method that changes state."""
        return any(method in ("POST", "PUT", "PATCH", "DELETE") for method in self.methods)


@dataclass(frozen=True, slots=True)
class Program:
    """The whole program, for :meth:`CodeCheck.program`. Plain data."""

    routes: Sequence[Route]
    hooks: Sequence[Route]
    settings: Mapping[
        str, tuple[tuple[Any, Location], ...]
    ]  # configuration key -> what it is set to, and where
    calls: Mapping[str, tuple[Location, ...]]  # public name -> where it is called
    imports: frozenset[str]
    templates: Mapping[str, str]  # path -> text
    files: Mapping[str, str] = field(
        default_factory=dict
    )  # settings files, as .env and docker-compose.yml: path -> text
    scripts: Mapping[str, str] = field(default_factory=dict)  # JavaScript files: path -> text
    literals: Sequence[Literal] = ()
    functions: Sequence[Outline] = ()  # each function as it is written
    classes: Mapping[str, frozenset[str]] = field(
        default_factory=dict
    )  # class -> what its body names: a model's columns


def _has_setter(name: str, path: str, core: Any) -> bool:
    seen: set[str] = set()
    todo = [core.behalf(), path]
    while todo:
        path = todo.pop()
        if path in seen:
            continue
        seen.add(path)
        todo.extend(core.imports.get(path, ()))
        module = core.project.module(path)
        if module is not None and name in setters(module.tree):
            return True
    return False


def _tests(place: Location, core: Any) -> tuple[str, ...]:
    module = core.project.module(place.path)
    return tests_above(module.tree, place.line) if module is not None else ()


def _names(place: Location, core: Any) -> frozenset[str]:
    module = core.project.module(place.path)
    return names_around(module.tree, place.line) if module is not None else frozenset()
