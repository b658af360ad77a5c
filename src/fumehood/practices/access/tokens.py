"""Tokens for programs: ``Authorization: Bearer fh_...`` (RFC 6750). Shown once, kept hashed, limited to scopes, ended by time or by hand."""

from __future__ import annotations

import hashlib
import re
import secrets
import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from flask import request

from fumehood.practices.interface import installed

if TYPE_CHECKING:
    from sqlalchemy import Engine, Table

__all__ = [
    "EVERYTHING",
    "Token",
    "bearer",
    "create_token",
    "revoke_all_tokens",
    "revoke_token",
    "token_of_request",
    "tokens_of",
]

EVERYTHING = "*"
PREFIX = "fh_"  # so that secret scanners can tell what they have found
_SHAPE = re.compile(r"fh_[A-Za-z0-9_-]{43}")
_SCOPE = re.compile(r"[A-Za-z0-9_.:/*-]{1,100}")


@dataclass(frozen=True, slots=True)
class Token:
    """What is known of a token; the token itself is not.

    Parameters:
        id: its public name.
        account: the id of whose it is, as a string.
        name: what its owner calls it.
        scopes: the permissions it carries, or ``*`` for all of its owner's.
        made, ends, used: seconds since 1970; ``used`` is 0 for never, and true to within an hour.
    """

    id: str
    account: str
    name: str
    scopes: frozenset[str]
    made: float
    ends: float
    used: float


def create_token(
    account: Any, name: str, scopes: Iterable[str], *, days: int | None = None
) -> tuple[str, Token]:
    """Make a token and return it with what is known of it. It cannot be shown again.

    Parameters:
        account: the id of the person it acts for.
        name: what to call it.
        scopes: permissions such as ``"notes:read"``, of which the token has those that its owner has at the time of use; ``"*"`` for all.
        days: how long it lasts; ``FUMEHOOD_TOKEN_DAYS`` by default.

    Raises:
        ValueError: without a name or scopes, or for a lifetime under a day or over ten years.
    """
    from sqlalchemy import insert

    from fumehood.practices.sql.tables import writing

    installation = installed()
    wanted = sorted(set(scopes))
    days = installation.settings.token_days if days is None else days
    if not name.strip() or len(name) > 100:
        raise ValueError("a token needs a name of at most 100 characters")
    if not wanted or not all(_SCOPE.fullmatch(scope) for scope in wanted) or len(" ".join(wanted)) > 2000:
        raise ValueError('a token needs scopes such as "notes:read", or "*"')
    if not 1 <= days <= 3650:
        raise ValueError("a token lasts from one day to ten years")
    secret = PREFIX + secrets.token_urlsafe(32)
    now = time.time()
    made = Token(
        secrets.token_hex(8), str(account), name.strip(), frozenset(wanted), now, now + days * 86400.0, 0.0
    )
    engine, table = _table()
    with writing(engine) as connection:
        connection.execute(
            insert(table).values(
                id=made.id,
                digest=_digest(secret),
                account=made.account,
                name=made.name,
                scopes=" ".join(wanted),
                made=made.made,
                ends=made.ends,
                used=0.0,
            )
        )
    installation.record("token.created", actor=str(account), token=made.id, scopes=wanted)
    return secret, made


def revoke_token(token_id: str, *, account: Any = None) -> bool:
    """End a token; return whether there was one.

    Parameters:
        token_id: its public id.
        account: when given, only a token of this person is ended. Give it in a view that people use for their own tokens.
    """
    from sqlalchemy import delete

    from fumehood.practices.sql.tables import writing

    engine, table = _table()
    statement = delete(table).where(table.c.id == token_id)
    if account is not None:
        statement = statement.where(table.c.account == str(account))
    with writing(engine) as connection:
        ended = connection.execute(statement).rowcount > 0
    if ended:
        installed().record("token.revoked", actor=None if account is None else str(account), token=token_id)
    return ended


def revoke_all_tokens(account: Any) -> int:
    """End all tokens of a person; return how many."""
    from sqlalchemy import delete

    from fumehood.practices.sql.tables import writing

    engine, table = _table()
    with writing(engine) as connection:
        ended = connection.execute(delete(table).where(table.c.account == str(account))).rowcount
    if ended:
        installed().record("token.revoked", subject=str(account), count=ended)
    return ended


def tokens_of(account: Any) -> list[Token]:
    """Return what is known of a person's tokens, the newest first."""
    from sqlalchemy import select

    from fumehood.practices.sql.tables import reading

    engine, table = _table()
    with reading(engine) as connection:
        rows = connection.execute(
            select(table).where(table.c.account == str(account)).order_by(table.c.made.desc())
        ).all()
    return [_token(row) for row in rows]


def bearer() -> str | None:
    """Return the bearer token that this request came with, valid or not; None when it has none."""
    given = request.headers.get("Authorization", "")
    scheme, _, value = given.partition(" ")
    return value.strip() if scheme.lower() == "bearer" else None


def token_of_request() -> Token | None:
    """Return the valid token that this request came with."""
    from sqlalchemy import select, update

    from fumehood.practices.sql.tables import reading, writing

    secret = bearer()
    if secret is None or not _SHAPE.fullmatch(secret):
        return None
    engine, table = _table()
    with reading(engine) as connection:
        # Looked up by its digest: a comparison that leaks time leaks nothing of the token.
        row = connection.execute(select(table).where(table.c.digest == _digest(secret))).first()
    now = time.time()
    if row is None or row.ends <= now:
        return None
    if now - row.used > 3600:
        with writing(engine) as connection:
            connection.execute(update(table).where(table.c.id == row.id).values(used=now))
    return _token(row)


def _token(row: Any) -> Token:
    return Token(row.id, row.account, row.name, frozenset(row.scopes.split()), row.made, row.ends, row.used)


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def _table() -> tuple[Engine, Table]:
    from fumehood.practices.access.tables import tokens
    from fumehood.practices.sql.tables import create

    engine = installed().engine
    create(engine, tokens)
    return engine, tokens
