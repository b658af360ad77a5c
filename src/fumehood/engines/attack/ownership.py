"""Whose things are whose: one person makes things with marks in them, then others, and nobody, ask for them and change them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from fumehood.engines.attack.exchange import Exchange, Wanted, is_refusal
from fumehood.engines.attack.ground import Ground
from fumehood.engines.attack.known import Known
from fumehood.engines.attack.pages import read
from fumehood.engines.attack.passwords import PASSWORD
from fumehood.engines.attack.stores import rows, tables
from fumehood.engines.attack.surface import Entry, removes
from fumehood.engines.attack.survey import LEAVES

__all__ = ["Taken", "changed_by", "mark", "owners", "read_by", "rows"]

Row = tuple[str, tuple[Any, ...]]  # a table's name, and the values

_CANDIDATES = 12  # things of one kind that are asked for
_LINKED = 60  # pages that links lead to
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


_OWNER = re.compile(
    r"(user|owner|author|sender|receiver|customer|account|member|creator|person|student|patient|employee)(_?id|name)?$|(created|posted|owned)_by$",
    re.IGNORECASE,
)
_NAMING = re.compile(r"id$|number$|_no$|key$|user|owner|account", re.IGNORECASE)
_SECRET = re.compile(r"pass|pwd|hash|salt|token|secret_key", re.IGNORECASE)
_ASKS = re.compile(
    r"fetch|get|read|view|show|search|find|query|list|lookup|detail|info|export|download", re.IGNORECASE
)
# Addresses that say that they are not for everybody.
_INSIDE = re.compile(
    r"(^|[/_-])(admin|debug|internal|manage|staff|backup|export|console)([/_-]|$)", re.IGNORECASE
)
_TELLING = 6  # characters of a text that is not found by chance
_CHANGED = "Chang3d-passphrase!"  # what a password is changed to by somebody else


@dataclass(frozen=True, slots=True)
class Taken:
    """A thing of ``owner`` that somebody else got at by one request."""

    entry: Entry
    parameter: str
    answer: Exchange
    owner: str
    shown: str
    made: Exchange | None = None  # the request by which the owner made it


def mark(ground: Ground, owner: str, made: dict[str, Exchange] | None = None) -> dict[str, str]:
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
        answer = ground.send(wanted)
        if made is not None:
            made.update({text: answer for text in marks if text.startswith(f"fhown{number}x")})
    facts = ground.stage.people[owner].facts
    marks.update({facts[key]: f"the {key} of {owner}" for key in ("email",) if len(facts.get(key, "")) > 5})
    return marks


def read_by(ground: Ground, owner: str, other: str) -> Iterator[Taken]:
    """Yield where ``other`` ("" is nobody) reads what ``owner`` made, by naming it; what a page without a name shows them is meant for them."""
    made: dict[str, Exchange] = {}
    marks = {**mark(ground, owner, made), **held(ground, owner, other)}
    known = Known.read(ground.scratch)
    pages = [
        (entry, ground.send(known.fill(entry, other).having(query={})))
        for entry in ground.entries
        if not entry.changes_state and not entry.reads("path") and not removes(entry)
    ]
    open_pages = [page for entry, page in pages if not _INSIDE.search(entry.rule)]
    open_pages += _led_to(ground, open_pages, other)
    shown = {text for text in marks if any(text in page.body for page in open_pages if page.ok)}
    hidden = [text for text in marks if text not in shown]
    for entry, answer in pages:
        got = next((text for text in hidden if text in answer.body), "") if answer.ok else ""
        if got and _INSIDE.search(entry.rule):
            yield Taken(
                entry, "", answer, owner, f"the answer contains {got!r}, which is {marks[got]}", made.get(got)
            )
    for entry in ground.entries:
        if (entry.changes_state and not _only_asks(entry)) or removes(entry):
            continue
        for parameter in entry.named("path", "query", "json", "form"):
            for wanted in _naming(known, entry, parameter.name, parameter.source, other, owner, ground):
                answer = ground.send(wanted)
                got = next((text for text in hidden if text in answer.body), "") if answer.ok else ""
                # What the request itself says, an answer may repeat.
                if got and got not in f"{wanted.target} {wanted.form} {wanted.document}":
                    yield Taken(
                        entry,
                        parameter.name,
                        answer,
                        owner,
                        f"the answer contains {got!r}, which is {marks[got]}",
                        made.get(got),
                    )
                    break
            else:
                continue
            break


def _led_to(ground: Ground, pages: list[Exchange], other: str) -> list[Exchange]:
    """Return the pages that links lead to: where an application leads somebody, that is meant for them."""
    found: list[Exchange] = []
    seen = {page.wanted.target for page in pages}
    waiting = [*pages]
    while waiting and len(found) < _LINKED:
        page = waiting.pop(0)
        for link in read(page.body, page.wanted.path).links if page.ok and page.is_html else ():
            path, _, query = link.partition("?")
            if link in seen or LEAVES.search(path) or len(found) >= _LINKED:
                continue
            seen.add(link)
            found.append(ground.send(Wanted("GET", path, query=dict(parse_qsl(query)), person=other)))
            waiting.append(found[-1])
    return found


def _only_asks(entry: Entry) -> bool:
    """Tell whether a POST by its name only asks for something."""
    return entry.method == "POST" and _ASKS.search(f"{entry.rule} {entry.endpoint}") is not None


def held(ground: Ground, owner: str, other: str) -> dict[str, str]:
    """Return texts of rows that belong to the owner already, and not to the other too: by a column that names who owns it."""
    own, foreign = _names(ground, owner), _names(ground, other)
    texts: dict[str, str] = {}
    common: set[str] = set()
    for table in tables(ground.scratch):
        for row in table.rows:
            values = dict(zip(table.columns, row, strict=True))
            owners = {str(value) for key, value in values.items() if _OWNER.search(key) and value is not None}
            person = table.name in _person_tables(ground) and str(values.get("id", "")) == own.get("id")
            mine = person or bool(owners & set(own.values()))
            for key, value in values.items():
                if not isinstance(value, str) or len(value) < _TELLING or _OWNER.search(key):
                    continue
                if mine and not owners & set(foreign.values()) and not _SECRET.search(key):
                    texts[value] = f"the {key} of a row of {table.name} that is {owner}'s"
                else:
                    common.add(value)
    return {text: what for text, what in texts.items() if text not in common}


def owners(ground: Ground, other: str) -> list[str]:
    """Return people whose things may be asked for: those who made some, and one who had some before."""
    first, *rest = [name for name in ground.people() if name != other]
    had = [name for name in rest if name not in {"ada", "bea"} and ground.stage.people[name].facts.get("id")]
    return [first, *sorted(had, key=lambda name: not held(ground, name, other))][:2]


def _names(ground: Ground, person: str) -> dict[str, str]:
    visitor = ground.stage.people.get(person)
    facts = visitor.facts if visitor is not None else {}
    return {key: facts[key] for key in ("id", "user", "email") if facts.get(key)}


def _person_tables(ground: Ground) -> set[str]:
    return {str(row["table"]) for row in ground.known.people}


def changed_by(ground: Ground, owner: str, other: str) -> Iterator[Taken]:
    """Yield where ``other`` ("" is nobody) changes or deletes a row of the database that is ``owner``'s."""
    marks = mark(ground, owner)
    facts = ground.stage.people[owner].facts
    own = {*marks, *(facts[key] for key in ("user", "email") if len(facts.get(key, "")) > 3)}
    made = _owned(ground, own, other)
    for entry in sorted(ground.entries, key=removes):
        if not entry.changes_state or not entry.named("path", "form", "json"):
            continue
        if len(_owned(ground, own, other)) < len(made):
            own |= set(mark(ground, owner))  # an earlier route took things away
            made = _owned(ground, own, other)
        found = _change(ground, entry, owner, other, made)
        if found is not None:
            yield found


def _change(ground: Ground, entry: Entry, owner: str, other: str, made: set[Row]) -> Taken | None:
    known = Known.read(ground.scratch)
    # What names a thing comes first: a form may send it beside each of its other fields.
    for parameter in sorted(
        entry.named("path", "form", "json"), key=lambda item: not _NAMING.search(item.name)
    ):
        for wanted in _naming(known, entry, parameter.name, parameter.source, other, owner, ground):
            before = made & rows(ground.scratch)
            answer = ground.send(_different(wanted, parameter.name))
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


def _different(wanted: Wanted, kept: str) -> Wanted:
    """Send other values than honest requests do, so that a change shows."""

    def other(name: str, value: Any) -> Any:
        if name == kept or not isinstance(value, str):
            return value
        return (
            _CHANGED
            if _SECRET.search(name) and value == PASSWORD
            else "changed"
            if value == "probe"
            else value
        )

    form = {name: other(name, value) for name, value in wanted.form.items()}
    document = wanted.document
    if isinstance(document, dict):
        document = {name: other(name, value) for name, value in document.items()}
    return wanted.having(form=form, document=document)


def _owned(ground: Ground, own: set[str], other: str) -> set[Row]:
    foreign = {value for key, value in _names(ground, other).items() if key != "id"}
    return {
        row
        for row in rows(ground.scratch)
        if any(isinstance(value, str) and value in own for value in row[1])
        and not any(isinstance(value, str) and value in foreign for value in row[1])
    }


def _naming(
    known: Known, entry: Entry, name: str, source: str, person: str, owner: str, ground: Ground
) -> Iterator[Wanted]:
    """Requests of a person that name things of the owner: their user name, and each number or name that the database knows, newest last made first."""
    facts = ground.stage.people[owner].facts
    values = [value for value in known.values_of(entry, name) if str(value) != PASSWORD]
    named: list[Any] = [
        facts[key]
        for key in ("user", "email", "id")
        if facts.get(key) and facts[key] in {str(value) for value in values}
    ]
    if facts.get("id") and re.search(r"id$|user|owner|account|customer", name, re.IGNORECASE):
        named.append(int(facts["id"]) if facts["id"].isdecimal() else facts["id"])
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
        path = Known.path(path, other.name, next(known.values_of(entry, other.name)), entry)
    return path
