"""Tells of each SQL statement before SQLite runs it, whichever library sends it."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from typing import Any

__all__ = ["install", "listeners"]

listeners: list[Callable[[str], None]] = []


def install() -> None:
    """Begin: connections that are opened from here on tell. To be called before the application is imported."""
    connect = sqlite3.connect

    def telling(*args: Any, **kwargs: Any) -> sqlite3.Connection:
        connection: sqlite3.Connection = connect(*args, **kwargs)
        # fumehood: ignore[FH802] -- in the throw-away copy, whose statements the attack compares; none is kept
        connection.set_trace_callback(_tell)
        return connection

    sqlite3.connect = sqlite3.dbapi2.connect = telling  # type: ignore[assignment]


def _tell(statement: str) -> None:
    for listener in tuple(listeners):
        listener(statement)
