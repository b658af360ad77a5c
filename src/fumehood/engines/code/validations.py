"""What validating says: the methods of forms, models, schemas and JSON schemas."""

from __future__ import annotations

from typing import Any, Final

from fumehood.engines.code.heap import DictObject, Instance, ListObject
from fumehood.engines.code.patterns import excluded
from fumehood.engines.code.schemas import (
    ALL,
    built,
    declared,
    is_model,
    looked_at,
    under,
)
from fumehood.engines.code.values import (
    NOTHING,
    UNKNOWN,
    Cls,
    Condition,
    Const,
    Ref,
    Value,
    unknown,
)

__all__ = ["function"]


def _self(at: Any) -> tuple[Ref | None, Cls | None]:
    detail = dict(at.func.detail)
    ref, cls = detail.get("self"), detail.get("class")
    if isinstance(ref, Ref):
        content = at.core.held(ref, at.state)
        return ref, content.cls if isinstance(content, Instance) else None
    return None, cls if isinstance(cls, Cls) else None


def _form_is_valid(at: Any) -> Value:
    """``form.validate_on_submit()``: what holds of each field once the form has been accepted."""
    ref, cls = _self(at)
    facts: set[Any] = set()
    if ref is not None and cls is not None:
        content = at.core.held(ref, at.state)
        inside = at.state.copy()
        for name, field in declared(at.core, cls, at.state).items():
            value = content.attributes.get(name)
            if value is None or not value.taint:
                continue
            facts.update((t.source, t.part, kind) for t in value.taint for kind in field.removes)
            if field.check is not None:
                looked_at(at.core, field.check, ref, value, inside, at.node)
        facts |= inside.facts - at.state.facts
    return Condition(frozenset(facts), frozenset())


def _of_data(at: Any) -> Value | None:
    """``Model.model_validate(data)``, ``Schema().load(data)``."""
    ref, cls = _self(at)
    if cls is None or not at.args:
        return None
    kind = is_model(cls, at.core)
    if not kind or kind == "wtforms":
        return None
    value = at.args[0]
    if at.func.path.endswith(("_json", "_raw", "loads")):
        value = unknown(at.core.taint_of(value, at.state))
    content = at.core.held(ref, at.state) if ref is not None else None
    many = at.keywords.get("many") or (content.attributes.get("many") if content is not None else None)
    if not (isinstance(many, Const) and many.value is True):
        return built(at.core, cls, value, at.state, at.node)
    known, element = at.core.elements(value, at.state, at.node)
    one = built(at.core, cls, element or (known[0] if known else UNKNOWN), at.state, at.node)
    result: Value = at.core.allocate(at.node, ListObject((), one), at.state)
    return result


def _errors(at: Any) -> Value | None:
    """``Schema().validate(data)`` returns the mistakes: none of them says what the fields say."""
    _, cls = _self(at)
    if cls is None or not at.args or is_model(cls, at.core) != "marshmallow":
        return _form_is_valid(at) if cls is not None and is_model(cls, at.core) == "wtforms" else None
    facts = {
        (t.source, t.part, kind)
        for name, field in declared(at.core, cls, at.state).items()
        for t in under(at.core, at.args[0], name, at.state, at.node).taint
        for kind in field.removes
    }
    return Condition(frozenset(), frozenset(facts))


def _dumped(at: Any) -> Value | None:
    ref, cls = _self(at)
    if ref is None or is_model(cls or UNKNOWN, at.core) != "pydantic":
        return None
    content = at.core.held(ref, at.state)
    result: Value = at.core.allocate(at.node, DictObject(dict(content.attributes)), at.state)
    return result


def _shown(at: Any) -> Value | None:
    """``Schema().dump(person)``: a dict of the fields that are not for reading alone."""
    ref, cls = _self(at)
    if cls is None or is_model(cls, at.core) != "marshmallow":
        return None
    items: dict[Any, Value] = {
        name: UNKNOWN for name, field in declared(at.core, cls, at.state).items() if not field.hidden
    }
    one = at.core.allocate(at.node, DictObject(items), at.state)
    content = at.core.held(ref, at.state) if ref is not None else None
    many = at.keywords.get("many") or (content.attributes.get("many") if content is not None else None)
    if not (isinstance(many, Const) and many.value is True):
        result: Value = one
    else:
        result = at.core.allocate(at.node, ListObject((), one), at.state, salt=1)
    return result


def _of_json_schema(at: Any) -> Value | None:
    """``jsonschema.validate(data, SCHEMA)`` raises unless the data is as the schema says."""
    data = at.core.argument("0|instance", at.args, at.keywords)
    schema = at.core.argument("1|schema", at.args, at.keywords)
    properties = _entry(at, schema, "properties")
    content = at.core.held(properties, at.state) if isinstance(properties, Ref) else None
    if data is None or not isinstance(content, DictObject):
        return NOTHING
    facts: set[Any] = set()
    for name, about in content.items.items():
        kinds = _of_property(at, about)
        if kinds and isinstance(name, str):
            found = at.core.item(data, Const(name), at.state, at.node)
            facts.update((t.source, t.part, kind) for t in found.taint for kind in kinds)
    at.state.facts |= facts
    return NOTHING


def _entry(at: Any, holder: Value | None, name: str) -> Value | None:
    content = at.core.held(holder, at.state) if isinstance(holder, Ref) else None
    return content.items.get(name) if isinstance(content, DictObject) else None


def _of_property(at: Any, about: Value) -> frozenset[str]:
    if _entry(at, about, "enum") is not None or _entry(at, about, "const") is not None:
        return ALL
    kind, pattern = _entry(at, about, "type"), _entry(at, about, "pattern")
    if isinstance(kind, Const) and kind.value in ("integer", "number", "boolean"):
        return frozenset({"*"})
    if isinstance(pattern, Const) and isinstance(pattern.value, str):
        return excluded(pattern.value, "search")
    return frozenset()


_CALLS: Final = {
    "validate_on_submit": _form_is_valid,
    "validate": _errors,
    "model_validate": _of_data,
    "model_validate_json": _of_data,
    "parse_obj": _of_data,
    "parse_raw": _of_data,
    "load": _of_data,
    "loads": _of_data,
    "model_dump": _dumped,
    "dict": _dumped,
    "dump": _shown,
}


def function(path: str) -> Any:
    """Return what a method of a form, a model or a schema does, or None."""
    if path == "jsonschema.validate":
        return _of_json_schema
    head, _, last = path.rpartition(".")
    known = _CALLS.get(last)
    if known is None or not ("Form" in head or "Model" in head or "Schema" in head):
        return None
    return known
