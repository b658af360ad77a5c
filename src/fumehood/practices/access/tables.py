"""The tables of sessions and API tokens."""

from __future__ import annotations

from sqlalchemy import Column, Float, String, Table, bindparam, select

from fumehood.practices.sql.tables import metadata

__all__ = ["session_by_id", "sessions", "tokens"]

# Of session ids and tokens only a SHA-256 is kept: who reads the database cannot use them.
sessions = Table(
    "fumehood_sessions",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("account", String(64), nullable=False, index=True),
    Column("began", Float(53), nullable=False),
    Column("seen", Float(53), nullable=False),
    Column("address", String(64), nullable=False),
    Column("agent", String(200), nullable=False),
)

# On the path of every request that asks who is there: built once.
session_by_id = select(sessions.c.account, sessions.c.began, sessions.c.seen).where(
    sessions.c.id == bindparam("id")
)

tokens = Table(
    "fumehood_tokens",
    metadata,
    Column("id", String(16), primary_key=True),
    Column("digest", String(64), nullable=False, unique=True),
    Column("account", String(64), nullable=False, index=True),
    Column("name", String(100), nullable=False),
    Column("scopes", String(2000), nullable=False),
    Column("made", Float(53), nullable=False),
    Column("ends", Float(53), nullable=False),
    Column("used", Float(53), nullable=False),
)
