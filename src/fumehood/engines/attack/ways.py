"""Ways into an application: routes that take credentials, how they are filled in, and how one tells that they let somebody in."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from fumehood.engines.attack.exchange import Exchange, Wanted
from fumehood.engines.attack.known import PRIVILEGE, put
from fumehood.engines.attack.pages import read
from fumehood.engines.attack.surface import Entry
from fumehood.engines.attack.visitor import Visitor

__all__ = ["Account", "Way", "lets_in", "logins", "request", "send", "sign_ups", "tokens"]

SECRET = re.compile(
    r"pass|pwd|secret$|(^|_)pw\d?$|(^|_)pin$|^kennwort|^contrase|^senha$|^mdp$", re.IGNORECASE
)
_SIGN_UP = re.compile(
    r"regist|sign[-_]?up|join|(create|new|add)[-_/]?(user|account|member|customer)|(user|account)s?[-_/](create|new|add)"
    r"|enrol|/(users?|accounts?)(?= )",
    re.IGNORECASE,
)
_LOGIN = re.compile(r"log[-_]?in|sign[-_]?in|log[-_]?on|auth|session|token|(api)?[-_/]?key$", re.IGNORECASE)
_OTHER = re.compile(
    r"change|ch[-_]?pass|reset|forgot|recover|update|edit|verify|confirm|log-?_?out|delete|profile|setting|import|upload",
    re.IGNORECASE,
)
_IDENTITY = re.compile(r"user|login|name|nick|identity|mail|account|uid", re.IGNORECASE)
_AGAIN = re.compile(r"confirm|repeat|again|retype|re_?enter|verify", re.IGNORECASE)
_TYPED = frozenset({"text", "email", "tel", "search", "number"})
_TOKEN = re.compile(r"token|jwt|access|bearer|(api)?_?key$|session|auth", re.IGNORECASE)
_JWT = re.compile(r"eyJ[\w-]{5,}\.[\w-]{5,}\.[\w-]*")


@dataclass(frozen=True, slots=True)
class Account:
    """Who somebody is to the application."""

    name: str
    user: str
    email: str
    password: str
    role: str = ""
    id: Any = None


@dataclass(frozen=True, slots=True)
class Way:
    """A route that takes credentials, by a form or by JSON."""

    entry: Entry
    source: str  # "form", "json" or "query"

    def names(self) -> list[str]:
        return [item.name for item in self.entry.reads(self.source) if item.name not in {"", "*"}]

    def is_secret(self, name: str) -> bool:
        """Tell whether a field takes the password: by its kind on the form's page, or by its name."""
        kind = self.entry.kinds.get(name)
        return kind == "password" or (
            kind not in _TYPED and SECRET.search(name.rpartition(".")[2]) is not None
        )

    def is_short(self) -> bool:
        """Tell whether a form asks for one thing and a password."""
        return sorted(
            kind == "password" for kind in self.entry.kinds.values() if kind in {*_TYPED, "password"}
        ) == [False, True]

    def identity(self) -> str:
        """Return the name of the field that says who it is; where none is called so, the first that somebody types in."""
        typed = [name for name in self.names() if not self.is_secret(name)]
        named = [name for name in typed if _IDENTITY.search(name)]
        shown = [name for name in typed if self.entry.kinds.get(name) in _TYPED]
        return next(iter(named or shown or typed), "")


def logins(entries: Sequence[Entry]) -> list[Way]:
    """Return the routes that look like a login, the likeliest first."""
    ways = []
    for way in _takers(entries):
        where = f"{way.entry.rule} {way.entry.endpoint}"
        named = _LOGIN.search(where) is not None
        if _OTHER.search(where) or (
            _SIGN_UP.search(where) and not re.search(r"log[-_]?in|sign[-_]?in", where)
        ):
            continue
        identity = any(_IDENTITY.search(name) for name in way.names())
        if named or identity or way.is_short():
            ways.append((not named, not identity, len(way.entry.rule), way.entry.rule, way.source, way))
    return [way for *_, way in sorted(ways, key=lambda item: item[:-1])]


def sign_ups(entries: Sequence[Entry]) -> list[Way]:
    """Return the routes that look like a sign-up, the likeliest first."""
    ways = []
    for way in _takers(entries):
        where = f"{way.entry.rule} {way.entry.endpoint}"
        named = _SIGN_UP.search(where) is not None
        if not _OTHER.search(where) and "<" not in way.entry.rule and (named or not _LOGIN.search(where)):
            ways.append((not named, len(way.entry.rule), way.entry.rule, way.source, way))
    return [way for *_, way in sorted(ways, key=lambda item: item[:-1])]


def _takers(entries: Sequence[Entry]) -> Iterator[Way]:
    for entry in entries:
        sources = ("form", "json") if entry.method in {"POST", "PUT"} else ("query",)
        for source in sources:
            way = Way(entry, source)
            if any(way.is_secret(name) for name in way.names()):
                yield way


def filled(way: Way, account: Account) -> dict[str, Any]:
    """Return the credentials by the names that a way asks for; the rest as an honest visitor would."""
    values: dict[str, Any] = {}
    defaults = way.entry.defaults if way.source == "form" else {}
    for name in dict.fromkeys((*defaults, *way.names())):
        if PRIVILEGE.search(name) and name not in defaults:
            continue
        values[name] = _value(way, name, account, defaults.get(name, ""))
    return values


def _value(way: Way, name: str, account: Account, default: str) -> str:
    lowered = name.lower().rpartition(".")[2]
    if way.is_secret(name) or (_AGAIN.search(lowered) and "mail" not in lowered):
        return account.password
    if "mail" in lowered or way.entry.kinds.get(name) == "email":
        return account.email
    if lowered in {"first_name", "last_name", "firstname", "lastname", "fullname", "full_name"}:
        return default or account.name.title()
    if (name == way.identity() or re.search(r"user|login|name|nick|identity|uid$", lowered)) and not default:
        return account.user
    if default:
        return default
    if lowered in {"accept", "agree", "terms", "tos", "remember", "remember_me"}:
        return "y"
    if re.search(r"age$|year|number|phone|ccn|card|zip|amount|balance", lowered):
        return "1990"
    return "probe"


def request(way: Way, account: Account, host: str) -> Wanted:
    """Return the request that sends an account's credentials along a way."""
    values = filled(way, account)
    headers = {"Origin": f"https://{host}", "Referer": f"https://{host}/"}
    wanted = Wanted(way.entry.method, way.entry.rule, headers=headers, page=way.entry.page)
    if way.source == "json":
        document: dict[str, Any] = {}
        for name, value in values.items():
            put(document, name, value)
        return replace(wanted, document=document)
    texts = {name: str(value) for name, value in values.items()}
    return replace(wanted, query=texts) if way.source == "query" else replace(wanted, form=texts)


def send(visitor: Visitor, way: Way, account: Account) -> Exchange:
    """Send an account's credentials along a way."""
    wanted = request(way, account, visitor.stage.host)
    return visitor.send(visitor.stage.with_token(wanted, visitor, fresh=True))


def lets_in(answer: Exchange, wrong: Exchange) -> bool:
    """Tell whether an answer to right credentials lets in; the answer to wrong ones shows how the door looks when it is shut."""
    if not 200 <= answer.status < 400:
        return False
    if tokens(answer) and not tokens(wrong):
        return True
    if not _cookies(answer):
        return False
    return _looks(answer) != _looks(wrong)


def _cookies(answer: Exchange) -> set[str]:
    given = [value.partition(";")[0].partition("=") for name, value in answer.headers if name == "Set-Cookie"]
    return {name for name, _, value in given if value not in {"", '""'}}


def _looks(answer: Exchange) -> tuple[Any, ...]:
    asks = answer.is_html and any(form.has_password for form in read(answer.body).forms)
    return (
        answer.status // 100,
        answer.header("Location").partition("?")[0],
        asks,
        frozenset(_cookies(answer)),
    )


def tokens(answer: Exchange) -> list[str]:
    """Return what an answer gives to be shown later: tokens of a JSON answer by their name, JWTs anywhere in it."""
    named = list(_named(answer.document)) if answer.status and answer.body[:1] in {"{", "["} else []
    text = answer.header("Authorization") + " " + answer.header("X-Auth-Token") + " " + answer.body
    return list(dict.fromkeys([*named, *_JWT.findall(text)]))


def _named(document: Any, depth: int = 0) -> Iterator[str]:
    if depth > 5:
        return
    if isinstance(document, dict):
        for key, value in document.items():
            if isinstance(value, str) and len(value) >= 16 and _TOKEN.search(str(key)) and " " not in value:
                yield value
            else:
                yield from _named(value, depth + 1)
    elif isinstance(document, list):
        for item in document[:10]:
            yield from _named(item, depth + 1)
