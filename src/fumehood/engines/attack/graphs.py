"""GraphQL: where it answers, what it tells of itself, and whether it bounds how much one request may ask."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from fumehood.engines.attack.exchange import Exchange, Wanted
from fumehood.engines.attack.ground import Ground
from fumehood.engines.attack.surface import Entry

__all__ = ["Asked", "Graph", "graphs"]

DEEP = 24
MANY = 120
_TYPES = "{__schema{queryType{name} types{name kind fields{name args{type{kind}} type{kind name ofType{kind name ofType{kind name ofType{kind name}}}}}}}}"


@dataclass(frozen=True, slots=True)
class Asked:
    """What a request asked too much of, and the answer to it."""

    what: str  # "schema", "depth", "batch" or "aliases"
    answer: Exchange
    shown: str


@dataclass(frozen=True, slots=True)
class Graph:
    """An endpoint that answers GraphQL, and what it did not refuse."""

    entry: Entry
    asked: tuple[Asked, ...]


def graphs(ground: Ground) -> Iterator[Graph]:
    """Yield each endpoint that answers GraphQL."""
    for entry in ground.entries:
        if entry.method != "POST" or "<" in entry.rule:
            continue
        for person in ("", *ground.people()[:1]):
            if _data(_send(ground, entry, person, "{__typename}")):
                yield Graph(entry, tuple(_too_much(ground, entry, person)))
                break


def _send(ground: Ground, entry: Entry, person: str, query: Any) -> Exchange:
    document = query if isinstance(query, list) else {"query": query}
    return ground.send(Wanted(entry.method, entry.rule, document=document, person=person))


def _data(answer: Exchange) -> dict[str, Any]:
    document = answer.document if answer.ok else None
    if not isinstance(document, dict) or document.get("errors"):
        return {}
    data = document.get("data")
    return data if isinstance(data, dict) else {}


def _too_much(ground: Ground, entry: Entry, person: str) -> Iterator[Asked]:
    answer = _send(ground, entry, person, _TYPES)
    schema = _data(answer).get("__schema")
    if schema:
        yield Asked(
            "schema",
            answer,
            f"it tells its whole schema, {len(schema.get('types', []))} types, to {person or 'nobody'}",
        )
        if deep := _circle(schema):
            answer = _send(ground, entry, person, deep)
            if _data(answer):
                yield Asked("depth", answer, f"a query of {DEEP} levels, in a circle, is answered")
    aliases = "{" + " ".join(f"a{number}:__typename" for number in range(MANY)) + "}"
    answer = _send(ground, entry, person, aliases)
    if len(_data(answer)) == MANY:
        yield Asked("aliases", answer, f"{MANY} fields under other names are answered in one request")
    answer = _send(ground, entry, person, [{"query": "{__typename}"}] * MANY)
    if answer.ok and isinstance(answer.document, list) and len(answer.document) == MANY:
        yield Asked("batch", answer, f"{MANY} queries in one request are all answered")


def _circle(schema: dict[str, Any]) -> str:
    """Return a query that goes round a circle of types, or "" when there is none without arguments."""
    types = {
        item["name"]: item.get("fields") or []
        for item in schema.get("types", [])
        if not item["name"].startswith("__")
    }
    query = (schema.get("queryType") or {}).get("name", "")

    def leads(name: str) -> list[tuple[str, str]]:
        return [
            (field["name"], there)
            for field in types.get(name, [])
            if not any(item["type"]["kind"] == "NON_NULL" for item in field["args"])
            and (there := _named(field["type"])) in types
            and types[there]
        ]

    def walk(name: str, path: list[str], seen: list[str]) -> list[str]:
        if len(path) >= DEEP:
            return path
        for field, there in leads(name):
            if there in seen or (len(path) < 6 and there not in seen):
                found = walk(there, [*path, field], [*seen, there])
                if len(found) >= DEEP:
                    return found
        return []

    found = walk(query, [], [])
    return "{" + "{".join(found) + "{__typename" + "}" * (len(found) + 1) if found else ""


def _named(kind: dict[str, Any] | None) -> str:
    while kind and kind.get("ofType"):
        kind = kind["ofType"]
    return str((kind or {}).get("name") or "")
