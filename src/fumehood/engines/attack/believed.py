"""Words of the client's own that are believed: a cookie or a header that says who somebody is, or what they may do."""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, unquote

from fumehood.engines.attack.doors import private_pages
from fumehood.engines.attack.exchange import Exchange, Wanted, is_refusal
from fumehood.engines.attack.ground import Ground
from fumehood.engines.attack.known import PRIVILEGE
from fumehood.engines.attack.surface import Entry, Parameter, removes
from fumehood.engines.attack.tokens import cookies_of
from fumehood.engines.attack.visitor import Visitor

__all__ = ["Believed", "believed"]

_MIGHTY = ("admin", "true", "1", "yes", "administrator", "root", "superuser", "staff")
_NEAR = "127.0.0.1"
_NOISE = "fhnoise"
_ADDRESS = re.compile(r"forwarded|real-?ip|client-?ip|remote", re.IGNORECASE)
_TELLING = re.compile(
    r"role|admin|user|staff|privilege|level|group|access|internal|debug|auth", re.IGNORECASE
)
_SIGNED = re.compile(r"[\w-]{6,}\.[\w-]*\.[\w-]{10,}|\.eJ[\w-]+")


@dataclass(frozen=True, slots=True)
class Believed:
    """A page that opened to what a client said of itself. ``kind`` is "cookie" or "header"."""

    entry: Entry
    answer: Exchange
    kind: str
    name: str
    shown: str


def believed(ground: Ground) -> Iterator[Believed]:
    """Yield, of each cookie and header, the pages that it opens by itself."""
    for entry in ground.entries:
        if not removes(entry):
            for parameter in entry.named("cookie", "header"):
                if found := _opened(ground, entry, parameter):
                    yield found
    yield from _forged(ground)


# --- a word that is compared with others --------------------------------------------------------------------------------


def _opened(ground: Ground, entry: Entry, parameter: Parameter) -> Believed | None:
    name, kind = parameter.name, parameter.source
    words = (_NEAR,) if _ADDRESS.search(name) else _MIGHTY
    if (
        kind == "header" and not (_ADDRESS.search(name) or _TELLING.search(name))
    ) or name.lower() == "authorization":
        return None
    for person in ("", *ground.people()[:1]):
        honest = ground.known.fill(entry, person)
        if not is_refusal(ground.send(_saying(honest, parameter, _NOISE))):
            continue
        for word in dict.fromkeys((*words, *(entry.words if kind == "cookie" else ()))):
            answer = ground.send(_saying(honest, parameter, word))
            if answer.ok:
                shown = f"{person or 'nobody'} is refused with the {kind} {name}={_NOISE}, and let in with {name}={word}"
                return Believed(entry, answer, kind, name, shown)
    return None


def _saying(honest: Wanted, parameter: Parameter, word: str) -> Wanted:
    if parameter.source == "cookie":
        return honest.having(cookies={**honest.cookies, parameter.name: word})
    return honest.having(headers={**honest.headers, parameter.name: word})


# --- a session that nobody has signed -----------------------------------------------------------------------------------


def _forged(ground: Ground) -> Iterator[Believed]:
    people = ground.people()
    if len(people) < 2:
        return
    one, other = people[:2]
    own = ground.stage.app.config.get("SESSION_COOKIE_NAME") or "session"
    for name, value in cookies_of(ground.stage.people[one]).items():
        if name == own or _SIGNED.search(value):
            continue
        for text, coded in _forms(value):
            found = _as_somebody(ground, name, text, coded, one, other) or _as_mighty(
                ground, name, text, coded, one
            )
            if found:
                yield found
                break


def _as_somebody(
    ground: Ground, name: str, text: str, coded: Callable[[str], str], one: str, other: str
) -> Believed | None:
    """Put another's name, or number, into a cookie that holds one's own."""
    mine, theirs = ground.stage.people[one].facts, ground.stage.people[other].facts
    for fact in ("email", "user", "id"):
        said = re.compile(rf"(?<![\w@]){re.escape(mine.get(fact, ''))}(?![\w@])")
        if not mine.get(fact) or not theirs.get(fact) or not said.search(text):
            continue
        forged = coded(said.sub(lambda _: theirs[fact], text))  # noqa: B023 - used at once
        noise = coded(said.sub(_NOISE if fact != "id" else "987654321", text))
        for page in private_pages(ground, other):
            answer, right = _with_cookie(ground, page, name, forged), ground.send(page.having(person=other))
            refused = _with_cookie(ground, page, name, noise)
            same = answer.ok and (
                answer.body == right.body
                or any(
                    len(theirs.get(key, "")) > 3 and theirs[key] in answer.body for key in ("user", "email")
                )
            )
            if same and refused.body != answer.body:
                entry = _entry(ground, page)
                if entry is not None:
                    return Believed(
                        entry,
                        answer,
                        "cookie",
                        name,
                        f"with {other}'s {fact} in {one}'s cookie it is {other}'s page; nobody has signed the cookie",
                    )
    return None


def _as_mighty(
    ground: Ground, name: str, text: str, coded: Callable[[str], str], one: str
) -> Believed | None:
    """Give oneself power in a cookie that holds an object."""
    document = _document(text)
    weak = [
        key for key, item in document.items() if PRIVILEGE.search(key) and not isinstance(item, dict | list)
    ]
    for key in weak:
        strong: tuple[Any, ...] = ("admin", "administrator") if isinstance(document[key], str) else (True, 1)
        for entry in ground.entries:
            if entry.changes_state or not is_refusal(ground.honest(entry, one)):
                continue
            for item in strong:
                page = ground.known.fill(entry)
                answer = _with_cookie(ground, page, name, coded(json.dumps({**document, key: item})))
                if answer.ok:
                    return Believed(
                        entry,
                        answer,
                        "cookie",
                        name,
                        f"{one} is refused, and let in when the cookie says {key}: {item!r}; nobody has signed it",
                    )
    return None


def _with_cookie(ground: Ground, page: Wanted, name: str, value: str) -> Exchange:
    return Visitor("", ground.stage).send(page.having(person="", cookies={name: value}))


def _entry(ground: Ground, page: Wanted) -> Entry | None:
    return next(
        (
            entry
            for entry in ground.entries
            if not entry.changes_state and ground.known.fill(entry).path == page.path
        ),
        None,
    )


def _document(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _forms(value: str) -> Iterator[tuple[str, Callable[[str], str]]]:
    """Yield what a cookie may say, each with how it is written: as it is, quoted, in base64 or hexadecimal."""
    plain = value.strip('"')
    yield plain, str
    if unquote(plain) != plain:
        yield unquote(plain), quote
    with suppress(ValueError, binascii.Error):
        yield (
            base64.b64decode(unquote(plain) + "==", validate=False).decode(),
            lambda text: base64.b64encode(text.encode()).decode(),
        )
    with suppress(ValueError):
        yield bytes.fromhex(plain).decode(), lambda text: text.encode().hex()
