"""The security journal: what happened, in the database, so that removal or change shows."""

from __future__ import annotations

import json
import logging
import re
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from blinker import signal
from flask import Flask, g, has_app_context, has_request_context, request

from fumehood.practices.audits.flood import Flood
from fumehood.practices.audits.redaction import clean, path_of_request, redacted, secrets_of_request
from fumehood.practices.interface import installed

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

    from fumehood.practices.audits.chain import Chain, Problem
    from fumehood.practices.interface import Installation

__all__ = ["Entry", "Journal", "Verification", "event_recorded", "record"]

# Sent with the Flask application as sender and the entry as ``entry=`` (a dict) for each entry, written or not.
event_recorded = signal("fumehood-event-recorded")

_log = logging.getLogger("fumehood.journal")

LONGEST_DETAILS = 4000
REST_AFTER_FAILURE = 5.0
_PURPOSE = "fumehood journal seal v1"
_FORGEABLE = re.compile(r"[^\w.:-]")
_WARNS = (".refused", ".failed", ".unhandled", "journal.")


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry as read back."""

    number: int
    at: str  # ISO 8601, UTC
    event: str
    actor: str | None
    subject: str | None
    address: str | None
    details: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Verification:
    """What :meth:`Journal.verify` found. ``head`` (number:mac) can be kept elsewhere and asked for later."""

    entries: int
    problems: tuple[Problem, ...]
    head: str

    @property
    def holds(self) -> bool:
        return not self.problems


class Journal:
    """The journal of one application.

    Recording never raises and never changes the request: when the database does not answer, the entry goes to the logger
    ``fumehood.journal``, is counted in :attr:`failures`, and the gap is recorded once the database is back.

    Parameters:
        app: the application.
        installation: its hood.
        window: seconds in which repeated refusals of one network are counted instead of written.
        most: different refusals written in a window by one worker.
    """

    def __init__(
        self, app: Flask, installation: Installation, *, window: float = 60.0, most: int = 30
    ) -> None:
        self._app = app
        self._installation = installation
        self._lock = threading.Lock()
        self._chain: Chain | None = None
        self._sealed_for = 0  # the keyring's generation that the journal key is sealed for
        self._rests_until = 0.0
        self._gap = 0
        self._flood = Flood(window, most, self._repeated)
        self.failures = 0
        self.last_failure = ""

    def record(
        self, event: str, *, actor: str | None = None, subject: str | None = None, **details: Any
    ) -> None:
        """Write an event.

        Parameters:
            event: its dotted name, as in ``login.failed``.
            actor: who did it; the id of the person signed in, when that is known already, by default.
            subject: what or whom it was done to.
            details: more, as JSON; secrets are taken out, long values are cut.
        """
        try:
            entry, reason = self._entry(event, actor, subject, details)
            if self._flood.lets_through(entry, reason):
                self._write(entry)
        except Exception as error:  # noqa: BLE001 -- a journal that breaks requests would be switched off
            self._failed(error, {"event": clean(str(event))})

    def flush(self) -> None:
        """Write the counts of repeated events that wait for the end of their window."""
        self._flood.flush()

    def verify(self, head: str = "") -> Verification:
        """Check every entry and the end of the journal.

        Parameters:
            head: ``number:mac`` of an earlier verification; the journal must still contain that entry.

        Raises:
            ConfigurationError: if the database cannot be used.
        """
        from sqlalchemy import select

        from fumehood.practices.audits.chain import ENTRIES, SEALS, Problem, check, open_seal
        from fumehood.practices.sql.tables import reading

        self.flush()
        engine = self._ready()
        keys = self._installation.keyring.derive_newest_first(_PURPOSE)
        problems: list[Problem] = []
        entries = 0
        with reading(engine) as connection:
            chains: dict[int, Chain | None] = {}
            for row in connection.execute(select(SEALS)):
                opened = open_seal(row.chain, row.sealed, keys)
                chains[row.chain] = opened[0] if opened else None
            for found in check(connection, chains):
                if isinstance(found, int):
                    entries += 1
                else:
                    problems.append(found)
            last = connection.execute(
                select(ENTRIES.c.number, ENTRIES.c.mac).order_by(ENTRIES.c.number.desc())
            ).first()
            if head:
                number, _, mac = head.partition(":")
                wanted = select(ENTRIES.c.mac).where(
                    ENTRIES.c.number == int(number if number.isdecimal() else -1)
                )
                if connection.execute(wanted).scalar() != mac:
                    problems.append(Problem(0, f"the entry {clean(head)} seen before is not in the journal"))
        return Verification(entries, tuple(problems), f"{last.number}:{last.mac}" if last else "")

    def latest(self, count: int = 50, *, before: int | None = None, event: str = "") -> list[Entry]:
        """Return entries from the newest to the oldest.

        Parameters:
            count: how many at most.
            before: only entries with a smaller number; for pages.
            event: only events of this name, or that start with it when it ends with a full stop.

        Raises:
            ConfigurationError: if the database cannot be used.
        """
        from sqlalchemy import select

        from fumehood.practices.audits.chain import ENTRIES
        from fumehood.practices.sql.tables import reading

        wanted = select(ENTRIES).order_by(ENTRIES.c.number.desc()).limit(count)
        if before is not None:
            wanted = wanted.where(ENTRIES.c.number < before)
        if event.endswith("."):
            wanted = wanted.where(ENTRIES.c.event.startswith(event, autoescape=True))
        elif event:
            wanted = wanted.where(ENTRIES.c.event == event)
        with reading(self._ready()) as connection:
            rows = connection.execute(wanted).all()
        return [
            Entry(row.number, row.at, row.event, row.actor, row.subject, row.address, _loaded(row.details))
            for row in rows
        ]

    def seal_again(self) -> None:
        """Seal the journal key under the key that signs now. Done by itself at the next entry after a rotation.

        Raises:
            ConfigurationError: if the database cannot be used.
        """
        from fumehood.practices.sql.tables import writing

        with writing(self._ready(), alone_for="journal") as connection:
            self._sealed_for = 0
            self._unlocked(connection)

    # -- writing ------------------------------------------------------------------------------------------------------

    def _entry(
        self, event: str, actor: str | None, subject: str | None, details: dict[str, Any]
    ) -> tuple[dict[str, Any], str]:
        secrets = secrets_of_request()
        extra: dict[str, Any] = {}
        address = None
        if has_request_context():
            address = request.remote_addr
            extra = {
                "method": request.method,
                "path": path_of_request(),
                "endpoint": request.endpoint,
            }
            if actor is None and has_app_context() and (person := g.get("_login_user")) is not None:
                # Only a person who has been loaded already; the journal loads nobody.
                known = getattr(person, "id", None)
                actor = str(known) if known is not None else None
        kept = {key: redacted(value, key, secrets) for key, value in details.items() if value is not None}
        # Who, where and by which guard is what we know ourselves: no value of the request can blot it out as if it were a secret.
        ours = {**extra, "practice": details.get("practice")}
        kept |= {
            key: clean(str(value))
            for key, value in ours.items()
            if value is not None and (key == "practice" or key not in kept)
        }
        written = json.dumps(kept, sort_keys=True, separators=(",", ":"))
        if len(written) > LONGEST_DETAILS:
            short = {
                key: value
                for key, value in kept.items()
                if isinstance(value, str | int) and len(str(value)) <= 200
            }
            written = json.dumps(short | {"cut": True}, sort_keys=True, separators=(",", ":"))[
                : LONGEST_DETAILS * 2
            ]
        entry = {
            "at": datetime.now(UTC).isoformat(timespec="microseconds"),
            "event": _FORGEABLE.sub("_", str(event))[:64],
            "actor": clean(str(actor), longest=200) if actor is not None else None,
            "subject": clean(str(subject), secrets, 200) if subject is not None else None,
            "address": clean(address, frozenset(), 45) if address else None,
            "details": written,
        }
        return entry, f"{kept.get('practice', '')} {kept.get('reason', '')}"

    def _repeated(self, first: dict[str, Any], count: int) -> None:
        details = _loaded(first.get("details", "{}"))
        details = {key: details[key] for key in ("practice", "reason", "status") if key in details}
        entry = {"actor": None, "subject": None, "address": None} | first
        entry["details"] = json.dumps(details | {"repeated": count}, sort_keys=True, separators=(",", ":"))
        entry["at"] = datetime.now(UTC).isoformat(timespec="microseconds")
        self._write(entry)

    def _write(self, entry: dict[str, Any]) -> None:
        shown = entry | {"details": _loaded(entry["details"])}
        if time.monotonic() < self._rests_until:
            self._gap += 1
            self.failures += 1
        else:
            try:
                shown |= self._stored_at_last(entry)
            except Exception as error:  # noqa: BLE001 -- see record()
                self._gap += 1
                self._failed(error, shown)
        level = logging.WARNING if entry["event"].endswith(_WARNS[:3]) else logging.INFO
        # ASCII JSON: no line break, no terminal sequence survives it.
        _log.log(level, "%s", json.dumps(shown, ensure_ascii=True, sort_keys=True))
        try:
            event_recorded.send(self._app, entry=shown)
        except Exception:  # noqa: BLE001 -- see record()
            _log.exception("a receiver of the signal %s failed", event_recorded.name)

    def _stored_at_last(self, entry: dict[str, Any]) -> dict[str, Any]:
        began = time.monotonic()
        try:
            return self._stored(entry)
        except Exception:
            # A connection that broke is replaced at once; a database that lets wait is not waited for twice.
            if time.monotonic() - began > 1.0:
                raise
            return self._stored(entry)

    def _stored(self, entry: dict[str, Any]) -> dict[str, Any]:
        from fumehood.practices.audits.chain import append
        from fumehood.practices.sql.tables import writing

        with writing(self._ready(), alone_for="journal") as connection:
            chain = self._unlocked(connection)
            if gap := self._gap:
                lost = json.dumps({"entries": gap, "why": self.last_failure}, sort_keys=True)
                append(connection, chain, {"at": entry["at"], "event": "journal.gap", "details": lost})
            number, mac = append(connection, chain, entry)
        self._gap -= gap
        return {"number": number, "mac": mac}

    def _failed(self, error: Exception, entry: dict[str, Any]) -> None:
        self.failures += 1
        self._rests_until = time.monotonic() + REST_AFTER_FAILURE
        self.last_failure = clean(str(error).partition("\n")[0], longest=200)
        _log.error(
            "an entry of the journal could not be stored: %s; %s",
            self.last_failure,
            json.dumps(entry, default=str),
        )

    # -- the key of the chain -----------------------------------------------------------------------------------------

    def _unlocked(self, connection: Connection) -> Chain:
        """Return the journal key; make it, or seal it again after a rotation, where necessary."""
        keyring = self._installation.keyring
        generation = keyring.generation
        if self._chain is not None and self._sealed_for == generation:
            return self._chain
        from secrets import token_bytes

        from sqlalchemy import insert, select, update

        from fumehood.practices.audits.chain import SEALS, Chain, append, open_seal, seal

        keys = keyring.derive_newest_first(_PURPOSE)
        row = connection.execute(select(SEALS).order_by(SEALS.c.chain.desc())).first()
        opened = open_seal(row.chain, row.sealed, keys) if row else None
        if row and opened is None and keyring.refresh():
            # Another worker has sealed it with a key that this one did not know yet.
            keys, generation = keyring.derive_newest_first(_PURPOSE), keyring.generation
            opened = open_seal(row.chain, row.sealed, keys)
        if row and opened is None and self._chain is not None and self._chain.number == row.chain:
            opened = self._chain, False
        if opened is not None:
            chain, newest = opened
            if not newest:
                connection.execute(
                    update(SEALS).where(SEALS.c.chain == chain.number).values(sealed=seal(chain, keys[0]))
                )
        else:
            chain = Chain(row.chain + 1 if row else 1, token_bytes(32))
            connection.execute(insert(SEALS).values(chain=chain.number, sealed=seal(chain, keys[0])))
            if row:
                at = datetime.now(UTC).isoformat(timespec="microseconds")
                why = json.dumps(
                    {
                        "why": f"the key of chain {row.chain} cannot be opened with the keys of this application"
                    }
                )
                append(connection, chain, {"at": at, "event": "journal.rekeyed", "details": why})
        # Remembered after the caller's transaction at the earliest: a rolled back one must not leave a key that nobody stored.
        if opened is not None and opened[1]:
            self._chain, self._sealed_for = chain, generation
        return chain

    def _ready(self) -> Engine:
        from fumehood.practices.audits.chain import ENTRIES, HEADS, SEALS
        from fumehood.practices.sql.tables import create

        engine = self._installation.engine
        create(engine, ENTRIES, HEADS, SEALS)
        return engine


def record(event: str, *, actor: str | None = None, subject: str | None = None, **details: Any) -> None:
    """Write an event to the security journal of the current application. Never raises because of the journal.

    Parameters:
        event: its dotted name, as in ``note.shared``.
        actor: who did it; by default the person signed in, when that is known already.
        subject: what or whom it was done to.
        details: more, as JSON; secrets are taken out, long values are cut.

    Raises:
        RuntimeError: outside of an application, or when it has no hood.
    """
    installed().record(event, actor=actor, subject=subject, **details)


def _loaded(details: str) -> dict[str, Any]:
    try:
        loaded = json.loads(details)
    except ValueError:
        return {"unreadable": True}
    return loaded if isinstance(loaded, dict) else {"unreadable": True}


def rows(entries: list[Entry]) -> Iterator[str]:
    """Yield entries as lines of text for a terminal."""
    for entry in entries:
        who = " ".join(
            filter(
                None,
                (
                    entry.actor and f"by {entry.actor}",
                    entry.subject and f"on {entry.subject}",
                    entry.address and f"from {entry.address}",
                ),
            )
        )
        yield f"{entry.number:>6}  {entry.at[:19]}Z  {entry.event:<20} {who}  {json.dumps(entry.details, sort_keys=True)}"
