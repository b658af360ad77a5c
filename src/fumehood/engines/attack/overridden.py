"""Requests that say by a header or a field that they are of another method than they are."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from fumehood.engines.attack.exchange import Exchange, Wanted, is_refusal
from fumehood.engines.attack.ground import Ground
from fumehood.engines.attack.stores import rows
from fumehood.engines.attack.surface import Entry, removes

__all__ = ["Overridden", "overridden"]

_HEADERS = ("X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override")
_ALL_WAYS = 20  # routes
_FIELDS = ("_method", "__method__", "method")


@dataclass(frozen=True, slots=True)
class Overridden:
    """A route that a GET request reached by saying that it were another."""

    entry: Entry
    answer: Exchange
    by: str


def overridden(ground: Ground) -> Iterator[Overridden]:
    """Yield routes that change the database when a GET request says that it is of their method."""
    telling = _Telling()
    for entry in sorted((entry for entry in ground.entries if entry.changes_state), key=removes):
        telling.routes += 1
        for person in dict.fromkeys((ground.visitor_for(entry), *ground.people()[:1])):
            found = _try(ground, entry, person, telling)
            if found is not None:
                yield found
                break


@dataclass(slots=True)
class _Telling:
    """Ways to say another method that are worth trying: all for the first routes, then those that made any difference there, and what a view asks for."""

    routes: int = 0
    worked: set[str] = field(default_factory=set)

    def is_worth(self, name: str, plain: Exchange) -> bool:
        asked = {asked.lower() for _, asked in plain.asked}
        return self.routes <= _ALL_WAYS or name in self.worked or name.lower() in asked


def _marked(wanted: Wanted, number: int) -> Wanted:
    def text(name: str, value: str) -> str:
        kept = value.isdigit() or re.search(r"pass|pwd|csrf|token|method", name, re.IGNORECASE)
        return value if kept else f"fhover{number}"

    return wanted.having(query={name: text(name, value) for name, value in wanted.query.items()})


def _try(ground: Ground, entry: Entry, person: str, telling: _Telling) -> Overridden | None:
    wanted = ground.known.fill(entry, person)
    query = {**wanted.query, **wanted.form}
    plain = wanted.having(method="GET", query=query, form={}, document=None, files={})
    before = rows(ground.scratch)
    usual = ground.send(plain)
    if rows(ground.scratch) != before:
        return None  # a GET request changes it without a word: another flaw
    ways = [(name, plain.having(headers={**plain.headers, name: entry.method})) for name in _HEADERS]
    ways += [(name, plain.having(query={**query, name: entry.method})) for name in _FIELDS]
    for number, (by, request) in enumerate(ways):
        if not telling.is_worth(by, usual):
            continue
        request = _marked(request, number)  # a row like one that is there already would not be seen
        before = rows(ground.scratch)
        answer = ground.send(request)
        changed = 0 < answer.status < 400 and not is_refusal(answer) and rows(ground.scratch) != before
        if changed or answer.status != usual.status:
            telling.worked.add(by)
        if changed:
            return Overridden(entry, answer, by)
    return None
