"""Rows that belong to somebody: a model that has an owner is only ever queried as its owner (CWE-639, OWASP ASVS 8.2.2).

Whoever needs more says so by name: ``with everyone(Note):``. SQL that is written against tables instead of models is the app's own business.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, ClassVar

from flask import has_request_context
from sqlalchemy import ForeignKey, false
from sqlalchemy.exc import DontWrapMixin
from sqlalchemy.orm import Mapped, declared_attr, mapped_column

from fumehood.practices.access.people import Person, current_person

__all__ = [
    "Owned",
    "OwnerUnknown",
    "acting_as",
    "escaped",
    "everyone",
    "owner_unknown",
    "somebody_asks",
    "who_asks",
]

_ESCAPED: ContextVar[tuple[type, ...]] = ContextVar("fumehood_everyone", default=())
_ACTING: ContextVar[tuple[Person, ...]] = ContextVar("fumehood_acting_as", default=())


class OwnerUnknown(RuntimeError, DontWrapMixin):
    """An owned model was queried outside a request, where nobody is signed in."""


class Owned:
    """A mixin for models whose rows belong to a person: ``class Note(db.Model, Owned)``.

    Adds ``owner_id``, a foreign key to ``__owner_key__`` (``"user.id"``), set to who is signed in when a row is added. Override
    :meth:`visible_to` to share rows and :meth:`changeable_by` to let others change them.
    """

    __owner_key__: ClassVar[str] = "user.id"

    @declared_attr
    def owner_id(cls) -> Mapped[Any]:  # noqa: N805
        return mapped_column(ForeignKey(cls.__owner_key__, ondelete="CASCADE"), index=True)

    @classmethod
    def visible_to(cls, person: Person | None) -> Any:
        """Return the SQL criterion for the rows that a person may read; None is somebody who is not signed in."""
        return cls.owner_id == person.id if person is not None else false()

    @classmethod
    def changeable_by(cls, person: Person | None) -> Any:
        """Return the SQL criterion for the rows that a person may change or delete: their own, unless overridden."""
        return cls.owner_id == person.id if person is not None else false()


@contextmanager
def everyone(*models: type) -> Iterator[None]:
    """Query owned models as nobody in particular: all rows, readable and writable. For administrators' views, jobs and migrations.

    Parameters:
        models: the models that this holds for; all owned models when none is named.
    """
    for model in models:
        if not (isinstance(model, type) and issubclass(model, Owned)):
            raise TypeError(f"everyone() takes models that are Owned, not {model!r}")
    held = _ESCAPED.set((*_ESCAPED.get(), *(models or (Owned,))))
    try:
        yield
    finally:
        _ESCAPED.reset(held)


@contextmanager
def acting_as(person: Person | Any) -> Iterator[None]:
    """Query owned models as this person, where no request says who it is: in jobs, on the command line, in tests.

    Parameters:
        person: a :class:`Person` or a user object.
    """
    from fumehood.practices.access.people import person_of

    held = _ACTING.set((*_ACTING.get(), person if isinstance(person, Person) else person_of(person)))
    try:
        yield
    finally:
        _ACTING.reset(held)


def escaped(model: type) -> bool:
    """Tell whether a block of :func:`everyone` around us holds for a model."""
    return any(issubclass(model, named) for named in _ESCAPED.get())


def somebody_asks() -> bool:
    """Tell whether there is a request, or a block of :func:`acting_as`, to say who asks."""
    return bool(_ACTING.get()) or has_request_context()


def who_asks(model: type) -> Person | None:
    """Return who asks for rows of a model; None is somebody who is not signed in.

    Raises:
        OwnerUnknown: outside a request and :func:`acting_as`.
    """
    if acting := _ACTING.get():
        return acting[-1]
    if has_request_context():
        return current_person()
    raise owner_unknown(model)


def owner_unknown(model: type) -> OwnerUnknown:
    """Return the error that says what to do."""
    return OwnerUnknown(
        f"{model.__name__} belongs to people, and outside a request nobody is signed in. Write `with acting_as(user):`, "
        f"or `with everyone({model.__name__}):` for all rows."
    )
