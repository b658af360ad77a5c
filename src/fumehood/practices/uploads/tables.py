"""The table of what is in the store."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Float, String, Table

from fumehood.practices.sql.tables import metadata

__all__ = ["uploads"]

uploads = Table(
    "fumehood_uploads",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("name", String(255), nullable=False),
    Column("content_type", String(128), nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("owner", String(255), nullable=False, index=True),
    Column("status", String(16), nullable=False, index=True),
    Column("has_preview", Boolean, nullable=False),
    Column("created", Float(53), nullable=False),
)
