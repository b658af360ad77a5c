"""Fields that a form does not have: sent beside honest ones, and looked for in the database."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fumehood.engines.attack.exchange import Exchange, Wanted
from fumehood.engines.attack.ground import Ground
from fumehood.engines.attack.stores import tables
from fumehood.engines.attack.surface import Entry, removes

__all__ = ["Assigned", "assigned"]

_RANK = re.compile(
    r"^(is_?)?(admin|administrator|staff|superuser|root)$|^(user_?)?roles?(_?id)?$", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Assigned:
    """A column that a request set by naming it, though the view does not ask for it."""

    entry: Entry
    column: str
    table: str
    value: Any
    answer: Exchange


def assigned(ground: Ground, powers: re.Pattern[str]) -> Iterator[Assigned]:
    """Yield what can be set beside what a route asks for.

    Parameters:
        ground: the application.
        powers: columns that nobody should set by themselves.
    """
    columns = sorted({column for _, row in _rows(ground.scratch) for column in row} | set(_of_models(ground)))
    wanted_columns = [column for column in columns if powers.search(column)]
    if not wanted_columns:
        return
    for entry in sorted(ground.entries, key=removes):
        # What a form shows may be sent; what only the code asks for is no honest visitor's, if it gives power.
        asked = {name.lower() for name in entry.defaults} | {
            item.name.lower() for item in entry.parameters if not _RANK.search(item.name)
        }
        extra = [column for column in wanted_columns if column.lower() not in asked]
        if not entry.changes_state or not extra or entry.method == "DELETE" or removes(entry):
            continue
        yield from _try(ground, entry, extra)


def _try(ground: Ground, entry: Entry, extra: list[str]) -> Iterator[Assigned]:
    """One request with all extra fields, in each of the ways that a value of theirs can look."""
    told: set[str] = set()
    for person in ("", *ground.people()[:2]):
        honest = _fresh(ground.known.fill(entry, person), entry, f"h{person}")
        sources = _sources(entry)
        before = _values(ground.scratch, extra)
        if not 0 < ground.send(honest).status < 400:
            continue
        usual = _gained(before, _values(ground.scratch, extra))
        for number, (text, typed) in enumerate((("1", True), ("admin", "admin"), ("7919", 7919))):
            wanted = _fresh(ground.known.fill(entry, person), entry, f"{number}{person}")
            for source in sources:
                sent = (
                    wanted.having(form={**wanted.form, **dict.fromkeys(extra, text)})
                    if source == "form"
                    else wanted.having(document={**(wanted.document or {}), **dict.fromkeys(extra, typed)})
                )
                before = _values(ground.scratch, extra)
                answer = ground.send(sent)
                if not 0 < answer.status < 400:
                    continue
                gained = _gained(before, _values(ground.scratch, extra))
                for (table, column, value), _ in sorted(gained.items(), key=repr):
                    if (
                        column not in told
                        and str(value) in {text, str(typed), str(int(typed is True))}
                        and (table, column, value) not in usual
                    ):
                        told.add(column)
                        yield Assigned(entry, column, table, value, answer)
        if told:
            return


def _sources(entry: Entry) -> list[str]:
    if entry.reads("json", "body"):
        return ["json"]
    return ["form"] if entry.reads("form") else ["form", "json"]


def _fresh(wanted: Wanted, entry: Entry, mark: str) -> Wanted:
    """Return an honest request whose names are new: an account of the same name would be refused."""

    def new(name: str, value: Any) -> Any:
        lowered = name.lower()
        if not isinstance(value, str) or re.search(r"pass|pwd|csrf|token|captcha", lowered):
            return value
        if "mail" in lowered:
            return f"fhextra{mark}{_number(entry)}@example.com"
        return (
            f"fhextra{mark}{_number(entry)}" if re.search(r"user|name|login|nick|title", lowered) else value
        )

    form = {name: str(new(name, value)) for name, value in wanted.form.items()}
    document = wanted.document
    if isinstance(document, dict):
        document = {name: new(name, value) for name, value in document.items()}
    return wanted.having(form=form, document=document)


def _number(entry: Entry) -> int:
    return zlib.crc32(str(entry).encode()) % 9973


Gained = dict[tuple[str, str, Any], int]


def _values(folder: Path, columns: list[str]) -> Gained:
    """Count the values of some columns, by table."""
    counts: Gained = {}
    for table, row in _rows(folder):
        for column in columns:
            if column in row:
                key = (table, column, row[column])
                counts[key] = counts.get(key, 0) + 1
    return counts


def _gained(before: Gained, after: Gained) -> Gained:
    return {key: count for key, count in after.items() if count > before.get(key, 0)}


def _of_models(ground: Ground) -> Iterator[str]:
    """The columns of SQLAlchemy's models, of which there may be no row yet."""
    database = ground.stage.app.extensions.get("sqlalchemy")
    for table in getattr(getattr(database, "metadata", None), "tables", {}).values():
        yield from (str(column.name) for column in table.columns)


def _rows(folder: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    for table in tables(folder):
        yield from ((table.name, dict(zip(table.columns, row, strict=True))) for row in table.rows)
