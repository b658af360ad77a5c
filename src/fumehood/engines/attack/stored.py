"""What is sent once and shown later: values with marks, and the pages where they come up as markup."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from fumehood.engines.attack.exchange import Exchange
from fumehood.engines.attack.ground import Ground
from fumehood.engines.attack.known import Known
from fumehood.engines.attack.pages import read
from fumehood.engines.attack.surface import Entry

__all__ = ["Kept", "kept_markup"]

_LEFT_ALONE = ("pass", "pwd", "csrf", "token")


@dataclass(frozen=True, slots=True)
class Kept:
    """A value that came back as markup of another answer."""

    entry: Entry
    parameter: str
    answer: Exchange
    page: str
    why: str
    shown: Exchange | None = None  # the page
    marker: str = ""


def kept_markup(ground: Ground) -> Iterator[Kept]:
    """Yield each parameter whose value was kept and became markup of some page, with the request that sent it."""
    sent: dict[str, tuple[Entry, str, Exchange]] = {}
    for number, entry in enumerate(ground.entries):
        if not entry.changes_state or entry.method == "DELETE":
            continue
        person = ground.visitor_for(entry)
        for place, parameter in enumerate(entry.reads("form", "json")):
            if any(part in parameter.name.lower() for part in _LEFT_ALONE):
                continue
            wanted = ground.known.fill(entry, person)
            marker = f"fhs{number}x{place}z"
            value = f"fh'\"><{marker}>"
            if parameter.source == "form":
                wanted = wanted.having(form={**wanted.form, parameter.name: value})
            else:
                wanted = wanted.having(document={**(wanted.document or {}), parameter.name: value})
            sent[marker] = (entry, parameter.name, ground.send(wanted))
    yield from _shown(ground, sent)


def _shown(ground: Ground, sent: dict[str, tuple[Entry, str, Exchange]]) -> Iterator[Kept]:
    known = Known.read(ground.scratch)
    for entry in ground.entries:
        for person in ("", *ground.people()) if not entry.changes_state else ():
            page = ground.send(known.fill(entry, person))
            if not page.is_html or "fhs" not in page.body:
                continue
            parsed = read(page.body)
            for marker in [marker for marker in sent if marker in page.body]:
                if why := parsed.injected(marker):
                    sender, name, answer = sent.pop(marker)
                    yield Kept(sender, name, answer, page.wanted.target, why, page, marker)
