"""The guard of the practice *sql*."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Flask

from fumehood.practices.interface import Guard

if TYPE_CHECKING:
    from sqlalchemy import Engine

__all__ = ["GuardSql"]


class GuardSql(Guard):
    practice = "sql"

    def install(self, app: Flask) -> None:
        def make_engine() -> Engine:
            from fumehood.practices.sql.tables import own_engine

            return own_engine(app, self.installation)

        self.installation.make_engine = make_engine
        db = self.installation.db if self.installation.db is not None else app.extensions.get("sqlalchemy")
        if db is not None:
            from fumehood.practices.sql.connections import guard_engines

            guard_engines(app, self.installation, db)
