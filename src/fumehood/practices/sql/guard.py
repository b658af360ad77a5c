"""The guard of the practice *sql*."""

from __future__ import annotations

from fumehood.practices.interface import Guard

__all__ = ["GuardSql"]


class GuardSql(Guard):
    practice = "sql"
