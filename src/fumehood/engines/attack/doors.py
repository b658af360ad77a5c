"""The doors of an application: how people sign in, seen from outside, and which pages are behind them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from fumehood.engines.attack import ways
from fumehood.engines.attack.exchange import Exchange, Wanted, is_refusal
from fumehood.engines.attack.ground import Ground
from fumehood.engines.attack.surface import Entry
from fumehood.engines.attack.visitor import Visitor
from fumehood.engines.attack.ways import Account, Way

__all__ = ["Door", "account_of", "door_of", "doors", "looks", "private_pages"]

_PAGES = 40
_TOKENS = re.compile(r"[\w.+/=-]{20,}")  # new in each answer: CSRF tokens, nonces, signatures
_CHANGING = re.compile(r"\d{2}:\d{2}(:\d{2}(\.\d+)?)?|\b\d{10,}\b")


@dataclass(frozen=True, slots=True)
class Door:
    """A route that takes credentials, and how it looks when it stays shut."""

    way: Way
    shut: Exchange

    @property
    def entry(self) -> Entry:
        return self.way.entry

    def enter(self, visitor: Visitor, account: Account) -> Exchange:
        """Send credentials as a visitor; when they are let in, the visitor is signed in afterwards."""
        return ways.send(visitor, self.way, account)

    def opens(self, visitor: Visitor, answer: Exchange) -> bool:
        """Tell whether an answer let the visitor in; a token that it gave is shown from then on, the way that people show theirs."""
        if not ways.lets_in(answer, self.shut):
            return False
        old = (
            visitor.stage.people[visitor.name].facts.get("token", "")
            if visitor.name in visitor.stage.people
            else ""
        )
        for token in ways.tokens(answer)[:1]:
            shown = visitor.stage.people[visitor.name].headers if visitor.name else {}
            visitor.headers = {
                name: value.replace(old, token) for name, value in shown.items() if old and old in value
            }
        return True


def doors(ground: Ground) -> list[Door]:
    """Return the routes that look like a login."""
    nobody = Account("", "fhnoone", "fhnoone@example.com", "fh-not-it")
    return [
        Door(way, ways.send(Visitor("", ground.stage), way, nobody)) for way in ways.logins(ground.entries)
    ]


def account_of(ground: Ground, person: str) -> Account | None:
    """Return the account of somebody whose password is known."""
    facts = ground.stage.people[person].facts
    if not facts.get("password"):
        return None
    return Account(person, facts.get("user", person), facts.get("email", ""), facts["password"])


def door_of(ground: Ground) -> tuple[Door, Account] | None:
    """Return a login that works, and an account that it works for."""
    for person in ground.people():
        account = account_of(ground, person)
        for door in doors(ground) if account else ():
            visitor = Visitor(person, ground.stage)
            assert account is not None  # noqa: S101 - as looped
            if door.opens(visitor, door.enter(visitor, account)):
                return door, account
    return None


def private_pages(ground: Ground, person: str) -> Iterator[Wanted]:
    """Yield requests that change nothing, that nobody's session is refused and this person's is answered."""
    asked = 0
    for entry in ground.entries:
        if (
            entry.changes_state
            or asked >= _PAGES
            or re.search(r"log-?_?out|sign-?_?out", entry.rule, re.IGNORECASE)
        ):
            continue
        asked += 1
        wanted = ground.known.fill(entry)
        if not is_refusal(ground.send(wanted)):
            continue
        if ground.send(replace(wanted, person=person)).ok:
            yield wanted


def looks(answer: Exchange, *hidden: str) -> tuple[int, str, str]:
    """Return what a visitor can tell two answers apart by: status, where it leads, text. What was sent, times and tokens are left out."""
    body, there = answer.body, answer.header("Location")
    for text in sorted(filter(None, hidden), key=len, reverse=True):
        body, there = body.replace(text, "*"), there.replace(text, "*")
    return answer.status, _TOKENS.sub("", there), _CHANGING.sub("", _TOKENS.sub("", body))
