"""Check and change in two steps: a second request slips in between, without a clock. The database is put back afterwards.

The first request is stopped before the first statement that writes; there the same request is made once more, to its end; then the first goes
on. Where one after the other the second is refused, both must not succeed when they meet.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from fumehood.engines.attack.exchange import Exchange, Wanted, is_refusal
from fumehood.engines.attack.ground import Ground
from fumehood.engines.attack.statements import listeners
from fumehood.engines.attack.stores import files
from fumehood.engines.attack.surface import Entry, removes

__all__ = ["Raced", "raced"]

_WRITES = re.compile(r"\s*(INSERT|UPDATE|DELETE|REPLACE)\b", re.IGNORECASE)
_LARGEST = 6  # numbers of the database that are tried as amounts


@dataclass(frozen=True, slots=True)
class Raced:
    """A route that did twice at once what it does only once one after the other."""

    entry: Entry
    answer: Exchange
    shown: str


def raced(ground: Ground) -> Iterator[Raced]:
    """Yield routes whose check and change can be slipped between."""
    for entry in sorted(ground.entries, key=removes):
        if not entry.changes_state:
            continue
        for person in ("", *ground.people()[:1]):
            found = _first(ground, entry, person)
            if found is not None:
                yield found
                break


def _first(ground: Ground, entry: Entry, person: str) -> Raced | None:
    for wanted in _requests(ground, entry, person):
        kept = _snapshot(ground.scratch)
        wrote: list[str] = []
        try:
            with _heard(wrote):
                first = ground.send(wanted)
            if not wrote or not _done(first):
                continue  # there is nothing to slip in before
            second = ground.send(wanted)
            if _same(first, second):
                continue  # it may be done as often as one likes
            _restore(kept)
            inner: list[Exchange] = []
            with _slipping_in(partial(_into, inner, ground, wanted)):
                outer = ground.send(wanted)
            if inner and _same(first, inner[0]) and _same(first, outer):
                return Raced(
                    entry,
                    outer,
                    f"one after the other, the second is answered {second.status}; at the same time, both are answered {outer.status}",
                )
        finally:
            if wrote:
                _restore(kept)
    return None


def _requests(ground: Ground, entry: Entry, person: str) -> Iterator[Wanted]:
    """The honest request, and the same with the database's own numbers as amounts: one of them uses up what there is."""
    honest = ground.known.fill(entry, person)
    yield honest
    numbers = sorted(
        {
            int(value)
            for values in ground.known.columns.values()
            for value in values
            if isinstance(value, int) and 1 < value < 10**9
        },
        reverse=True,
    )[:_LARGEST]
    for source in ("form", "document"):
        values = getattr(honest, source) or {}
        for name in values if isinstance(values, dict) else ():
            if re.search(
                r"amount|quantity|qty|count|points|credits?|value|sum|number|seats|coins", name, re.IGNORECASE
            ):
                for number in numbers:
                    yield honest.having(
                        **{source: {**values, name: number if source == "document" else str(number)}}
                    )


def _into(inner: list[Exchange], ground: Ground, wanted: Wanted) -> None:
    inner.append(ground.send(wanted))


def _done(answer: Exchange) -> bool:
    return 0 < answer.status < 400 and not is_refusal(answer)


def _same(one: Exchange, other: Exchange) -> bool:
    return (
        one.status == other.status
        and one.header("Location") == other.header("Location")
        and re.sub(r"[\d.]+", "", one.body) == re.sub(r"[\d.]+", "", other.body)
    )


@contextmanager
def _heard(wrote: list[str]) -> Iterator[None]:
    """Collect the statements that write."""

    def hear(statement: str) -> None:
        if _WRITES.match(statement):
            wrote.append(statement)

    listeners.append(hear)
    try:
        yield
    finally:
        listeners.remove(hear)


@contextmanager
def _slipping_in(send: Callable[[], None]) -> Iterator[None]:
    """Call ``send`` before the first statement that writes."""
    waiting = [send]

    def before(statement: str) -> None:
        if waiting and _WRITES.match(statement):
            waiting.pop()()

    listeners.append(before)
    try:
        yield
    finally:
        listeners.remove(before)


Kept = dict[str, sqlite3.Connection]


def _snapshot(folder: Path) -> Kept:
    kept: Kept = {}
    for path in files(folder):
        with suppress(OSError, sqlite3.Error):
            copy = sqlite3.connect(":memory:")
            with closing(sqlite3.connect(path, timeout=1)) as source:
                source.backup(copy)
            kept[path] = copy
    return kept


def _restore(kept: Kept) -> None:
    for path, copy in kept.items():
        with suppress(sqlite3.Error), closing(sqlite3.connect(path, timeout=2)) as target:
            copy.backup(target)
