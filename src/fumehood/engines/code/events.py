"""What comes in beside routes: GraphQL resolvers, handlers of socket events, and what they are handed."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from typing import Any, Final

from fumehood.engines.code.heap import Instance, State
from fumehood.engines.code.schemas import harmless_type, tainted
from fumehood.engines.code.taint import Place, without
from fumehood.engines.code.values import UNKNOWN, Cls, Func, Ref, Value, unknown

__all__ = ["event_arguments", "event_methods"]

_BY_CLASS: Final = {  # base class -> how its handlers' names begin, how many parameters are not the visitor's
    "graphene.ObjectType": (("resolve_",), 2),
    "graphene.Mutation": (("mutate",), 2),
    "graphene.relay.ClientIDMutation": (("mutate_and_get_payload",), 2),
    "graphene_sqlalchemy.SQLAlchemyObjectType": (("resolve_",), 2),
    "flask_socketio.Namespace": (("on_",), 0),
}
_CONTEXT: Final = frozenset({"info", "root", "parent", "obj", "_", "_info", "_obj", "context"})


def event_methods(core: Any, cls: Cls, attributes: Mapping[str, Value], node: ast.AST) -> None:
    """Register the methods of a class that a library calls with what a visitor sent."""
    known = _BY_CLASS.get(core.external_base(cls))
    if known is None:
        return
    begins, skipped = known
    for name, value in attributes.items():
        if (
            isinstance(value, Func)
            and name.startswith(begins)
            and name not in ("on_connect", "on_disconnect")
        ):
            core.add_event(value, node, skipped, cls)


def event_arguments(entry: Any, names: list[str], place: Place, state: State) -> dict[str, Value]:
    """Return what a visitor hands to a handler: everything but the library's own parameters, numbers without danger."""
    given: dict[str, Value] = {}
    func = entry.func
    left = list(names)
    if func.owner is not None and left and entry.owner != "graphene":
        ref = Ref((id(func.owner.node) + 7, 0))
        state.heap[ref.address] = Instance(func.owner, {})
        given[left.pop(0)] = ref
    for name in left[: entry.skipped]:
        given[name] = UNKNOWN
    spec = func.node.args
    notes = {item.arg: item.annotation for item in (*spec.posonlyargs, *spec.args, *spec.kwonlyargs)}
    numbers = _numbers(func)
    for name in left[entry.skipped :]:
        note = notes.get(name)
        kind = ast.unparse(note).rpartition(".")[2] if note is not None else ""
        if name in _CONTEXT or kind.startswith(("Info", "GraphQLResolveInfo")):
            given[name] = UNKNOWN
            continue
        value = tainted(place, name, f"{name} is what the visitor sent", "flask.request.json")
        safe = harmless_type(kind) or name in numbers
        given[name] = unknown(without(value.taint, ("*",)), "int") if safe else value
    if spec.kwarg is not None:
        given["**"] = tainted(place, "", "these are what the visitor sent", "flask.request.json")
    return given


def _numbers(func: Func) -> set[str]:
    """Return the arguments that graphene declares as numbers: ``graphene.Field(User, id=graphene.Int())``, ``class Arguments``."""
    found: set[str] = set()
    if func.owner is None:
        return found
    for child in ast.walk(func.owner.node):
        pairs: list[tuple[str, ast.expr]] = []
        if isinstance(child, ast.Call):
            pairs = [(item.arg, item.value) for item in child.keywords if item.arg]
        elif isinstance(child, ast.Assign) and isinstance(child.targets[0], ast.Name):
            pairs = [(child.targets[0].id, child.value)]
        for name, value in pairs:
            if isinstance(value, ast.Call) and harmless_type(ast.unparse(value.func).rpartition(".")[2]):
                found.add(name)
    return found
