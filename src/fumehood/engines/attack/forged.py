"""Requests that another site's page would send: with the person's cookies, without a token, from a foreign origin."""

from __future__ import annotations

from collections.abc import Iterator

from fumehood.engines.attack.exchange import Exchange, is_refusal
from fumehood.engines.attack.ground import Ground
from fumehood.engines.attack.stores import rows
from fumehood.engines.attack.surface import Entry, removes

__all__ = ["forged"]

_FOREIGN = {
    "Origin": "https://fumehood-audit.example",
    "Referer": "https://fumehood-audit.example/",
    "Sec-Fetch-Site": "cross-site",
}


def forged(ground: Ground) -> Iterator[tuple[Entry, Exchange]]:
    """Yield the routes that change the database when a form of another site is sent in a signed-in person's browser."""
    cookie_people = [name for name in ground.people() if not ground.stage.people[name].headers]
    for entry in sorted(ground.entries, key=removes):
        if entry.method != "POST" or not cookie_people or entry.reads("json", "body"):
            continue  # a form cannot send JSON, nor other methods
        wanted = ground.known.fill(entry, cookie_people[0])
        if is_refusal(
            ground.send(wanted.having(person=""))
        ):  # who is not signed in is sent away: it acts for a person
            before = rows(ground.scratch)
            form = {name: value for name, value in wanted.form.items() if "csrf" not in name.lower()}
            answer = ground.send(wanted.having(form=form, headers=_FOREIGN))
            if not is_refusal(answer) and 0 < answer.status < 400 and rows(ground.scratch) != before:
                yield entry, answer
