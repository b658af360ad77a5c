"""Requests that name another host, and whether what the application makes of them leads there: mail, redirects, pages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from fumehood.engines.attack.exchange import Exchange, Wanted
from fumehood.engines.attack.ground import Ground
from fumehood.engines.attack.surface import Entry, removes
from fumehood.engines.attack.visitor import Visitor

__all__ = ["ELSEWHERE", "Led", "led_elsewhere"]

ELSEWHERE = "fumehood-audit.example"  # RFC 2606: belongs to nobody


@dataclass(frozen=True, slots=True)
class Led:
    """A link to the host that the request named. ``by`` is "mail", "redirect" or "page"."""

    entry: Entry
    answer: Exchange
    header: str
    by: str
    link: str


def led_elsewhere(ground: Ground) -> Iterator[Led]:
    """Yield where a request's own word for the host becomes part of a link."""
    for entry in sorted(ground.entries, key=removes):
        for header in ("Host", "X-Forwarded-Host"):
            if header != "Host" and _trusts_a_proxy(ground):
                continue
            found = None
            for person in ("", *ground.people()[:1]):
                wanted = ground.known.fill(entry, person)
                wanted = _addressed(ground, wanted)
                found = found or _led(ground, entry, header, ground.stage.people[person].again(), wanted)
            if found:
                yield found
                break


def _addressed(ground: Ground, wanted: Wanted) -> Wanted:
    """Put an account's address in: a link is mailed to nobody else."""
    known = [ground.stage.people[name].facts.get("email", "") for name in ground.people()]
    address = next((email for email in known if "@" in email), "")
    if not address:
        return wanted
    form = {name: address if "mail" in name.lower() else value for name, value in wanted.form.items()}
    document = wanted.document
    if isinstance(document, dict):
        document = {name: address if "mail" in name.lower() else value for name, value in document.items()}
    return wanted.having(form=form, document=document)


def _led(ground: Ground, entry: Entry, header: str, visitor: Visitor, wanted: Wanted) -> Led | None:
    ground.stage.outbox.messages.clear()
    answer = visitor.send(wanted.having(headers={**wanted.headers, header: ELSEWHERE}))
    link = re.compile(rf"https?://{re.escape(ELSEWHERE)}[^\s\"'<>)]*")
    for message in ground.stage.outbox.messages:
        if there := link.search(message):
            return Led(entry, answer, header, "mail", there[0])
    if there := link.match(answer.header("Location")):
        return Led(entry, answer, header, "redirect", there[0])
    if answer.ok and (there := link.search(answer.body)):
        return Led(entry, answer, header, "page", there[0])
    return None


def _trusts_a_proxy(ground: Ground) -> bool:
    """Whether a proxy in front is meant to set the header: what arrives is then its word, not the visitor's."""
    wsgi: Any = ground.stage.app.wsgi_app
    for _ in range(20):
        if type(wsgi).__name__ == "ProxyFix":
            return True
        wsgi = getattr(wsgi, "app", None) or getattr(wsgi, "wsgi_app", None)
    return False
