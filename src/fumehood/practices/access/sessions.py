"""Sessions on the server's side: a cookie is worth something only while its session is known here (CWE-613, OWASP ASVS 7.2, 7.3, 7.4).

Each sign-in begins a session with an id of its own (CWE-384); signing out, changing the password or an administrator ends it.
It is looked up when somebody asks who is signed in, not before.
"""

from __future__ import annotations

import hashlib
import secrets
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from flask import request, session

from fumehood.practices.interface import installed

if TYPE_CHECKING:
    from sqlalchemy import Engine, Table

__all__ = ["Session", "begin", "end", "end_all", "end_session", "is_known", "sessions_of"]

KEY = "_fumehood"


@dataclass(frozen=True, slots=True)
class Session:
    """A session of a person, to show and to end.

    Parameters:
        id: names it here; it is not what the cookie holds.
        began: when they signed in, in seconds since 1970.
        seen: when it was last used, to within a few minutes.
        address: of the client that signed in.
        agent: its User-Agent.
        current: whether it is the session of this request.
    """

    id: str
    began: float
    seen: float
    address: str
    agent: str
    current: bool


def begin(account: Any) -> None:
    """Begin a session for an account in this request's cookie; the one it held, if any, ends."""
    from sqlalchemy import insert

    from fumehood.practices.sql.tables import writing

    end()
    engine, table = _table()
    secret = secrets.token_urlsafe(32)
    now = time.time()
    with writing(engine) as connection:
        connection.execute(
            insert(table).values(
                id=_digest(secret),
                account=str(account),
                began=now,
                seen=now,
                address=(request.remote_addr or "")[:64],
                agent=(request.headers.get("User-Agent") or "")[:200],
            )
        )
    session[KEY] = secret
    if secrets.randbelow(100) == 0:
        sweep()


def is_known(account: Any) -> bool:
    """Tell whether this request's session is one of the account's and has not ended; notes every now and then that it is used."""
    from fumehood.practices.access.tables import session_by_id
    from fumehood.practices.sql.tables import reading

    secret = session.get(KEY)
    if not isinstance(secret, str):
        return False
    engine, _ = _table()
    settings = installed().settings
    with reading(engine) as connection:
        row = connection.execute(session_by_id, {"id": _digest(secret)}).first()
    now = time.time()
    if row is None or row.account != str(account):
        return False
    if now - row.began > settings.session_seconds or now - row.seen > settings.session_idle_seconds:
        end()
        return False
    if now - row.seen > settings.session_idle_seconds / 20:
        _note_use(secret, now)
    return True


def _note_use(secret: str, now: float) -> None:
    from sqlalchemy import update

    from fumehood.practices.sql.tables import writing

    engine, table = _table()
    with writing(engine) as connection:
        connection.execute(update(table).where(table.c.id == _digest(secret)).values(seen=now))


def end(session_id: str = "") -> None:
    """End a session by its id, this request's by default."""
    from sqlalchemy import delete

    from fumehood.practices.sql.tables import writing

    if not session_id:
        secret = session.pop(KEY, None)
        if not isinstance(secret, str):
            return
        session_id = _digest(secret)
    engine, table = _table()
    with writing(engine) as connection:
        connection.execute(delete(table).where(table.c.id == session_id))


def end_session(session_id: str, *, account: Any) -> bool:
    """End one session of a person, for a page that lists them; return whether there was one.

    Parameters:
        session_id: as :func:`sessions_of` names it.
        account: the id of the person; a session of somebody else is left alone.
    """
    from sqlalchemy import delete

    from fumehood.practices.sql.tables import writing

    engine, table = _table()
    with writing(engine) as connection:
        ended = connection.execute(
            delete(table).where(table.c.id == session_id, table.c.account == str(account))
        )
    return ended.rowcount > 0


def end_all(account: Any, *, but_current: bool = False) -> int:
    """End all sessions of an account, or all but this request's; return how many ended."""
    from sqlalchemy import delete

    from fumehood.practices.sql.tables import writing

    engine, table = _table()
    statement = delete(table).where(table.c.account == str(account))
    if but_current and (current := _current()):
        statement = statement.where(table.c.id != current)
    with writing(engine) as connection:
        return connection.execute(statement).rowcount


def sessions_of(account: Any) -> list[Session]:
    """Return the sessions of an account, the last used first."""
    from sqlalchemy import select

    from fumehood.practices.sql.tables import reading

    engine, table = _table()
    settings = installed().settings
    now = time.time()
    current = _current()
    with reading(engine) as connection:
        rows = connection.execute(
            select(table)
            .where(
                table.c.account == str(account),
                table.c.began > now - settings.session_seconds,
                table.c.seen > now - settings.session_idle_seconds,
            )
            .order_by(table.c.seen.desc())
        ).all()
    return [Session(row.id, row.began, row.seen, row.address, row.agent, row.id == current) for row in rows]


def sweep() -> int:
    """Forget sessions that have ended by themselves; return how many."""
    from sqlalchemy import delete, or_

    from fumehood.practices.sql.tables import writing

    engine, table = _table()
    settings = installed().settings
    now = time.time()
    ended = or_(
        table.c.began < now - settings.session_seconds, table.c.seen < now - settings.session_idle_seconds
    )
    with writing(engine) as connection:
        return connection.execute(delete(table).where(ended)).rowcount


def _current() -> str:
    from flask import has_request_context

    secret = session.get(KEY) if has_request_context() else None
    return _digest(secret) if isinstance(secret, str) else ""


def _digest(secret: str) -> str:
    # A plain SHA-256 is enough for 256 random bits.
    return hashlib.sha256(secret.encode()).hexdigest()


def _table() -> tuple[Engine, Table]:
    from fumehood.practices.access.tables import sessions
    from fumehood.practices.sql.tables import create

    engine = installed().engine
    create(engine, sessions)
    return engine, sessions
