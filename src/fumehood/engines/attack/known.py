"""What is known of an application's data: values that make honest requests, read from the copy's own databases."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from fumehood.engines.attack.exchange import Upload, Wanted
from fumehood.engines.attack.passwords import PASSWORD
from fumehood.engines.attack.stores import Table, tables
from fumehood.engines.attack.surface import Entry

__all__ = ["PRIVILEGE", "Known", "put"]

_ROWS = 40
# Fields that give power, or worth, to whom they belong.
PRIVILEGE = re.compile(
    r"(^|[._])(is_?)?(admin|administrator|staff|superuser|super_?user|root|privileged|role|roles|role_?id|permissions?|verified|approved|premium|balance|credits?)$",
    re.IGNORECASE,
)
_PERSONAL = re.compile(
    r"pass|^pwd|^hash$|^secret$|(^|_)pw(\d?$|_?hash)|^pin$", re.IGNORECASE
)  # a table with such a column is about people
_SECRET = re.compile(r"pass|pwd", re.IGNORECASE)
_IDENTITY = re.compile(r"user|login|mail|name", re.IGNORECASE)
# A one-pixel PNG: the smallest honest image.
PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c63f8cfc0f01f00050501017a1c3d0b0000000049454e44ae426082"
)
_NUMBERS = re.compile(
    r"(^|_)(id|amount|price|quantity|qty|count|page|limit|offset|size|number|num|year|month|day|age|balance|total)$|[a-z]Id$"
)


@dataclass(slots=True)
class Known:
    """Values by column, from every SQLite file of the copy, and the rows of the tables that hold people."""

    columns: dict[str, list[Any]] = field(default_factory=dict)
    people: list[dict[str, Any]] = field(default_factory=list)

    @classmethod
    def read(cls, folder: Path) -> Known:
        """Read what the databases of a folder hold."""
        known = cls()
        for table in tables(folder, _ROWS):
            for row in table.rows:
                known._row(table, dict(zip(table.columns, row, strict=True)))
        return known

    def _row(self, source: Table, row: dict[str, Any]) -> None:
        table = source.name
        for column, value in row.items():
            if (
                isinstance(value, str | int)
                and not isinstance(value, bool)
                and value != ""
                and len(str(value)) <= 200
            ):
                for name in (
                    column.lower(),
                    f"{table}.{column}".lower(),
                    f"{table.rstrip('s')}_{column}".lower(),
                ):
                    values = self.columns.setdefault(name, [])
                    if value not in values and len(values) < _ROWS:
                        values.append(value)
        if any(_PERSONAL.search(column) for column in row):
            self.people.append({"table": table, "where": source.where, **row})

    def values(self, name: str, endpoint: str = "", *, numbered: bool = False) -> Iterator[Any]:
        """Yield what a parameter of this name could honestly be, the best first.

        Parameters:
            name: the parameter's.
            endpoint: words that say what it is about: the endpoint's name, and the rule.
            numbered: whether it must be a number.
        """
        lowered = name.lower()
        seen = []
        hint = re.split(r"[^a-z0-9]", endpoint.lower())
        for key, values in sorted(self.columns.items()):
            if key.endswith(("." + lowered, "_" + lowered)) and any(
                part.rstrip("s") and part.rstrip("s") in key for part in hint
            ):
                seen += values
        seen += self.columns.get(lowered, [])
        for key in (
            lowered.removesuffix("_name"),
            lowered.removesuffix("name"),
            lowered.removeprefix("user_"),
            lowered.partition("_")[2],
        ):
            seen += self.columns.get(key, [])
        if (numbered or lowered.endswith("id")) and not any(isinstance(value, int) for value in seen):
            # <int:oid> of /orders/<int:oid> is an id of that table; when no table is called so, of any.
            tables = [key for key in sorted(self.columns) if key.endswith(".id")]
            about = [key for key in tables if any(len(part) > 2 and part.rstrip("s") in key for part in hint)]
            for key in (*about, "id"):
                seen += self.columns.get(key, [])
        yield from dict.fromkeys(seen)
        yield _by_name(lowered)

    def fill(self, entry: Entry, person: str = "") -> Wanted:
        """Return an honest request for a route."""
        path = entry.rule
        wanted: dict[str, dict[str, Any]] = {"query": {}, "form": {}, "json": {}, "cookie": {}, "header": {}}
        files: dict[str, Upload] = {}
        for parameter in entry.parameters:
            name, source = parameter.name, parameter.source
            if source in {"form", "json", "query"} and PRIVILEGE.search(name) and name not in entry.defaults:
                continue  # an honest visitor sends no such field
            value = self.honest(entry, name)
            if source == "path":
                path = self.path(path, name, value, entry)
            elif source == "file" and name != "*":
                files[name] = Upload("picture.png", PIXEL, "image/png")
            elif source == "json" and name != "*":
                value = int(value) if _NUMBERS.search(name) and str(value).isdecimal() else value
                if name or not wanted["json"]:
                    put(wanted["json"], name, value)
            elif source in wanted and name and name != "*":
                wanted[source][name] = str(value)
        return Wanted(
            entry.method, path, wanted["query"], wanted["form"], _body(entry, wanted), files=files,
            person=person, page=entry.page, spare_cookies=wanted["cookie"], spare_headers=_headers(wanted["header"]),
        )  # fmt: skip

    def honest(self, entry: Entry, name: str) -> Any:
        """Return an honest value of a parameter: what a form's field says of itself, or else what is known by its name."""
        given = entry.defaults.get(name)
        if given:
            return given
        bare = name.rpartition(".")[2]
        if _SECRET.search(bare) and not any(_IDENTITY.search(item.name) for item in entry.parameters):
            return PASSWORD  # who changes a password keeps the one that is known
        return next(self.values_of(entry, bare))

    def values_of(self, entry: Entry, name: str) -> Iterator[Any]:
        """Yield what a parameter of a route could honestly be, the best first."""
        numbered = entry.converters.get(name) == "IntegerConverter"
        return self.values(name, f"{entry.endpoint} {entry.rule}", numbered=numbered)

    @staticmethod
    def path(rule: str, name: str, value: Any, entry: Entry) -> str:
        """Put a value into a rule's place for it."""
        if entry.converters.get(name) in {"IntegerConverter", "FloatConverter"} and not re.fullmatch(
            r"\d+(\.\d+)?", str(value)
        ):
            value = 1
        return re.sub(rf"<(?:[^<>:]*:)?{re.escape(name)}>", lambda _: str(value), rule, count=1)


def put(document: dict[str, Any], name: str, value: Any) -> None:
    """Put a value into a JSON object; a dotted name leads into objects within it."""
    if not name:
        return
    *outer, last = name.split(".")
    for part in outer:
        inner = document.get(part)
        if not isinstance(inner, dict):
            inner = document[part] = {}
        document = inner
    if not isinstance(document.get(last), dict):
        document[last] = value


def _body(entry: Entry, wanted: dict[str, dict[str, Any]]) -> Any:
    if wanted["json"]:
        return wanted["json"]
    return {} if entry.reads("json") and not wanted["form"] and not entry.reads("file") else None


def _headers(given: dict[str, Any]) -> dict[str, str]:
    left_to_us = {"authorization", "host", "content-type", "content-length", "cookie"}
    return {name: str(value) for name, value in given.items() if name.lower() not in left_to_us}


def _by_name(name: str) -> Any:
    for part, value in (
        ("email", "probe@example.com"), ("mail", "probe@example.com"), ("confirm", PASSWORD), ("pass", PASSWORD),
        ("pwd", PASSWORD), ("url", "https://example.org/"), ("link", "https://example.org/"), ("date", "2026-01-31"), ("phone", "5550100"),
        ("file", "notes.txt"), ("path", "notes.txt"), ("host", "example.org"), ("ip", "192.0.2.1"), ("uuid", "00000000-0000-4000-8000-000000000001"),
    ):  # fmt: skip
        if part in name:
            return value
    return 1 if _NUMBERS.search(name) else "probe"
