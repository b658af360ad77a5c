"""What becomes of sessions: whether one that was planted is taken over at login, and whether one outlives what should end it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from fumehood.engines.attack.doors import door_of, private_pages
from fumehood.engines.attack.exchange import Exchange, Wanted, is_refusal
from fumehood.engines.attack.ground import Ground
from fumehood.engines.attack.surface import Entry
from fumehood.engines.attack.visitor import Visitor

__all__ = ["Survivor", "changes_password", "planted", "survivors"]

_NEW = "An0ther-passphrase!"


def changes_password(entry: Entry) -> bool:
    """Tell whether a route takes a new password of who is signed in."""
    where = f"{entry.rule} {entry.endpoint}"
    named = re.search(r"pass|pwd", where, re.IGNORECASE) and not re.search(
        r"forgot|reset|recover|lost", where, re.IGNORECASE
    )
    asked = [item.name.lower() for item in entry.reads("form", "json")]
    return bool(named or any("new" in name and "pass" in name for name in asked)) and entry.changes_state


@dataclass(frozen=True, slots=True)
class Survivor:
    """A session that still opened a page when it should not have."""

    entry: Entry  # what should have ended it, or the login that took it over
    answer: Exchange  # the page that it opened
    kept_by_client: bool  # the session is a signed cookie, which no server can end by itself
    token: bool  # it is a bearer token


def planted(ground: Ground) -> Iterator[Survivor]:
    """Yield a login that signs in whoever holds the cookies that the visitor had before."""
    found = door_of(ground)
    if found is None:
        return
    door, account = found
    page = next(private_pages(ground, account.name), None)
    if page is None:
        return
    victim = Visitor("", ground.stage)
    for entry in ground.entries[:60]:
        if not entry.changes_state and "<" not in entry.rule:
            victim.send(ground.known.fill(entry))  # whatever gives a cookie to visitors gives one now
    attacker = victim.again()
    if not is_refusal(attacker.again().send(page)):
        return
    answer = door.enter(victim, account)
    if not door.opens(victim, answer) or victim.headers or is_refusal(victim.again().send(page)):
        return
    seen = attacker.again().send(page)
    if seen.ok:
        yield Survivor(door.entry, seen, kept_by_client=False, token=False)


def survivors(
    ground: Ground, ends: Callable[[Entry], bool], *, new_password: bool = False
) -> Iterator[Survivor]:
    """Yield each route that should have ended sessions and did not: a copy that was made before still opens a page.

    Parameters:
        ground: the application.
        ends: tells whether a route should end sessions.
        new_password: the route changes the password: the copy is of another session, and the route must have worked.
    """
    found = door_of(ground)
    if found is None:
        return
    door, account = found
    page = next(private_pages(ground, account.name), None)
    if page is None:
        return
    for entry in ground.entries:
        if not ends(entry):
            continue
        visitor = Visitor(account.name, ground.stage)
        if not door.opens(visitor, door.enter(visitor, account)):
            return
        copy = visitor.again()
        if copy.again().send(page).ok is False:
            continue
        answer = visitor.send(
            _filled(ground, entry, account.password) if new_password else ground.known.fill(entry)
        )
        if not 0 < answer.status < 400 or (is_refusal(answer) and new_password):
            continue
        if new_password:
            fresh = Visitor(account.name, ground.stage)
            if not door.opens(fresh, door.enter(fresh, replace(account, password=_NEW))):
                continue  # the password is not another: nothing had to end
            account = replace(account, password=_NEW)
        seen = copy.again().send(page)
        if seen.ok:
            yield Survivor(entry, seen, _by_client(ground), bool(copy.headers))


def _filled(ground: Ground, entry: Entry, password: str) -> Wanted:
    """Return a change of the password: fields that name the old one get that, the others the new one."""
    wanted = ground.known.fill(entry)

    def value(name: str, given: object) -> object:
        lowered = name.lower()
        if "pass" not in lowered and "pwd" not in lowered:
            return given
        return (
            password
            if any(word in lowered for word in ("old", "current", "existing"))
            or (lowered == "password" and _several(entry))
            else _NEW
        )

    form = {name: str(value(name, given)) for name, given in wanted.form.items()}
    document = wanted.document
    if isinstance(document, dict):
        document = {name: value(name, given) for name, given in document.items()}
    return wanted.having(form=form, document=document)


def _several(entry: Entry) -> bool:
    named = [item.name.lower() for item in entry.parameters if "pass" in item.name.lower()]
    return any(word in name for name in named for word in ("new", "confirm")) and not any(
        "old" in name or "current" in name for name in named
    )


def _by_client(ground: Ground) -> bool:
    from flask.sessions import SecureCookieSessionInterface

    return type(ground.stage.app.session_interface).open_session is SecureCookieSessionInterface.open_session
