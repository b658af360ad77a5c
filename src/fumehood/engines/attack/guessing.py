"""Tries of who does not know: many wrong passwords, names that exist and names that do not, by answer and by time."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from fumehood.engines.attack.doors import account_of, door_of, looks
from fumehood.engines.attack.exchange import Exchange, Wanted
from fumehood.engines.attack.ground import Ground
from fumehood.engines.attack.hashes import anew
from fumehood.engines.attack.surface import Entry
from fumehood.engines.attack.visitor import Visitor
from fumehood.engines.attack.ways import Account

__all__ = ["Told", "told_by_answer", "told_by_time", "unthrottled"]

_WRONG = "fumehood-wr0ng-Guess!"
_UNKNOWN = ("fhnobody7", "fhnobody8")
_PAIRS = 5  # of measurements of time
_LEAST = 0.005  # seconds of the processor's that make a difference
_RATIO = 4.0


@dataclass(frozen=True, slots=True)
class Told:
    """A route that tells names that exist from names that do not."""

    entry: Entry
    answer: Exchange
    shown: str


def unthrottled(ground: Ground, tries: int = 25) -> tuple[Entry, Exchange] | None:
    """Return a login that takes a right password after many wrong ones, all answered alike."""
    found = door_of(ground)
    if found is None:
        return None
    door, account = found
    wrong = [
        looks(
            door.enter(Visitor("", ground.stage), replace(account, password=f"{_WRONG}{number}")),
            account.user,
            account.email,
        )
        for number in range(tries)
    ]
    if len({(status, there) for status, there, _ in wrong}) > 1 or wrong[0][0] in {0, 429}:
        return None
    visitor = Visitor(account.name, ground.stage)
    answer = door.enter(visitor, account)
    return (door.entry, answer) if door.opens(visitor, answer) else None


def told_by_answer(ground: Ground, asks: Callable[[Entry], bool]) -> Iterator[Told]:
    """Yield routes whose answer for a name that exists is another than for one that does not.

    Parameters:
        ground: the application.
        asks: tells routes, other than logins, that take a name or an address and should not tell.
    """
    for entry, send, account in _askers(ground, asks):
        known = [looks(send(account), account.user, account.email) for _ in range(2)]
        unknown = [looks(send(_nobody(account, name)), name, f"{name}@example.com") for name in _UNKNOWN]
        # Twice the same for each: what differs by itself tells nothing.
        if known[0] != known[1] or unknown[0] != unknown[1] or known[0] == unknown[0]:
            continue
        answer = send(account)
        if known[0][0] in {0, 429} or unknown[0][0] in {0, 429}:
            continue
        yield Told(entry, answer, _difference(known[0], unknown[0]))


def told_by_time(ground: Ground) -> Iterator[Told]:
    """Yield logins that work longer for names that exist.

    What is measured is the processor's time of this thread, which other programs do not add to, and of each kind the least of several: a
    password hash takes its time every time, a disturbance does not.
    """
    for entry, send, account in _askers(ground, lambda _: False):
        known = unknown = float("inf")
        answer = None
        with anew():
            for number in range(_PAIRS):
                started = time.thread_time()
                answer = send(account)
                known = min(known, time.thread_time() - started)
                started = time.thread_time()
                send(_nobody(account, f"fhnobody{number}"))
                unknown = min(unknown, time.thread_time() - started)
        if answer is not None and known > unknown * _RATIO and known - unknown > _LEAST:
            yield Told(
                entry,
                answer,
                "a name that exists takes the time of a password hash, one that does not takes none of it",
            )


Send = Callable[[Account], Exchange]


def _askers(ground: Ground, asks: Callable[[Entry], bool]) -> Iterator[tuple[Entry, Send, Account]]:
    found = door_of(ground)
    if found is not None:
        door, account = found
        yield (
            door.entry,
            lambda who: door.enter(Visitor("", ground.stage), replace(who, password=_WRONG)),
            account,
        )
    person = next((name for name in ground.people() if account_of(ground, name)), "")
    account_known = account_of(ground, person) if person else None
    if account_known is None:
        return
    for entry in ground.entries:
        if entry.method == "POST" and "<" not in entry.rule and asks(entry):
            yield entry, _naming(ground, entry), account_known


def _naming(ground: Ground, entry: Entry) -> Send:
    def send(who: Account) -> Exchange:
        wanted = ground.known.fill(entry)
        return Visitor("", ground.stage).send(_named(wanted, who))

    return send


def _named(wanted: Wanted, who: Account) -> Wanted:
    def value(name: str, given: object) -> object:
        if "mail" in name.lower():
            return who.email
        return who.user if re.search(r"user|login|name|identity", name.lower()) else given

    document = wanted.document
    if isinstance(document, dict):
        document = {name: value(name, given) for name, given in document.items()}
    return wanted.having(
        form={name: str(value(name, given)) for name, given in wanted.form.items()}, document=document
    )


def _nobody(account: Account, name: str) -> Account:
    return replace(account, name=name, user=name, email=f"{name}@example.com")


def _difference(known: tuple[int, str, str], unknown: tuple[int, str, str]) -> str:
    if known[0] != unknown[0]:
        return f"a name that exists is answered with {known[0]}, one that does not with {unknown[0]}"
    if known[1] != unknown[1]:
        return f"a name that exists leads to {known[1]!r}, one that does not to {unknown[1]!r}"
    at = next(
        (index for index, (one, other) in enumerate(zip(known[2], unknown[2], strict=False)) if one != other),
        0,
    )
    begin = max(0, at - 10)
    return f"a name that exists is told {known[2][begin : at + 40]!r}, one that does not {unknown[2][begin : at + 40]!r}"
