"""What is known of an application's data: values that make honest requests, read from the copy's own databases."""

from __future__ import annotations

import contextlib
import re
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from fumehood.engines.attack.exchange import Upload, Wanted
from fumehood.engines.attack.surface import Entry

__all__ = ["Known", "is_database"]

_ROWS = 40
_MAGIC = b"SQLite format 3\x00"
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
        for path in sorted(folder.rglob("*")):
            with contextlib.suppress(OSError, sqlite3.Error):
                if is_database(path):
                    known._read(path)
        return known

    def _read(self, path: Path) -> None:
        connection = sqlite3.connect(path, timeout=1)
        connection.row_factory = sqlite3.Row
        connection.text_factory = lambda data: data.decode("utf-8", "replace")
        try:
            for (table,) in connection.execute(
                "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name"
            ).fetchall():
                quoted = table.replace('"', '""')
                rows = connection.execute(f'SELECT * FROM "{quoted}" LIMIT {_ROWS}').fetchall()  # noqa: S608 - the table's own name, quoted
                for row in rows:
                    self._row(table, dict(zip(row.keys(), tuple(row), strict=True)))
        finally:
            connection.close()

    def _row(self, table: str, row: dict[str, Any]) -> None:
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
        if any("pass" in column.lower() or column.lower() in {"pwd", "hash"} for column in row):
            self.people.append({"table": table, **row})

    def values(self, name: str, endpoint: str = "") -> Iterator[Any]:
        """Yield what a parameter of this name could honestly be, the best first."""
        lowered = name.lower()
        seen = []
        hint = re.split(r"[._]", endpoint.lower())
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
        yield from dict.fromkeys(seen)
        yield _by_name(lowered)

    def fill(self, entry: Entry, person: str = "") -> Wanted:
        """Return an honest request for a route."""
        path = entry.rule
        wanted: dict[str, dict[str, Any]] = {"query": {}, "form": {}, "json": {}, "cookie": {}, "header": {}}
        files: dict[str, Upload] = {}
        for parameter in entry.parameters:
            value = next(self.values(parameter.name, entry.endpoint))
            if parameter.source == "path":
                path = self.path(path, parameter.name, value, entry)
            elif parameter.source == "file":
                files[parameter.name] = Upload("picture.png", PIXEL, "image/png")
            elif parameter.source == "json":
                wanted["json"][parameter.name] = (
                    int(value) if _NUMBERS.search(parameter.name) and str(value).isdecimal() else value
                )
            elif parameter.source in wanted and parameter.name:
                wanted[parameter.source][parameter.name] = str(value)
        return Wanted(
            entry.method, path, wanted["query"], wanted["form"], wanted["json"] or None, wanted["cookie"], _headers(wanted["header"]), files, person=person
        )  # fmt: skip

    @staticmethod
    def path(rule: str, name: str, value: Any, entry: Entry) -> str:
        """Put a value into a rule's place for it."""
        if entry.converters.get(name) in {"IntegerConverter", "FloatConverter"} and not re.fullmatch(
            r"\d+(\.\d+)?", str(value)
        ):
            value = 1
        return re.sub(rf"<(?:[^<>:]*:)?{re.escape(name)}>", lambda _: str(value), rule, count=1)


def is_database(path: Path) -> bool:
    """Tell whether a file is an SQLite database."""
    if not path.is_file():
        return False
    with path.open("rb") as stream:
        return stream.read(16) == _MAGIC


def _headers(given: dict[str, Any]) -> dict[str, str]:
    left_to_us = {"authorization", "host", "content-type", "content-length", "cookie"}
    return {name: str(value) for name, value in given.items() if name.lower() not in left_to_us}


def _by_name(name: str) -> Any:
    for part, value in (
        ("email", "probe@example.com"), ("mail", "probe@example.com"), ("confirm", "Prob3-passphrase!"), ("pass", "Prob3-passphrase!"),
        ("pwd", "Prob3-passphrase!"), ("url", "https://example.org/"), ("link", "https://example.org/"), ("date", "2026-01-31"), ("phone", "5550100"),
        ("file", "notes.txt"), ("path", "notes.txt"), ("host", "example.org"), ("ip", "192.0.2.1"), ("uuid", "00000000-0000-4000-8000-000000000001"),
    ):  # fmt: skip
        if part in name:
            return value
    return 1 if _NUMBERS.search(name) else "probe"
