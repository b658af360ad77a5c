"""Requests that say by a header or a field that they are of another method than they are."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from fumehood.engines.attack.exchange import Exchange, Wanted, is_refusal
from fumehood.engines.attack.ground import Ground
from fumehood.engines.attack.stores import rows
from fumehood.engines.attack.surface import Entry, removes

__all__ = ["Overridden", "overridden"]

_HEADERS = ("X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override")
_FIELDS = ("_method", "__method__", "method")


@dataclass(frozen=True, slots=True)
class Overridden:
    """A route that a GET request reached by saying that it were another."""

    entry: Entry
    answer: Exchange
    by: str


def overridden(ground: Ground) -> Iterator[Overridden]:
    """Yield routes that change the database when a GET request says that it is of their method."""
    for entry in sorted(ground.entries, key=removes):
        if not entry.changes_state:
            continue
        for person in dict.fromkeys((ground.visitor_for(entry), *ground.people()[:1])):
            found = _try(ground, entry, person)
            if found is not None:
                yield found
                break


def _marked(wanted: Wanted, number: int) -> Wanted:
    def text(name: str, value: str) -> str:
        kept = value.isdigit() or re.search(r"pass|pwd|csrf|token|method", name, re.IGNORECASE)
        return value if kept else f"fhover{number}"

    return wanted.having(query={name: text(name, value) for name, value in wanted.query.items()})


def _try(ground: Ground, entry: Entry, person: str) -> Overridden | None:
    wanted = ground.known.fill(entry, person)
    query = {**wanted.query, **wanted.form}
    plain = wanted.having(method="GET", query=query, form={}, document=None, files={})
    before = rows(ground.scratch)
    ground.send(plain)
    if rows(ground.scratch) != before:
        return None  # a GET request changes it without a word: another flaw
    ways = [(name, plain.having(headers={**plain.headers, name: entry.method})) for name in _HEADERS]
    ways += [(name, plain.having(query={**query, name: entry.method})) for name in _FIELDS]
    for number, (by, request) in enumerate(ways):
        request = _marked(request, number)  # a row like one that is there already would not be seen
        before = rows(ground.scratch)
        answer = ground.send(request)
        if 0 < answer.status < 400 and not is_refusal(answer) and rows(ground.scratch) != before:
            return Overridden(entry, answer, by)
    return None
