"""What validation lets through: the fields of WTForms' forms, of pydantic's models, of marshmallow's and JSON schemas."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Final

from fumehood.engines.code.heap import DictObject, Instance, ListObject, State
from fumehood.engines.code.patterns import excluded
from fumehood.engines.code.taint import Place, Source, Taint, keyed, without
from fumehood.engines.code.values import (
    NEVER,
    UNKNOWN,
    Cls,
    Const,
    External,
    Func,
    Ref,
    Unknown,
    Value,
    unknown,
)

__all__ = [
    "ALL",
    "WTFORMS",
    "Field",
    "built",
    "data_of_form",
    "declared",
    "fields_of_form",
    "fill",
    "harmless_type",
    "is_model",
    "left",
    "looked_at",
    "tainted",
    "under",
]

_TYPED: Final = frozenset(
    [
        "int",
        "Int",
        "Integer",
        "float",
        "Float",
        "Decimal",
        "Number",
        "bool",
        "Bool",
        "Boolean",
        "UUID",
        "UUID1",
        "UUID4",
        "DateTime",
        "NaiveDateTime",
        "AwareDateTime",
        "Date",
        "Time",
        "TimeDelta",
        "IP",
        "IPv4",
        "IPv6",
        "Enum",
        "datetime",
        "date",
        "time",
        "timedelta",
        "PositiveInt",
        "NonNegativeInt",
        "PositiveFloat",
        "conint",
        "confloat",
        "condecimal",
        "IPv4Address",
        "IPv6Address",
        "boolean",
        "date_from_iso8601",
        "datetime_from_iso8601",
        "natural",
        "positive",
        "int_range",
        "StrictInt",
        "StrictBool",
        "IntegerField",
        "FloatField",
        "DecimalField",
        "BooleanField",
        "DateField",
        "DateTimeField",
        "TimeField",
        "IntegerRangeField",
        "DateTimeLocalField",
    ]
)
_CHOOSING: Final = frozenset({"OneOf", "AnyOf", "ContainsOnly", "Enum", "Literal", "ChoiceField"})
WTFORMS: Final = ("wtforms", "flask_wtf", "flask_security", "flask_appbuilder.forms")
_DEPTH: Final = 6
ALL: Final = frozenset({"*", "chosen"})


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a form, a model or a schema: what its declaration says of a value that was let through.

    Parameters:
        removes: the kinds of danger that are gone; ``"*"``: it is a number, a date, or one of a list.
        typed: it is no text even before it was checked (``IntegerField``).
        nested: the class of what is inside, when it is a model itself.
        check: the program's own function that looks at the value.
    """

    name: str
    removes: frozenset[str] = frozenset()
    typed: bool = False
    file: bool = False
    many: bool = False
    nested: Cls | None = None
    check: Func | None = None
    hidden: bool = False


def harmless_type(name: str) -> bool:
    """Whether a type's last name is that of numbers, dates and the like."""
    return name in _TYPED


def tainted(place: Place, name: str, why: str, source: str = "flask.request.json") -> Value:
    return Unknown(
        frozenset({Taint(Source("request", source, name, place), (), frozenset(), (place, why, None))})
    )


def is_model(cls: Value, core: Any) -> str:
    """Return which library checks the objects of a class: "wtforms", "pydantic", "marshmallow" or ""."""
    if not isinstance(cls, Cls):
        return ""
    path = core.external_base(cls)
    head, last = path.partition(".")[0], path.rpartition(".")[2].removesuffix("()")
    if path.startswith(WTFORMS) and "Form" in last:
        return "wtforms"
    if head == "pydantic" and last in ("BaseModel", "RootModel"):
        return "pydantic"
    return "marshmallow" if "arshmallow" in path and "Schema" in last else ""


# Declarations.
def declared(core: Any, cls: Cls, state: State, depth: int = 0) -> dict[str, Field]:
    """Return the fields of a class, those of its bases first."""
    known: dict[Any, dict[str, Field]] = core.__dict__.setdefault("declared_fields", {})
    found = known.get(cls)
    if found is not None:
        return found
    found = known[cls] = {}
    for base in cls.bases:
        if isinstance(base, Cls) and depth < _DEPTH:
            found.update(declared(core, base, state, depth + 1))
    checks = dict(_checks(core, cls, state))
    for item in cls.node.body:
        name, written = "", None
        if isinstance(item, ast.Assign) and isinstance(item.targets[0], ast.Name):
            name, written = item.targets[0].id, item.value
        elif isinstance(item, ast.AnnAssign) and isinstance(item.target, ast.Name):
            found[item.target.id] = _annotated(core, cls, item)
        if written is not None and isinstance(written, ast.Call):
            found[name] = _called(core, cls, name, written)
    for name, check in checks.items():
        field = found.get(name, Field(name))
        found[name] = replace(field, check=check)
    return found


def _checks(core: Any, cls: Cls, state: State) -> Iterator[tuple[str, Func]]:
    """Yield the functions that look at one field: ``validate_name``, ``@validates("name")``, ``@field_validator("name")``."""
    for item in cls.node.body:
        if not isinstance(item, ast.FunctionDef):
            continue
        func = core.class_attribute(cls, item.name, state)
        if not isinstance(func, Func):
            continue
        if item.name.startswith("validate_"):
            yield item.name.removeprefix("validate_"), func
        for decorator in item.decorator_list:
            if isinstance(decorator, ast.Call) and ast.unparse(decorator.func).rpartition(".")[2] in (
                "field_validator",
                "validator",
                "validates",
            ):
                for argument in decorator.args:
                    if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
                        yield argument.value, func


def _called(core: Any, cls: Cls, name: str, node: ast.Call) -> Field:
    kind = ast.unparse(node.func).rpartition(".")[2]
    removes = _implied(core, cls, node) | (ALL if kind in ("SelectField", "RadioField") else frozenset())
    typed = kind in _TYPED
    inner = node.args[0] if node.args else None
    nested = _class(core, cls, inner) if kind in ("Nested", "List", "FormField", "FieldList") else None
    many = kind == "List" or any(
        item.arg == "many" and isinstance(item.value, ast.Constant) and item.value.value is True
        for item in node.keywords
    )
    if typed:
        removes |= {"*"}
    hidden = any(
        item.arg == "load_only" and isinstance(item.value, ast.Constant) and item.value.value is True
        for item in node.keywords
    )
    file = kind in ("FileField", "MultipleFileField")
    return Field(name, removes, typed, file, many, nested, hidden=hidden)


def _annotated(core: Any, cls: Cls, item: ast.AnnAssign) -> Field:
    name = item.target.id if isinstance(item.target, ast.Name) else ""
    node = _bare(item.annotation)
    removes = _implied(core, cls, item.annotation)
    if isinstance(item.value, ast.Call):
        removes |= _implied(core, cls, item.value)
    many = isinstance(node, ast.Subscript) and ast.unparse(node.value).rpartition(".")[2] in ("list", "List")
    inner = node.slice if isinstance(node, ast.Subscript) and many else node
    kind = ast.unparse(inner.func if isinstance(inner, ast.Call) else inner).rpartition(".")[2]
    nested = _class(core, cls, inner)
    if nested is not None and _is_enum(nested):
        removes, nested = removes | ALL, None
    if kind in _TYPED:
        removes |= {"*"}
    return Field(name, removes, kind in _TYPED, False, many, nested)


def _is_enum(cls: Cls, depth: int = 0) -> bool:
    return any(
        base.path.startswith("enum.")
        if isinstance(base, External)
        else isinstance(base, Cls) and depth < _DEPTH and _is_enum(base, depth + 1)
        for base in cls.bases
    )


def _bare(node: ast.expr) -> ast.expr:
    """Return an annotation without ``Optional``, ``Annotated`` and ``| None``."""
    while True:
        if isinstance(node, ast.BinOp):
            node = node.right if isinstance(node.left, ast.Constant) else node.left
        elif isinstance(node, ast.Subscript) and ast.unparse(node.value).rpartition(".")[2] in (
            "Optional",
            "Annotated",
        ):
            node = node.slice.elts[0] if isinstance(node.slice, ast.Tuple) else node.slice
        else:
            return node


def _class(core: Any, cls: Cls, node: ast.expr | None) -> Cls | None:
    if isinstance(node, ast.Call):
        node = node.args[0] if node.args and ast.unparse(node.func).endswith("Nested") else node.func
    if not isinstance(node, ast.Name):
        return None
    found = core.environment(cls.module.path).get(node.id)
    return found if isinstance(found, Cls) else None


def _implied(core: Any, cls: Cls, node: ast.expr) -> frozenset[str]:
    """Return what the validators in a declaration rule out."""
    removes: frozenset[str] = frozenset()
    for child in ast.walk(node):
        if isinstance(child, ast.Subscript) and ast.unparse(child.value).rpartition(".")[2] == "Literal":
            removes |= ALL
        if not isinstance(child, ast.Call):
            continue
        kind = ast.unparse(child.func).rpartition(".")[2]
        named = {item.arg: item.value for item in child.keywords}
        if kind in _CHOOSING or "choices" in named:
            removes |= ALL
        elif kind in ("UUID", "IPAddress", "MacAddress"):
            removes |= {"*"}
        elif kind in ("Regexp", "Regex"):
            removes |= _matched(
                core, cls, named.get("regex") or (child.args[0] if child.args else None), "match"
            )
        removes |= _matched(core, cls, named.get("pattern"), "search")
        if kind not in ("Regexp", "Regex"):
            removes |= _matched(core, cls, named.get("regex"), "match")
    return removes


def _matched(core: Any, cls: Cls, node: ast.expr | None, how: str) -> frozenset[str]:
    pattern: Any = node.value if isinstance(node, ast.Constant) else None
    if isinstance(node, ast.Name):
        value = core.environment(cls.module.path).get(node.id)
        if isinstance(value, External):
            value = dict(value.detail).get("0")
        pattern = value.value if isinstance(value, Const) else None
    elif isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
        pattern = node.args[0].value  # re.compile("...")
    return excluded(pattern, how) if isinstance(pattern, str) else frozenset()


# What is left of a value that a field let through.
def left(core: Any, field: Field, value: Value, me: Value, state: State, node: ast.AST) -> Value:
    """Return a value as a field hands it on."""
    if field.nested is not None and is_model(field.nested, core):
        return _nested(core, field, value, state, node)
    if field.check is not None and value.taint:
        value = looked_at(core, field.check, me, value, state, node)
    if "*" in field.removes:
        taint = core.taint_of(value, state)
        kind = "int" if field.typed else "str"
        return unknown(without(taint, field.removes), "" if field.many else kind)
    if not field.removes:
        return value
    return unknown(without(core.taint_of(value, state), field.removes), "str")


def _nested(core: Any, field: Field, value: Value, state: State, node: ast.AST) -> Value:
    one = value
    if field.many:
        known, element = core.elements(value, state, node)
        one = element or (known[0] if known else UNKNOWN)
    inner = built(core, field.nested, one, state, node)
    if not field.many:
        return inner
    result: Value = core.allocate(node, ListObject((), inner), state)
    return result


def looked_at(core: Any, check: Func, me: Value, value: Value, state: State, node: ast.AST) -> Value:
    """Run the program's own check of a field; it returns what it lets through, or raises."""
    names = [item.arg for item in (*check.node.args.posonlyargs, *check.node.args.args)]
    args = [me, value][-len(names) :] if names else []
    bound = Func(check.node, check.module, check.frame, check.name, check.owner)
    result = core.invoke(bound, args, {}, state, node)
    if result is NEVER or isinstance(result, Const) or not core.taint_of(result, state):
        result = value
    checked: Value = core.checked(result, state)
    return checked


def built(core: Any, cls: Any, value: Value, state: State, node: ast.AST) -> Value:
    """Return the object or the dict that a model or a schema makes of a value."""
    fields = declared(core, cls, state)
    items = {
        name: left(core, field, under(core, value, name, state, node), cls, state, node)
        for name, field in fields.items()
    }
    if is_model(cls, core) == "pydantic":
        ref = Ref((id(cls.node) + 4, core.frame.id))
        state.heap[ref.address] = Instance(cls, items)
        return ref
    ref = Ref((id(cls.node) + 6, core.frame.id))
    state.heap[ref.address] = DictObject(items)
    return _post_loaded(core, cls, ref, state, node)


def under(core: Any, value: Value, name: str, state: State, node: ast.AST) -> Value:
    if isinstance(value, Ref | External):
        found = core.item(value, Const(name), state, node)
        return found if found.taint or isinstance(found, Const | Ref) else UNKNOWN
    return unknown(keyed(core.taint_of(value, state), name))


def _post_loaded(core: Any, cls: Cls, data: Ref, state: State, node: ast.AST) -> Value:
    for item in cls.node.body:
        if isinstance(item, ast.FunctionDef) and any(
            "post_load" in ast.unparse(decorator) for decorator in item.decorator_list
        ):
            func = core.class_attribute(cls, item.name, state)
            if isinstance(func, Func):
                names = [part.arg for part in item.args.args]
                made = core.invoke(func, [UNKNOWN, data][: len(names)], {}, state, node)
                return data if made is NEVER else made
    return data


def fill(core: Any, ref: Ref, cls: Cls, keywords: dict[str, Value], state: State, node: ast.AST) -> bool:
    """Give a new form or model its fields; return whether its class is one whose objects are checked."""
    kind = is_model(cls, core)
    if kind == "wtforms":
        place = core.place(node)
        attributes = {name: _form_field(field, place) for name, field in declared(core, cls, state).items()}
        core.replace(ref, Instance(cls, attributes), state)
        return False
    if kind != "pydantic":
        return False
    spread = keywords.get("**")
    attributes = {}
    for name, field in declared(core, cls, state).items():
        value = keywords.get(name)
        if value is None and spread is not None:
            value = under(core, spread, name, state, node)
        if value is not None:
            attributes[name] = left(core, field, value, cls, state, node)
    core.replace(ref, Instance(cls, attributes), state)
    return True


def _form_field(field: Field, place: Place) -> Value:
    why = f"the field {field.name} of a form is taken from the request"
    value = tainted(place, field.name, why, "flask.request.form")
    taint = without(value.taint, {"*"}) if field.typed else value.taint
    kind = "wtforms.FileField" if field.file else "wtforms.Field"
    return External(kind, taint, True, (("name", Const(field.name)),))


def fields_of_form(core: Any, form: Value | None, state: State) -> dict[str, Value] | None:
    """Return the fields of a form by name, which is what iterating over it gives; None when it is no form."""
    content = core.held(form, state) if isinstance(form, Ref) else None
    if not isinstance(content, Instance) or content.cls is None or is_model(content.cls, core) != "wtforms":
        return None
    return {
        name: value
        for name, value in content.attributes.items()
        if isinstance(value, External) and value.path.startswith("wtforms.")
    }


def data_of_form(core: Any, holder: External, state: State, node: ast.AST) -> Value | None:
    """``form.data``: what each field holds, by name."""
    fields = fields_of_form(core, dict(holder.detail).get("self"), state)
    if fields is None:
        return None
    items = {name: core.attribute(value, "data", state, node) for name, value in fields.items()}
    result: Value = core.allocate(node, DictObject(items), state)
    return result
