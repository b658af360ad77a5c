"""The table of counts, loaded only when counts are kept in the database."""

from __future__ import annotations

from sqlalchemy import Column, Float, Integer, String, Table

from fumehood.practices.sql.tables import metadata

__all__ = ["counters"]

counters = Table(
    "fumehood_counters",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("number", Integer, nullable=False),
    Column("last", Float(53), nullable=False),
    Column("ends", Float(53), nullable=False, index=True),
)
