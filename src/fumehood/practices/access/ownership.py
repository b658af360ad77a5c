"""Rows that belong to somebody: a model that has an owner is only ever queried as its owner (CWE-639, OWASP ASVS 8.2.2).

Every query of the session that meets an :class:`Owned` model, wherever in it (joins, subqueries, eager and lazy loads, ``get``, bulk
updates and deletes), is narrowed to the rows that the person signed in may see; writes, to those that they may change. Whoever needs
more says so by name: ``with everyone(Note):``. SQL that is written against tables instead of models is the app's own business.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, ClassVar, NoReturn

from flask import has_app_context, has_request_context
from sqlalchemy import Boolean, ForeignKey, bindparam, event, false, inspect, select
from sqlalchemy.exc import DontWrapMixin
from sqlalchemy.orm import (
    Mapped,
    ORMExecuteState,
    Session,
    UOWTransaction,
    declared_attr,
    mapped_column,
)
from sqlalchemy.orm.attributes import get_history
from sqlalchemy.orm.util import LoaderCriteriaOption
from sqlalchemy.sql import visitors

from fumehood.practices.access.people import Person, current_person
from fumehood.practices.interface import Refusal, installed

__all__ = ["Owned", "OwnerUnknown", "acting_as", "everyone", "guard_session"]

_ESCAPED: ContextVar[tuple[type, ...]] = ContextVar("fumehood_everyone", default=())
_ACTING: ContextVar[tuple[Person, ...]] = ContextVar("fumehood_acting_as", default=())
_OPTION = "fumehood_everyone"
_SEEN = "fumehood_seen_as"


_HOW = (
    "{model} belongs to people, and outside a request nobody is signed in. Write `with acting_as(user):`, "
    "or `with everyone({model}):` for all rows."
)


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


def guard_session(db: Any) -> None:
    """Narrow the queries of a Flask-SQLAlchemy extension's sessions; called once by the hood."""
    maker = db.session.session_factory
    if issubclass(maker.class_, _OwnedSession):
        return
    maker.class_ = type("OwnedSession", (_OwnedSession, maker.class_), {})
    event.listen(maker.class_, "do_orm_execute", _narrow)
    event.listen(maker.class_, "before_flush", _check_writes)


class _OwnedSession(Session):
    """Looks twice at what ``get`` finds in the session without a query: it may have been loaded for somebody else."""

    def get(self, entity: Any, ident: Any, *args: Any, **kwargs: Any) -> Any:
        return self._look_twice(super().get(entity, ident, *args, **kwargs))

    def get_one(self, entity: Any, ident: Any, *args: Any, **kwargs: Any) -> Any:
        found = self._look_twice(super().get_one(entity, ident, *args, **kwargs))
        if found is None:
            from sqlalchemy.exc import NoResultFound

            raise NoResultFound("No row was found when one was required")
        return found

    def _look_twice(self, found: Any) -> Any:
        if not isinstance(found, Owned) or _escaped(type(found)):
            return found
        person = _person(type(found))
        if self.info.get(_SEEN, set()) <= {_key(person)} and inspect(found).persistent:
            return found
        if inspect(found).pending or _may(self, found, person, type(found).visible_to):
            return found
        return None


def _narrow(state: ORMExecuteState) -> None:
    if state.is_column_load or state.execution_options.get(_OPTION):
        return
    if state.is_relationship_load:
        state.statement = _without_ours(state.statement)
    certain, possible = _owned_models(state)
    models = (*certain, *possible)
    if not models:
        return
    if state.is_insert:
        touched = [model for model in models if not _escaped(model)]
        if touched:
            raise OwnerUnknown(
                f"A bulk insert into {touched[0].__name__} does not say whose rows they are: add objects to the session, "
                f"or write `with everyone({touched[0].__name__}):` around it and give owner_id."
            )
        return
    seen: set[Any] = state.session.info.setdefault(_SEEN, set())
    options = []
    for model in models:
        if _escaped(model):
            seen.add(_OPTION)
            continue
        if not _somebody_asks():
            if model in certain:
                raise OwnerUnknown(_HOW.format(model=model.__name__))
            options.append(_criterion(model, _only_when_met(model)))
            continue
        person = _person(model)
        seen.add(_key(person))
        options.append(_criterion(model, model.visible_to(person)))
        if not state.is_select:
            options.append(_criterion(model, model.changeable_by(person)))
    if options:
        state.statement = state.statement.options(*options)


class _OwnerCriterion(LoaderCriteriaOption):
    """Narrows a model in a statement. SQLAlchemy hands it on to later lazy loads, where :func:`_without_ours` takes it out again."""

    __slots__ = ()
    _traverse_internals = LoaderCriteriaOption._traverse_internals  # it is cached like its parent


def _criterion(model: type, criterion: Any) -> _OwnerCriterion:
    return _OwnerCriterion(model, criterion, include_aliases=True)


def _without_ours(statement: Any) -> Any:
    """Return a statement without what narrowed the query that loaded its parent: who asks may have changed since."""
    held = getattr(statement, "_with_options", ())
    kept = tuple(option for option in held if not isinstance(option, _OwnerCriterion))
    if len(kept) != len(held):
        statement = statement.options()
        statement._with_options = kept
    return statement


def _owned_models(state: ORMExecuteState) -> tuple[list[type[Owned]], list[type[Owned]]]:
    """Return the owned models that a statement names, and those that its eager loads could bring in."""
    known = _all_owned()
    if not known:
        return [], []
    statement: Any = state.statement
    mappers = set(state.all_mappers)
    for element in visitors.iterate(statement):
        entity = getattr(element, "_annotations", {}).get("parententity")
        if entity is not None:
            mappers.add(inspect(entity).mapper)
    classes = {mapper.class_ for mapper in mappers}
    named = [
        model for model in known if any(issubclass(cls, model) or issubclass(model, cls) for cls in classes)
    ]
    if getattr(statement, "_with_options", ()) or any(_loads_more(mapper) for mapper in mappers):
        return named, [model for model in known if model not in named]
    return named, []


def _loads_more(mapper: Any) -> bool:
    return any(relationship.lazy in {"joined", False} for relationship in mapper.relationships)


def _all_owned() -> list[type[Owned]]:
    """Return the topmost mapped owned classes."""
    owned: list[type[Owned]] = []
    look = list(Owned.__subclasses__())
    while look:
        model = look.pop()
        if inspect(model, raiseerr=False) is not None:
            owned.append(model)
        else:
            look.extend(model.__subclasses__())
    return owned


def _check_writes(session: Session, _context: UOWTransaction, _instances: Any) -> None:
    for row in session.new:
        if isinstance(row, Owned) and not _escaped(type(row)):
            _own(row, _person(type(row)))
    for row in (*session.dirty, *session.deleted):
        if (
            isinstance(row, Owned)
            and not _escaped(type(row))
            and (row in session.deleted or session.is_modified(row))
        ):
            _check_change(session, row, _person(type(row)))


def _own(row: Any, person: Person | None) -> None:
    given = row.owner_id
    if given is None:
        given = next((_id_of(value) for value in _owner_objects(row)), None)
    if person is None:
        _forbid(row, "added by nobody signed in", person)
    if given is None:
        row.owner_id = person.id
    elif str(given) != str(person.id):
        _forbid(row, "added for somebody else", person)


def _check_change(session: Session, row: Any, person: Person | None) -> None:
    history = get_history(row, "owner_id")
    if history.added and history.deleted and history.added != history.deleted:
        _forbid(row, "given to somebody else", person)
    if any(get_history(row, name).added for name in _owner_relationships(row)):
        _forbid(row, "given to somebody else", person)
    if person is not None and str(row.owner_id) == str(person.id):
        return
    with session.no_autoflush:
        if not _may(session, row, person, type(row).changeable_by):
            _forbid(row, "changed by somebody else", person)


def _owner_relationships(row: Any) -> list[str]:
    column = inspect(type(row)).columns["owner_id"]
    return [
        name
        for name, relation in inspect(type(row)).relationships.items()
        if column in relation.local_columns
    ]


def _owner_objects(row: Any) -> list[Any]:
    loaded = inspect(row).dict
    return [loaded[name] for name in _owner_relationships(row) if loaded.get(name) is not None]


def _id_of(account: Any) -> Any:
    identity = inspect(account).identity
    return identity[0] if identity else getattr(account, "id", None)


def _may(
    session: Session, row: Any, person: Person | None, criterion: Callable[[Person | None], Any]
) -> bool:
    """Ask the database whether a row is one of those that a criterion names."""
    model = type(row)
    state = inspect(row)
    if state.identity is None:
        return False
    key = [column == value for column, value in zip(inspect(model).primary_key, state.identity, strict=True)]
    with session.no_autoflush:
        found = session.execute(
            select(1).select_from(model).where(*key, criterion(person)), execution_options={_OPTION: True}
        )
        return found.first() is not None


def _escaped(model: type) -> bool:
    return any(issubclass(model, named) for named in _ESCAPED.get())


def _person(model: type) -> Person | None:
    if acting := _ACTING.get():
        return acting[-1]
    if has_request_context():
        return current_person()
    raise OwnerUnknown(_HOW.format(model=model.__name__))


def _somebody_asks() -> bool:
    return bool(_ACTING.get()) or has_request_context()


def _only_when_met(model: type) -> Any:
    """A criterion that fails when a statement is run that really holds it: an eager load may bring the model in, or not."""

    def fail() -> bool:
        raise OwnerUnknown(_HOW.format(model=model.__name__))

    return bindparam("fumehood_owner", callable_=fail, type_=Boolean())


def _key(person: Person | None) -> Any:
    return None if person is None else ("person", person.id)


def _forbid(row: Any, what: str, person: Person | None) -> NoReturn:
    model = type(row).__name__
    refusal = Refusal("access", f"a {model} was to be {what}", 403, "You may not change this.")
    if has_app_context():
        installed().record(
            "access.refused",
            actor=None if person is None else str(person.id),
            incident=refusal.incident,
            model=model,
            reason=what,
        )
    raise refusal
