"""Columns that the hood's accounts need, as mixins for the app's own models.

``class User(db.Model, AccountMixin)`` and ``class Role(db.Model, RoleMixin)`` are complete; more columns are the app's own business.
This module loads Flask-Security: import it by ``from fumehood import AccountMixin, RoleMixin`` where accounts are used.
"""

from __future__ import annotations

import secrets
from datetime import UTC, datetime
from typing import Any, ClassVar

from flask_security.core import RoleMixin as _SecurityRole
from flask_security.core import UserMixin as _SecurityUser
from sqlalchemy import Boolean, Column, DateTime, ForeignKey, Integer, String, Table
from sqlalchemy.orm import Mapped, declared_attr, mapped_column, relationship
from sqlalchemy.types import JSON

__all__ = ["AccountMixin", "RoleMixin"]


def _now() -> datetime:
    # Naive UTC, as Flask-Security compares with (SQLite and MySQL keep no time zone).
    return datetime.now(UTC).replace(tzinfo=None)


class RoleMixin(_SecurityRole):
    """A role: ``id``, ``name``, ``description`` and ``permissions`` (a list of names)."""

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    name: Mapped[str] = mapped_column(String(80), unique=True)
    description: Mapped[str | None] = mapped_column(String(255))
    permissions: Mapped[list[str] | None] = mapped_column(JSON)
    update_datetime: Mapped[datetime] = mapped_column(DateTime, default=_now, onupdate=_now)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.name!r}>"


class AccountMixin(_SecurityUser):
    """A user's account.

    ``id``, ``email``, ``password`` (the hash, never shown), ``active``, ``fs_uniquifier`` (what sessions hold instead of the
    id; changing it ends them all), ``confirmed_at``, ``create_datetime``, ``update_datetime`` and ``roles``.

    ``__role_model__`` names the role model (``"Role"``) and ``__role_table__`` its table (``"role"``), if yours are called otherwise.
    The table between them is ``<user table>_roles``.
    """

    __role_model__: ClassVar[str] = "Role"
    __role_table__: ClassVar[str] = "role"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    email: Mapped[str] = mapped_column(String(255), unique=True)
    password: Mapped[str | None] = mapped_column(String(255))
    active: Mapped[bool] = mapped_column(Boolean, default=True)
    fs_uniquifier: Mapped[str] = mapped_column(String(64), unique=True, default=lambda: secrets.token_hex(32))
    confirmed_at: Mapped[datetime | None] = mapped_column(DateTime)
    create_datetime: Mapped[datetime] = mapped_column(DateTime, default=_now)
    update_datetime: Mapped[datetime] = mapped_column(DateTime, default=_now, onupdate=_now)

    @declared_attr
    def roles(cls) -> Mapped[list[Any]]:  # noqa: N805
        table = cls.__tablename__  # type: ignore[attr-defined]
        between = Table(
            f"{table}_roles",
            cls.metadata,  # type: ignore[attr-defined]
            Column("user_id", ForeignKey(f"{table}.id", ondelete="CASCADE"), primary_key=True),
            Column("role_id", ForeignKey(f"{cls.__role_table__}.id", ondelete="CASCADE"), primary_key=True),
        )
        return relationship(
            cls.__role_model__, secondary=between, lazy="selectin", order_by=f"{cls.__role_model__}.name"
        )

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.id}>"
