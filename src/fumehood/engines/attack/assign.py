"""Who is said to have made what: another person's name is sent along with a thing, and looked for in the row that is made."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from fumehood.engines.attack import ways
from fumehood.engines.attack.asked import FILLER
from fumehood.engines.attack.exchange import Exchange, Wanted
from fumehood.engines.attack.ground import Ground
from fumehood.engines.attack.stores import tables
from fumehood.engines.attack.surface import Entry, removes
from fumehood.engines.attack.ways import Account

__all__ = ["Assigned", "assigned"]

_AUTHOR = re.compile(
    r"^(user|username|author|owner|creator|sender)(_?id|_?name)?$|^(created|posted)_by$", re.IGNORECASE
)
_NAME = "fhextra"


@dataclass(frozen=True, slots=True)
class Assigned:
    """A column that a request set though nothing asks for it."""

    entry: Entry
    field: str
    answer: Exchange
    shown: str


def assigned(ground: Ground) -> Iterator[Assigned]:
    """Yield each route that lets a request choose another person as the author of what it makes."""
    sign_ups = {way.entry.key: way for way in ways.sign_ups(ground.entries)}
    for entry in ground.entries:
        if not entry.changes_state or removes(entry) or not entry.reads("form", "json", "body"):
            continue
        plain = _request(ground, entry, sign_ups, 0)
        made = _made(ground, plain)
        if made is None:
            continue
        table, columns, row = made
        given = set(plain.form) | set(plain.document or {})
        for column, usual in zip(columns, row, strict=True):
            if column in given or (column.lower() in {"id"}):
                continue
            if found := _try(ground, entry, sign_ups, (table, column, usual)):
                yield found


def _request(ground: Ground, entry: Entry, sign_ups: dict[str, ways.Way], number: int) -> Wanted:
    """An honest request; to a sign-up, with a name that is new each time."""
    if entry.key in sign_ups:
        user = f"{_NAME}{number}{'ab'[number % 2]}"
        return ways.request(
            sign_ups[entry.key],
            Account("", user, f"{user}@example.com", "Prob3-passphrase!"),
            ground.stage.host,
        )
    wanted = ground.known.fill(entry, ground.visitor_for(entry))

    def new(values: dict[str, Any]) -> dict[str, Any]:
        # Rows that are alike could not be told apart.
        return {name: f"fhmade{number}" if value == FILLER else value for name, value in values.items()}

    document = new(wanted.document) if isinstance(wanted.document, dict) else wanted.document
    return wanted.having(form=new(wanted.form), document=document)


def _try(
    ground: Ground, entry: Entry, sign_ups: dict[str, ways.Way], place: tuple[str, str, Any]
) -> Assigned | None:
    table, column, usual = place
    number = 1
    for value in _values(ground, entry, column, usual):
        number += 1
        wanted = _request(ground, entry, sign_ups, number + 10 * len(column))
        if wanted.document is not None:
            wanted = wanted.having(document={**wanted.document, column: value})
        else:
            wanted = wanted.having(form={**wanted.form, column: str(value)})
        before = _rows(ground)
        answer = ground.send(wanted)
        for name, columns, row in _rows(ground) - before:
            kept = dict(zip(columns, row, strict=True)).get(column)
            if (
                name == table
                and kept != usual
                and str(kept).lower()
                in {str(value).lower(), str(int(value)) if isinstance(value, bool) else ""}
            ):
                return Assigned(
                    entry,
                    column,
                    answer,
                    f"the row of {table} that was made has {column} = {kept!r}; without the field it is {usual!r}",
                )
    return None


def _values(ground: Ground, entry: Entry, column: str, usual: Any) -> list[Any]:
    if _AUTHOR.match(column):
        sender = ground.visitor_for(entry)
        for name in ground.people():
            facts = ground.stage.people[name].facts
            if (
                sender
                and name != sender
                and usual is not None
                and str(usual) in ground.stage.people[sender].facts.values()
            ):
                return [
                    value for value in (facts.get("user"), facts.get("id")) if value and value != str(usual)
                ]
    return []


def _made(ground: Ground, plain: Wanted) -> tuple[str, tuple[str, ...], tuple[Any, ...]] | None:
    """Send an honest request, and return the row that it made."""
    before = _rows(ground)
    ground.send(plain)
    after = _rows(ground)
    for row in sorted(after - before, key=repr):
        if sum(row[0] == name for name, _, _ in after) > sum(row[0] == name for name, _, _ in before):
            return row
    return None


def _rows(ground: Ground) -> set[tuple[str, tuple[str, ...], tuple[Any, ...]]]:
    return {(table.name, table.columns, row) for table in tables(ground.scratch) for row in table.rows}
