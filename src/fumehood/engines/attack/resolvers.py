"""What a GraphQL endpoint can be asked, by its own schema: a document for each field that takes arguments, and honest values for them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from fumehood.engines.attack.exchange import Wanted
from fumehood.engines.attack.surface import Entry, Parameter
from fumehood.engines.attack.visitor import Stage

__all__ = ["Question", "questions"]

_CALLED = re.compile(r"graph|gql", re.IGNORECASE)
_TYPE = "type{kind name ofType{kind name ofType{kind name ofType{kind name}}}}"
_SCHEMA = (
    "{__schema{queryType{name} mutationType{name} types{name kind enumValues{name} "
    f"inputFields{{name {_TYPE}}} fields{{name args{{name {_TYPE}}} {_TYPE}}}}}}}}}"
)
_HONEST = {"Int": 1, "Float": 1.0, "Boolean": True}
_DEEPEST = 2


@dataclass(frozen=True, slots=True)
class Question:
    """A document that asks for one field, with its variables; ``places`` are those that hold text, by dotted names."""

    field: str
    document: str
    variables: dict[str, Any]
    places: tuple[str, ...]

    def parameters(self) -> list[Parameter]:
        return [Parameter("graphql", f"{self.field}.{place}") for place in self.places]


def questions(stage: Stage, entry: Entry, people: Sequence[str]) -> list[Question]:
    """Return what an endpoint answers to whoever may see its schema."""
    if entry.method != "POST" or "<" in entry.rule or not _CALLED.search(f"{entry.rule} {entry.endpoint}"):
        return []
    for person in people:
        answer = stage.send(Wanted("POST", entry.rule, document={"query": _SCHEMA}, person=person))
        data = answer.document.get("data") if isinstance(answer.document, dict) else None
        schema = data.get("__schema") if isinstance(data, dict) else None
        if isinstance(schema, dict):
            return list(_asked(schema))
    return []


def _asked(schema: dict[str, Any]) -> Iterator[Question]:
    types = {item["name"]: item for item in schema.get("types") or ()}
    for operation, root in (("query", schema.get("queryType")), ("mutation", schema.get("mutationType"))):
        for field in (types.get((root or {}).get("name")) or {}).get("fields") or ():
            if field["args"]:
                yield _question(types, operation, field)


def _question(types: dict[str, Any], operation: str, field: dict[str, Any]) -> Question:
    variables = {item["name"]: _value(types, item["type"], 0) for item in field["args"]}
    told = ", ".join(f"${item['name']}: {_spelt(item['type'])}" for item in field["args"])
    given = ", ".join(f"{name}: ${name}" for name in variables)
    kind = types.get(_named(field["type"]), {}).get("kind")
    chosen = " {__typename}" if kind in {"OBJECT", "INTERFACE", "UNION"} else ""
    places = [place for item in field["args"] for place in _places(types, item, "", 0)]
    document = f"{operation}({told}) {{{field['name']}({given}){chosen}}}"
    return Question(field["name"], document, variables, tuple(places))


def _value(types: dict[str, Any], kind: dict[str, Any], depth: int) -> Any:
    if kind["kind"] == "NON_NULL":
        return _value(types, kind["ofType"], depth)
    if kind["kind"] == "LIST":
        return [_value(types, kind["ofType"], depth)]
    known = types.get(kind["name"], {})
    if known.get("kind") == "ENUM":
        return next((item["name"] for item in known.get("enumValues") or ()), None)
    if known.get("kind") == "INPUT_OBJECT":
        fields = (known.get("inputFields") or ()) if depth < _DEEPEST else ()
        return {item["name"]: _value(types, item["type"], depth + 1) for item in fields}
    return _HONEST.get(kind["name"], "1" if kind["name"] == "ID" else "probe")


def _places(types: dict[str, Any], item: dict[str, Any], prefix: str, depth: int) -> Iterator[str]:
    kind = item["type"]
    while kind["kind"] == "NON_NULL":
        kind = kind["ofType"]
    known = types.get(kind.get("name"), {})
    if known.get("kind") == "SCALAR" and kind["name"] not in _HONEST:
        yield f"{prefix}{item['name']}"
    elif known.get("kind") == "INPUT_OBJECT" and depth < _DEEPEST:
        for inner in known.get("inputFields") or ():
            yield from _places(types, inner, f"{prefix}{item['name']}.", depth + 1)


def _named(kind: dict[str, Any]) -> str:
    while kind.get("ofType"):
        kind = kind["ofType"]
    return str(kind.get("name") or "")


def _spelt(kind: dict[str, Any]) -> str:
    if kind["kind"] == "NON_NULL":
        return f"{_spelt(kind['ofType'])}!"
    return f"[{_spelt(kind['ofType'])}]" if kind["kind"] == "LIST" else str(kind["name"])
