"""How a Flask application receives requests: routes in every form, hooks, and what of a request the route itself fixes."""

from __future__ import annotations

import ast
import re
from typing import Any, Final

from fumehood.engines.code.core import cleaned
from fumehood.engines.code.entries import Answers, Entry
from fumehood.engines.code.events import event_arguments
from fumehood.engines.code.facts import with_taint
from fumehood.engines.code.frameworks import FORMS, handed, owner, placed_class
from fumehood.engines.code.heap import DictObject, Instance, State
from fumehood.engines.code.openapi import operations
from fumehood.engines.code.patterns import excluded
from fumehood.engines.code.schemas import data_of_form
from fumehood.engines.code.taint import Place, Source, Taint
from fumehood.engines.code.values import (
    NEVER,
    NOTHING,
    UNKNOWN,
    Cls,
    Const,
    External,
    Func,
    Partial,
    Ref,
    Unknown,
    Value,
    options,
)

__all__ = ["Entry", "Routes"]

_CONVERTER: Final = re.compile(r"<(?:(\w+)(?:\([^)]*\))?:)?(\w+)>")
_REGISTERED: Final = re.compile(r"""\.converters\[["'](\w+)["']\]\s*=\s*([\w.]+)""")
_CONVERTED: Final = {
    "int": frozenset({"*"}),
    "float": frozenset({"*"}),
    "uuid": frozenset({"*"}),
    "any": frozenset({"*", "chosen"}),
    "path": frozenset[str](),
    "string": frozenset({"no:/", "no:../"}),
}
_OF_FIELDS: Final = (
    ".errors",
    ".label",
    ".description",
    ".id",
    ".name",
    ".choices",
    ".validators",
    ".render_kw",
)
# What an application's own converter lets through is not known.
_GUESSED: Final = frozenset({"via:unknown"})
_MOST_KEPT: Final = 400  # objects of a state that is kept
_ONLY_MARKUP: Final = frozenset(
    [
        "via:exception",
        "sql",
        "nosql",
        "ldap",
        "xpath",
        "command",
        "template",
        "code",
        "path",
        "url",
        "redirect",
        "deserialise",
        "xml",
        "header",
        "log",
        "session",
        "token",
        "object",
        "file-write",
    ]
)
_SYSTEM: Final = {"os.name": "posix", "sys.platform": "linux"}  # where applications are served
_METHODS: Final = ("get", "post", "put", "patch", "delete", "head", "options")


class Routes(Answers):
    entries: list[Entry]
    _registered: dict[Any, Entry]

    def setup_routes(self) -> None:
        self.entries = []
        self._views_made: dict[int, tuple[list[Value], dict[str, Value], dict[Any, Any]]] = {}
        self._registered = {}
        self.returned: list[tuple[Value, State, ast.AST, Any]] = []

    def special_attribute(self, path: str, value: External, state: State) -> Value | None:
        if path in _SYSTEM:
            return Const(_SYSTEM[path])
        if path in (
            "flask.request.path",
            "flask.request.endpoint",
            "flask.request.url_rule",
            "flask.request.script_root",
        ):
            return self._fixed_path(path)
        if path in ("flask.request.method", "flask.request.scheme", "flask.request.blueprint"):
            return Unknown(type="str")
        if path.startswith("flask.g.") and value.path == "flask.g":
            return self.kept.get(path)
        if path == "wtforms.FileField.data":
            name = dict(value.detail).get("name")
            return External(
                f"flask.request.files[{name.value if isinstance(name, Const) else ''}]", value.taint, True
            )
        if value.path.startswith("wtforms.") and path.endswith(_OF_FIELDS):
            return UNKNOWN
        if path.endswith("Form.data"):
            return data_of_form(self, value, state, ast.Pass())
        return None

    def _fixed_path(self, path: str) -> Value | None:
        """In a route without parameters the path is what the route says, whoever asks."""
        if path != "flask.request.path":
            return Unknown(type="str")
        route = self.frame.route
        if (
            isinstance(route, Entry)
            and route.kind == "route"
            and route.rule.startswith("/")
            and "<" not in route.rule
        ):
            return Unknown(type="str")
        return None

    def register_route(
        self,
        path: str,
        receiver: Value,
        view: Value,
        args: list[Value],
        keywords: dict[str, Value],
        state: State,
        node: ast.AST,
    ) -> bool:
        """Register what a decorator or a call makes answer requests; return whether it was one that does."""
        if path.endswith(".as_view") and isinstance(receiver, External):
            self._remember(dict(receiver.detail).get("class"), args[1:], keywords, state)
        form = self.models.routes.get(path)
        if form is None:
            form = self.models.routes.get("*." + path.rpartition(".")[2])
        if form is None:
            return False
        if form.get("form") in FORMS:
            return bool(FORMS[form["form"]](self, form, receiver, view, args, keywords, state, node))
        if form.get("form") == "openapi":
            self._openapi(receiver, args, keywords, state, node, path)
            return True
        kind = form.get("kind", "route")
        if "view" in form:  # a call that takes the view as an argument
            found = self.argument(form["view"], args, keywords)
            if found is None:
                return False
            view = found
            if "resource_class_kwargs" in keywords or "resource_class_args" in keywords:
                known, _ = self.elements(keywords.get("resource_class_args", NOTHING), state, node)
                self._remember(
                    view,
                    list(known or ()),
                    self.entries_of(keywords.get("resource_class_kwargs"), state),
                    state,
                )
        elif view is UNKNOWN and kind == "hook" and args:  # app.before_request(ask)
            view = args[0]
        elif view is UNKNOWN:
            return False
        rule = self.argument(form.get("rule", 0), args, keywords) if kind == "route" else None
        rules = (
            [option.value for option in options(rule) if isinstance(option, Const)]
            if rule is not None
            else []
        )
        text = next((item for item in rules if isinstance(item, str)), "")
        guessed = path.startswith("?.")
        if guessed and kind == "route" and not text.startswith("/"):
            return False
        methods = self._methods(form, keywords, state)
        form = {**form, "owner": owner(receiver)}
        if kind == "error" and args and "view" not in form:
            form["raised"] = args[0]
        for one in options(view):
            self._register(kind, text, methods, one, node, path, state, form)
        return True

    def _openapi(
        self,
        receiver: Value,
        args: list[Value],
        keywords: dict[str, Value],
        state: State,
        node: ast.AST,
        path: str,
    ) -> None:
        """Register the functions that an OpenAPI file names (connexion)."""
        name = self.argument("0|specification", args, keywords)
        detail = dict(receiver.detail) if isinstance(receiver, External) else {}
        folder = detail.get("specification_dir")
        inside = str(folder.value) if isinstance(folder, Const) else ""
        for one in options(name) if name is not None else ():
            if not isinstance(one, Const) or not isinstance(one.value, str):
                continue
            near = (self.frame.module.path, inside, one.value)
            self.ask("text", *near)
            for operation in operations(self.project.text_near(*near)):
                view = self.dotted(operation.function)
                rule = re.sub(r"\{(\w+)\}", r"<\1>", operation.path)
                given = {"secured": operation.secured}
                for each in options(view):
                    self._register("route", rule, (operation.method,), each, node, path, state, given)

    def dotted(self, name: str) -> Value:
        raise NotImplementedError

    def _methods(self, form: dict[str, Any], keywords: dict[str, Value], state: State) -> tuple[str, ...]:
        if "methods" in form:
            return tuple(form["methods"])
        given = keywords.get("methods")
        if given is None:
            return ("GET",)
        known, _ = self.elements(given, state, ast.Pass())
        names = tuple(str(item.value).upper() for item in known or () if isinstance(item, Const))
        return names or ("GET", "POST")

    def _register(
        self,
        kind: str,
        rule: str,
        methods: tuple[str, ...],
        view: Value,
        node: ast.AST,
        path: str,
        state: State,
        form: dict[str, Any],
    ) -> None:
        if (
            isinstance(view, Partial)
            and isinstance(view.func, External)
            and view.func.path.endswith(".as_view")
        ):
            view = view.args[0]
        if isinstance(view, External) and view.path.endswith(".as_view()"):
            view = next((value for name, value in view.detail if name == "class"), view)
        if isinstance(view, Cls):
            for method in _METHODS:
                found = self.class_attribute(view, method, state)
                if isinstance(found, Func):
                    self._add_entry(kind, rule, (method.upper(),), found, node, path, form, view)
            dispatch = self.class_attribute(view, "dispatch_request", state)
            if isinstance(dispatch, Func):
                declared = self.class_attribute(view, "methods", state)
                if declared is not None:
                    methods = self._methods({}, {"methods": declared}, state)
                self._add_entry(kind, rule, methods, dispatch, node, path, form, view)
        elif isinstance(view, Func):
            self._add_entry(kind, rule, methods, view, node, path, form, None)

    def _add_entry(
        self,
        kind: str,
        rule: str,
        methods: tuple[str, ...],
        func: Func,
        node: ast.AST,
        path: str,
        form: dict[str, Any],
        view: Value | None,
    ) -> None:
        key = (id(func.node), func.frame, rule, methods, kind)
        known = self._registered.get(key)
        if known is not None:
            if form.get("owner", "") not in known.owners:
                known.owners = (*known.owners, form.get("owner", ""))
            return
        unit = self._unit_of(node)
        if unit != self.behalf():
            return  # that file registers it itself, whatever else is interpreted before it
        converters: dict[str, frozenset[str]] = {}
        own: dict[str, str] = {}
        for converter, name in _CONVERTER.findall(rule):
            converters[name] = _CONVERTED.get(converter or "string", _GUESSED)
            if converter and converter not in _CONVERTED:
                own[name] = converter
        entry = Entry(
            kind,
            rule,
            methods,
            func,
            self.place(node),
            path,
            func.name,
            converters,
            view,
            hook=form.get("hook", ""),
        )
        entry.unit = unit
        entry.skipped = form.get("skipped", 0)
        entry.label = "openapi.auth_required" if form.get("secured") else ""
        entry.owner = form.get("owner", "")
        entry.raised = form.get("raised")
        entry.owners = (entry.owner,)
        self._registered[key] = entry
        entry.converters = own
        self.entries.append(entry)
        self.record.entry(entry, self)

    def _unit_of(self, node: ast.AST) -> str:
        """Return the file on whose behalf an entry is interpreted: where its rule is written.

        What a helper of the program registers, with a rule that it was handed, is its callers'.
        """
        handed = isinstance(node, ast.Call) and not any(
            isinstance(value, ast.Constant | ast.JoinedStr)
            for value in (*node.args, *(item.value for item in node.keywords))
        )
        return self.behalf() if handed else self.frame.module.path

    def add_event(self, func: Func, node: ast.AST, skipped: int, cls: Cls) -> None:
        """Register a method that a library calls with what a visitor sent."""
        form = {"skipped": skipped, "owner": "graphene" if skipped else ""}
        self._add_entry("event", "", (), func, node, self.external_base(cls), form, None)

    def entry_arguments(self, entry: Entry, state: State) -> dict[str, Value]:
        """Return what a request gives to the parameters of an entry."""
        placed_class(self, entry, state)
        spec = entry.func.node.args
        names = [parameter.arg for parameter in (*spec.posonlyargs, *spec.args, *spec.kwonlyargs)]
        place = (
            entry.func.module.path,
            entry.func.node.lineno,
            entry.func.node.col_offset + 1,
            entry.func.name,
        )
        given: dict[str, Value] = {}
        if spec.kwarg is not None:  # a decorator's wrapper hands on what it gets
            names += [name for name in entry.parameters if name not in names]
        if entry.view is not None and names and isinstance(entry.view, Cls):
            given[names[0]] = self._made(entry.view, state)
            names = names[1:]
        elif entry.kind == "route" and names[:1] == ["self"] and "self" not in entry.parameters:
            names = names[1:]  # of a class whose views a library makes
        if entry.kind == "event":
            return event_arguments(entry, names, place, state)
        if entry.hook == "after_request" and names:
            return {**given, names[0]: External("flask.Response", instance=True)}
        if entry.kind not in ("route", "hook", "error"):
            return given
        if names and entry.kind == "error" and isinstance(entry.raised, Cls):
            given[names[0]] = _caught(place)
        for name in names:
            if (
                name not in entry.parameters
                and entry.rule
                and "<" not in entry.rule
                and entry.kind != "route"
            ):
                continue
            if name not in entry.parameters and (entry.kind != "route" or entry.rule):
                continue
            # Of an address that is not known, a library may have made an object.
            removed = entry.parameters.get(name, frozenset() if entry.rule else _GUESSED)
            source = Source("request", "flask.request.view_args", name, place)
            taint = Taint(source, (), removed, (place, f"{name} is taken from the URL", None))
            given[name] = Unknown(frozenset({taint}), "int" if "*" in removed else "str")
            if name in entry.converters:
                given[name] = self._converted(entry.converters[name], given[name], state)
        given.update(handed(self, entry, names, given, place, state))
        return given

    def _remember(
        self, view: Value | None, args: list[Value], keywords: dict[str, Value], state: State
    ) -> None:
        """Keep what a class of views is made with for each request."""
        if isinstance(view, Cls) and len(state.heap) <= _MOST_KEPT:
            self._views_made[id(view.node)] = (list(args), dict(keywords), dict(state.heap))

    def _made(self, view: Cls, state: State) -> Value:
        """Return the object that answers a request, as its ``__init__`` leaves it."""
        ref = Ref((id(view.node) + 2, 0))
        state.heap[ref.address] = Instance(view, {})
        init = self.class_attribute(view, "__init__", state)
        if isinstance(init, Func):
            args, keywords, heap = self._views_made.get(id(view.node), ([], {}, {}))
            state.heap = {**heap, **state.heap}
            bound = Func(init.node, init.module, init.frame, init.name, init.owner, ref)
            self.invoke(bound, args, keywords, state, init.node)
        return ref

    def entries_of(self, value: Value | None, state: State) -> dict[str, Value]:
        content = self.held(value, state) if isinstance(value, Ref) else None
        items = content.items if isinstance(content, DictObject) else {}
        return {name: held for name, held in items.items() if isinstance(name, str)}

    def _converted(self, name: str, value: Value, state: State) -> Value:
        """Return what a converter of the program's own makes of a part of the address."""
        kind = self._converter(name)
        if not isinstance(kind, Cls):
            return value
        value = with_taint(
            value,
            lambda taints: frozenset(Taint(t.source, t.part, t.removed - _GUESSED, t.trail) for t in taints),
        )
        pattern = self.class_attribute(kind, "regex", state)
        if isinstance(pattern, Const) and isinstance(pattern.value, str):
            value = cleaned(value, excluded(pattern.value, "fullmatch"))
        method = self.class_attribute(kind, "to_python", state)
        if isinstance(method, Func):
            made = self.invoke(method, [UNKNOWN, value], {}, state, method.node)
            value = value if made is NEVER else self.checked(made, state)
        return value

    def _converter(self, name: str) -> Value:
        """Find the class that the program registers as a converter: ``app.url_map.converters["name"] = Class``."""
        for path, target in self.registered(name, _REGISTERED):
            found = self.environment(path).get(target.rpartition(".")[2])
            if found is not None:
                return found
        return UNKNOWN

    def registered(self, name: str, pattern: re.Pattern[str]) -> list[tuple[str, str]]:
        raise NotImplementedError


def _caught(place: Place) -> Value:
    """Return the program's own exception as its handler gets it: its message repeats what it was raised about, dangerous as markup at most."""
    source = Source("request", "an exception's message", "", place)
    trail = (place, "an exception of the program's own is handled", None)
    return External("builtins.Exception", frozenset({Taint(source, (), _ONLY_MARKUP, trail)}), instance=True)
