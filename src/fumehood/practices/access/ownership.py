"""Rows that belong to somebody: a model that has an owner is only ever queried as its owner (CWE-639, OWASP ASVS 8.2.2)."""

from __future__ import annotations

from typing import Any, ClassVar

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, declared_attr, mapped_column

__all__ = ["Owned"]


class Owned:
    """A mixin for models whose rows belong to a person: ``class Note(db.Model, Owned)``.

    Adds ``owner_id``, a foreign key to ``__owner_key__`` (``"user.id"``).
    """

    __owner_key__: ClassVar[str] = "user.id"

    @declared_attr
    def owner_id(cls) -> Mapped[Any]:
        return mapped_column(ForeignKey(cls.__owner_key__, ondelete="CASCADE"), index=True)

    @classmethod
    def visible_to(cls, person: Any) -> Any:
        """Return the SQL criterion for the rows that a person may read; override it to share rows."""
        return cls.owner_id == person.id
