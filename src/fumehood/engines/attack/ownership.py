"""Whose things are whose: one person makes things with marks in them, then others, and nobody, ask for them and change them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from fumehood.engines.attack.exchange import Exchange, Wanted, is_refusal
from fumehood.engines.attack.ground import Ground
from fumehood.engines.attack.known import Known
from fumehood.engines.attack.people import PASSWORD
from fumehood.engines.attack.stores import rows
from fumehood.engines.attack.surface import Entry

__all__ = ["Taken", "changed_by", "mark", "read_by", "rows"]

Row = tuple[str, tuple[Any, ...]]  # a table's name, and the values

_CANDIDATES = 12  # things of one kind that are asked for
_KEPT = (
    "pass",
    "pwd",
    "csrf",
    "token",
    "id",
    "number",
    "amount",
    "account",
    "date",
    "price",
    "role",
    "email",
    "user",
)


_REMOVES = re.compile(r"delet|remov|destroy|drop|clear|purge|reset|log-?_?out|sign-?_?out", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Taken:
    """A thing of ``owner`` that somebody else got at by one request."""

    entry: Entry
    parameter: str
    answer: Exchange
    owner: str
    shown: str


def mark(ground: Ground, owner: str) -> dict[str, str]:
    """Let a person make things, each text with a mark of its own. Returns each mark with what it was sent as."""
    marks: dict[str, str] = {}
    for number, entry in enumerate(ground.entries):
        if not entry.changes_state or removes(entry):
            continue
        wanted = ground.known.fill(entry, owner)
        for source in (wanted.form, wanted.document or {}):
            for name in list(source):
                if not isinstance(source[name], str) or any(part in name.lower() for part in _KEPT):
                    continue
                text = f"fhown{number}x{len(marks)}x{owner}"
                marks[text] = f"{entry} {name}"
                source[name] = text
        ground.send(wanted)
    facts = ground.stage.people[owner].facts
    marks.update({facts[key]: f"the {key} of {owner}" for key in ("email",) if len(facts.get(key, "")) > 5})
    return marks


def removes(entry: Entry) -> bool:
    """Tell whether a route, by its method or name, takes something away, or ends a session."""
    return entry.method == "DELETE" or _REMOVES.search(f"{entry.rule} {entry.endpoint}") is not None


def read_by(ground: Ground, owner: str, other: str) -> Iterator[Taken]:
    """Yield where ``other`` ("" is nobody) reads what ``owner`` made, by naming it; what a page without a name shows them is meant for them."""
    marks = mark(ground, owner)
    known = Known.read(ground.scratch)
    open_pages = [
        ground.send(known.fill(entry, other))
        for entry in ground.entries
        if not entry.changes_state and not entry.reads("path", "query")
    ]
    shown = {text for text in marks if any(text in page.body for page in open_pages if page.ok)}
    hidden = [text for text in marks if text not in shown]
    for entry in ground.entries:
        if entry.changes_state:
            continue
        for parameter in entry.reads("path", "query"):
            for wanted in _naming(known, entry, parameter.name, parameter.source, other, owner, ground):
                answer = ground.send(wanted)
                got = next((text for text in hidden if text in answer.body), "") if answer.ok else ""
                # What the request itself says, an answer may repeat.
                if got and got not in wanted.target:
                    yield Taken(
                        entry,
                        parameter.name,
                        answer,
                        owner,
                        f"the answer contains {got!r}, which is {marks[got]}",
                    )
                    break
            else:
                continue
            break


def changed_by(ground: Ground, owner: str, other: str) -> Iterator[Taken]:
    """Yield where ``other`` ("" is nobody) changes or deletes a row of the database that is ``owner``'s."""
    marks = mark(ground, owner)
    facts = ground.stage.people[owner].facts
    own = {*marks, *(facts[key] for key in ("user", "email") if len(facts.get(key, "")) > 3)}
    made = _owned(ground, own)
    for entry in sorted(ground.entries, key=removes):
        if not entry.changes_state or not entry.reads("path", "form", "json"):
            continue
        if len(_owned(ground, own)) < len(made):
            own |= set(mark(ground, owner))  # an earlier route took things away
            made = _owned(ground, own)
        found = _change(ground, entry, owner, other, made)
        if found is not None:
            yield found


def _change(ground: Ground, entry: Entry, owner: str, other: str, made: set[Row]) -> Taken | None:
    known = Known.read(ground.scratch)
    for parameter in entry.reads("path", "form", "json"):
        for wanted in _naming(known, entry, parameter.name, parameter.source, other, owner, ground):
            before = made & rows(ground.scratch)
            answer = ground.send(wanted)
            if is_refusal(answer) or answer.status >= 400 or not answer.status:
                continue
            gone = before - rows(ground.scratch)
            if gone:
                table, row = sorted(gone, key=repr)[0]
                return Taken(
                    entry,
                    parameter.name,
                    answer,
                    owner,
                    f"a row of {table} that is {owner}'s is no longer as it was: {row[:4]!r}",
                )
    return None


def _owned(ground: Ground, own: set[str]) -> set[Row]:
    return {
        row
        for row in rows(ground.scratch)
        if any(isinstance(value, str) and value in own for value in row[1])
    }


def _naming(
    known: Known, entry: Entry, name: str, source: str, person: str, owner: str, ground: Ground
) -> Iterator[Wanted]:
    """Requests of a person that name things of the owner: their user name, and each number or name that the database knows, newest last made first."""
    facts = ground.stage.people[owner].facts
    values = [value for value in known.values(name, entry.endpoint) if str(value) != PASSWORD]
    named = [
        facts[key]
        for key in ("user", "email", "id")
        if facts.get(key) and facts[key] in {str(value) for value in values}
    ]
    numbers = sorted((value for value in values if isinstance(value, int)), reverse=True)
    for value in list(dict.fromkeys([*named, *numbers, *reversed(values)]))[:_CANDIDATES]:
        wanted = known.fill(entry, person)
        if source == "path":
            yield wanted.having(path=_path(known, entry, name, value))
        elif source == "query":
            yield wanted.having(query={**wanted.query, name: str(value)})
        elif source == "form":
            yield wanted.having(form={**wanted.form, name: str(value)})
        else:
            yield wanted.having(document={**(wanted.document or {}), name: value})


def _path(known: Known, entry: Entry, name: str, value: Any) -> str:
    path = Known.path(entry.rule, name, value, entry)
    for other in entry.reads("path"):
        path = Known.path(path, other.name, next(known.values(other.name, entry.endpoint)), entry)
    return path
