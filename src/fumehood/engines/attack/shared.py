"""Pages that are one person's and come to another: kept by the application itself, or by caches on the way."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from fumehood.engines.attack.exchange import Exchange, is_refusal
from fumehood.engines.attack.ground import Ground
from fumehood.engines.attack.surface import Entry

__all__ = ["Shared", "shared_pages"]


@dataclass(frozen=True, slots=True)
class Shared:
    """A page of a person that others got, or may get."""

    entry: Entry
    answer: Exchange
    shown: str
    proved: bool  # it was given to somebody else, not only allowed to be kept


def shared_pages(ground: Ground) -> Iterator[Shared]:
    """Yield pages that nobody is refused at first and given after their owner has asked, and pages that any cache may keep."""
    owners = ground.people()[:2]
    if not owners:
        return
    yield from _given_now(ground, owners[0])
    for entry in ground.entries:
        if entry.changes_state or re.search(r"log-?_?out|sign-?_?out", entry.rule, re.IGNORECASE):
            continue
        wanted = ground.known.fill(entry)
        # In another order than any other phase asks: whoever comes second may get what the first was given.
        first = ground.send(wanted)
        own = ground.send(wanted.having(person=owners[0]))
        if not own.ok or not own.body:
            continue
        again = ground.send(wanted)
        if (is_refusal(first) or first.status >= 400) and again.ok and again.body == own.body:
            yield Shared(
                entry,
                again,
                f"nobody is refused at first, and given {owners[0]}'s page after {owners[0]} has asked for it",
                True,
            )
        elif len(owners) > 1 and (name := _mark(ground, owners[0])) and name in own.body:
            other = ground.send(wanted.having(person=owners[1]))
            if (
                other.ok
                and other.body == own.body
                and name not in first.body
                and _mark(ground, owners[1]) not in other.body
            ):
                yield Shared(
                    entry, other, f"{owners[1]} is given {owners[0]}'s page, with {name!r} in it", True
                )
                continue
        if is_refusal(first) and _may_be_kept(own):
            yield Shared(
                entry,
                own,
                f"it is {owners[0]}'s alone, and says Cache-Control: {own.header('Cache-Control')}",
                False,
            )


def _given_now(ground: Ground, owner: str) -> Iterator[Shared]:
    """What was refused to nobody before somebody had signed in, and is given to nobody now."""
    page = ground.stage.people[owner].life
    if page is None:
        return
    entry = next((item for item in ground.entries if not item.changes_state and item.rule == page.path), None)
    now, own = ground.send(page.having(person="")), ground.send(page.having(person=owner))
    if entry is not None and now.ok and now.body and now.body == own.body:
        shown = f"nobody was refused at first, and is given {owner}'s page after {owner} has asked for it"
        yield Shared(entry, now, shown, proved=True)


def _mark(ground: Ground, person: str) -> str:
    facts = ground.stage.people[person].facts
    return next((facts[key] for key in ("email", "user") if len(facts.get(key, "")) > 4), "")


def _may_be_kept(answer: Exchange) -> bool:
    """Whether a shared cache may keep an answer to a request with a cookie: only when it is told so (RFC 9111, section 3)."""
    said = answer.header("Cache-Control").lower()
    if re.search(r"no-store|private|no-cache", said):
        return False
    kept = re.search(r"s-maxage=[1-9]|public", said) is not None
    return kept and not re.search(r"cookie|authorization|\*", answer.header("Vary").lower())
