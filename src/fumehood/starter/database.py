"""The notebook's database, before any application is there."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from flask_migrate import Migrate
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import MetaData
from sqlalchemy.orm import DeclarativeBase

__all__ = ["MIGRATIONS", "db", "migrate", "now"]

MIGRATIONS = Path(__file__).parent / "migrations"


class Base(DeclarativeBase):
    # Constraints with names of their own can be changed by later migrations on every database.
    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_name)s",
            "uq": "uq_%(table_name)s_%(column_0_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


db = SQLAlchemy(model_class=Base)
migrate = Migrate(db=db, directory=str(MIGRATIONS))


def now() -> datetime:
    """Return the present in UTC, without a zone, as SQLite keeps it."""
    return datetime.now(UTC).replace(tzinfo=None)
