"""What Flask's kin do with requests: mounted blueprints, parsed and validated input, view classes that register themselves."""

# ruff: noqa: ARG001 -- the forms of registration are called alike

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from typing import Any, Final

from fumehood.engines.code.heap import DictObject, Instance, State
from fumehood.engines.code.schemas import built, declared, harmless_type, is_model, left, tainted
from fumehood.engines.code.taint import Place, without
from fumehood.engines.code.values import (
    UNKNOWN,
    Cls,
    Const,
    External,
    Func,
    Ref,
    Value,
    options,
    unknown,
)

__all__ = ["FORMS", "PARSERS", "answers_json", "handed", "owner", "placed_class"]

_RESTFUL: Final = ("post", "put", "patch", "delete")


def _detail(value: Value) -> dict[str, Value]:
    return dict(value.detail) if isinstance(value, External) else {}


def _text(value: Value | None) -> str | None:
    return value.value if isinstance(value, Const) and isinstance(value.value, str) else None


# Mounting.
def _described(value: Value) -> tuple[str, str]:
    """Return the name and the own prefix of a blueprint, a namespace or an API; ("", "") for an application."""
    if not isinstance(value, External) or value.path.startswith(
        ("flask.Flask", "apiflask.APIFlask", "connexion.")
    ):
        return "", ""
    detail = _detail(value)
    name = _text(detail.get("name")) or _text(detail.get("0")) or ""
    prefix = next(
        (text for key in ("url_prefix", "path", "prefix") if (text := _text(detail.get(key))) is not None),
        None,
    )
    if prefix is None:
        prefix = f"/{name}" if ".Namespace" in value.path else ""
    return name, prefix


def owner(receiver: Value) -> str:
    """Return what a route was registered on, as :class:`Route.owner` has it."""
    name, prefix = _described(receiver)
    return f"{name}|{prefix}" if name or prefix else ""


def _mount(
    core: Any,
    form: dict[str, Any],
    receiver: Value,
    view: Value,
    args: list[Value],
    keywords: dict[str, Value],
    *_: Any,
) -> bool:
    child = core.argument(form.get("mounted", 0), args, keywords)
    given = core.argument(form.get("prefix", "url_prefix"), args, keywords)
    parent, parent_prefix = _described(receiver)
    for one in options(child) if child is not None else ():
        name, _own = _described(one)
        if name:
            core.record.mounted((name, _text(given), parent, parent_prefix), core)
    return False


def placed_class(core: Any, entry: Any, state: State) -> None:
    """Give a view that ``@expose`` registered its class and the class's address."""
    cls = entry.func.owner
    if not isinstance(cls, Cls) or not entry.receiver.endswith(".expose"):
        return
    entry.view = cls
    base = _text(core.class_attribute(cls, "route_base", state))
    name = cls.name.rpartition(".")[2].lower()
    if base is None and entry.receiver.startswith("flask_appbuilder"):
        base = f"/{name}"
    elif base is None and entry.receiver.startswith("flask_admin"):
        base = _admin_address(core, cls, name)
        if isinstance(core.class_attribute(cls, "is_accessible", state), Func):
            entry.label = "flask_admin.access_required"
    entry.owner = f"|{base}" if base else ""


def _admin_address(core: Any, cls: Cls, name: str) -> str:
    """Where Flask-Admin puts a view: below its own address, under the view's ``url`` or ``endpoint``, else its class's name."""
    root = core.__dict__.get("admin_root", "/admin")
    if core.external_base(cls).endswith("AdminIndexView"):
        return str(root)
    given = core.__dict__.get("made_with", {}).get(id(cls.node), {})
    url, endpoint = _text(given.get("url")), _text(given.get("endpoint"))
    if url is not None:
        return url if url.startswith("/") else f"{root}/{url}"
    return f"{root}/{endpoint or name}"


def _admin(
    core: Any,
    form: dict[str, Any],
    receiver: Value,
    view: Value,
    args: list[Value],
    keywords: dict[str, Value],
    *_: Any,
) -> bool:
    url = _text(keywords.get("url"))
    if url is not None:
        core.__dict__["admin_root"] = url.rstrip("/")
    return False


def _classful(
    core: Any,
    form: dict[str, Any],
    receiver: Value,
    view: Value,
    args: list[Value],
    keywords: dict[str, Value],
    state: State,
    node: ast.AST,
) -> bool:
    cls = _detail(receiver).get("class")
    if not isinstance(cls, Cls):
        return False
    name = cls.name.rpartition(".")[2]
    own = _text(keywords.get("route_base")) or _text(core.class_attribute(cls, "route_base", state))
    base = own if own is not None else name.removesuffix("View").lower()
    front = (
        _text(keywords.get("route_prefix")) or _text(core.class_attribute(cls, "route_prefix", state)) or ""
    )
    root = "/".join(part for part in ("", *front.split("/"), *base.split("/"))).replace("//", "/")
    for method in (
        item for item in cls.node.body if isinstance(item, ast.FunctionDef | ast.AsyncFunctionDef)
    ):
        func = core.class_attribute(cls, method.name, state)
        if (
            not isinstance(func, Func)
            or method.name.startswith("_")
            or method.name in ("before_request", "after_request")
        ):
            continue
        if any("route" in ast.unparse(item) for item in method.decorator_list):
            continue
        rule = root if method.name in ("index", "get", *_RESTFUL) else f"{root}/{method.name}"
        rule += "".join(f"/<{item.arg}>" for item in method.args.args[1:])
        verb = method.name.upper() if method.name in _RESTFUL else "GET"
        core._register("route", rule, (verb,), func, node, "flask_classful.FlaskView.register", state, {})
        core.entries[-1].view = cls
    return True


def answers_json(core: Any, entry: Any) -> bool:
    """Whether what a view returns is sent as JSON, whatever it is."""
    if entry.receiver.startswith(
        ("flask_restful.", "flask_restx.", "flask_smorest.", "apiflask.", "connexion.")
    ):
        return True
    view = entry.view or entry.func.owner
    base = core.external_base(view) if isinstance(view, Cls) else ""
    return base.startswith(("flask_restful.", "flask_restx.")) and base.endswith("Resource")


# Input that an extension has parsed.
def _input(
    core: Any,
    form: dict[str, Any],
    receiver: Value,
    view: Value,
    args: list[Value],
    keywords: dict[str, Value],
    *_: Any,
) -> bool:
    schema = core.argument(form.get("schema", "0|schema"), args, keywords)
    if isinstance(view, Func) and schema is not None:
        name = _text(keywords.get("arg_name")) or f"{_text(keywords.get('location')) or 'json'}_data"
        found = core.__dict__.setdefault("inputs", {}).setdefault(id(view.node), [])
        found.insert(0, (form.get("style", "positional"), name, schema))
    return False


def handed(
    core: Any, entry: Any, names: list[str], given: dict[str, Value], place: Place, state: State
) -> Iterator[tuple[str, Value]]:
    """Yield what extensions hand to a view besides what is in the URL: validated input, OpenAPI's parameters."""
    if entry.kind != "route":
        return
    spec = entry.func.node.args
    parts = (*spec.posonlyargs, *spec.args, *spec.kwonlyargs)
    notes = {part.arg: part.annotation for part in parts if part.annotation is not None}
    if entry.receiver.startswith("connexion."):
        for name in names:
            if name not in given and name not in ("user", "token_info", "context_"):
                value = tainted(place, name, f"{name} is taken from the request, as the OpenAPI file says")
                kind = ast.unparse(notes[name]).rpartition(".")[2] if name in notes else ""
                safe = harmless_type(kind)
                yield name, unknown(without(value.taint, ("*",)), "int") if safe else value
        return
    for name in names:  # ``def view(body: NoteIn)``: an extension validates the request against the model
        model = core.annotated(entry.func, notes[name]) if name in notes and name not in given else UNKNOWN
        if name not in entry.parameters and is_model(model, core) == "pydantic":
            yield (
                name,
                built(
                    core,
                    model,
                    tainted(place, "", f"{name} is taken from the request"),
                    state,
                    entry.func.node,
                ),
            )
    free = [name for name in names if name not in entry.parameters and name not in given]
    inputs = core.__dict__.get("inputs", {})
    for style, name, schema in inputs.get(
        id(core.record.innermost(entry.func).node), inputs.get(id(entry.func.node), ())
    ):
        fields = dict(_fields(core, schema, state, place))
        if style == "fields":
            yield from ((field, value) for field, value in fields.items() if field in free)
            continue
        target = name if style == "keyword" else free.pop(0) if free else ""
        if target in names:
            if not fields:
                yield target, tainted(place, "", "an extension hands over what it read from the request")
                continue
            ref = Ref((id(schema) + id(entry.func.node) + 5, 0))
            state.heap[ref.address] = DictObject(fields)
            yield target, ref


def _fields(core: Any, schema: Value, state: State, place: Place) -> Iterator[tuple[str, Value]]:
    """Yield the fields of a marshmallow schema, a pydantic model or a dict of fields, as validation hands them on."""
    for one in options(schema):
        content = core.held(one, state) if isinstance(one, Ref) else None
        cls = content.cls if isinstance(content, Instance) else one
        if isinstance(cls, Cls):
            for name, field in declared(core, cls, state).items():
                yield name, left(core, field, _field(place, name), cls, state, ast.Pass())
        elif isinstance(content, DictObject):
            for name, value in content.items.items():
                if isinstance(name, str):
                    kind = (
                        value.path.removesuffix("()").rpartition(".")[2]
                        if isinstance(value, External)
                        else ""
                    )
                    yield name, _field(place, name, safe=harmless_type(kind))


def _field(place: Place, name: str, *, safe: bool = False) -> Value:
    value = tainted(place, name, f"the field {name} is taken from the request")
    return unknown(without(value.taint, ("*",)), "int") if safe else value


# reqparse: ``parser.add_argument("n", type=int)``; ``parser.parse_args()["n"]``.
def _argument(at: Any) -> Value | None:
    name = _text(at.core.argument("0|name", at.args, at.keywords))
    kind = at.keywords.get("type")
    known = at.core.__dict__.setdefault("parsed", {}).setdefault(at.core.frame.module.path, {})
    if name is not None:
        target = (
            (_text(at.keywords.get("dest")) or name.lstrip("-")).replace("-", "_")
            if name.startswith("-")
            else name
        )
        path = kind.path.rpartition(".")[2].removesuffix("()") if isinstance(kind, External) else ""
        known[target] = known.get(target, True) and (harmless_type(path) or "choices" in at.keywords)
    return None


def _parsed(at: Any) -> Value:
    place = at.core.place(at.node)
    known = at.core.__dict__.get("parsed", {}).get(at.core.frame.module.path, {})
    rest = tainted(place, "", "the parsed arguments are taken from the request")
    fields = {name: _field(place, name, safe=safe) for name, safe in known.items()}
    result: Value = at.core.allocate(at.node, DictObject(fields, rest), at.state)
    return result


FORMS: Final[dict[str, Callable[..., bool]]] = {
    "mount": _mount,
    "input": _input,
    "classful": _classful,
    "admin": _admin,
}
PARSERS: Final[dict[str, Callable[[Any], Value | None]]] = {
    f"{library}.reqparse.RequestParser.{name}": function
    for library in ("flask_restful", "flask_restx")
    for name, function in (("add_argument", _argument), ("parse_args", _parsed))
}
