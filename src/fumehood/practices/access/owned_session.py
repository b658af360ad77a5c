"""Narrows every query of the app's sessions to the rows that who asks may see, and every write to those that they may change.

A statement is looked through for owned models wherever in it (joins, subqueries, eager and lazy loads, ``get``, bulk updates and deletes).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NoReturn

from flask import has_app_context
from sqlalchemy import Boolean, Column, bindparam, event, inspect, select
from sqlalchemy.orm import ORMExecuteState, Session, UOWTransaction
from sqlalchemy.orm.attributes import get_history
from sqlalchemy.orm.context import FromStatement
from sqlalchemy.orm.util import LoaderCriteriaOption
from sqlalchemy.sql import visitors
from sqlalchemy.sql.elements import TextClause
from sqlalchemy.sql.selectable import TextualSelect

from fumehood.practices.access.ownership import (
    Owned,
    OwnerUnknown,
    escaped,
    owner_unknown,
    somebody_asks,
    who_asks,
)
from fumehood.practices.access.people import Person
from fumehood.practices.interface import Refusal, installed

__all__ = ["guard_session"]

_OPTION = "fumehood_everyone"
_SEEN = "fumehood_seen_as"
_REMEMBERED = "_fumehood_owned_models"

Met = tuple[list[Any], list[Any]]


def guard_session(db: Any) -> None:
    """Narrow the queries of a Flask-SQLAlchemy extension's sessions; called once by the hood."""
    maker = db.session.session_factory
    if issubclass(maker.class_, _OwnedSession):
        return
    maker.class_ = type("OwnedSession", (_OwnedSession, maker.class_), {_REMEMBERED: {}})
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

    def _get_impl(self, *args: Any, **kwargs: Any) -> Any:
        # The way of Query.get, which is SQLAlchemy's own business; where it goes another way one day, the two above stay.
        return self._look_twice(super()._get_impl(*args, **kwargs))

    def bulk_save_objects(self, objects: Any, *args: Any, **kwargs: Any) -> None:
        objects = list(objects)
        for model in {type(row) for row in objects}:
            _refuse_bulk(model)
        super().bulk_save_objects(objects, *args, **kwargs)

    def bulk_insert_mappings(self, mapper: Any, *args: Any, **kwargs: Any) -> None:
        _refuse_bulk(inspect(mapper).mapper.class_)
        super().bulk_insert_mappings(mapper, *args, **kwargs)

    def bulk_update_mappings(self, mapper: Any, *args: Any, **kwargs: Any) -> None:
        _refuse_bulk(inspect(mapper).mapper.class_)
        super().bulk_update_mappings(mapper, *args, **kwargs)

    def _look_twice(self, found: Any) -> Any:
        if not isinstance(found, Owned) or escaped(type(found)):
            return found
        person = who_asks(type(found))
        if self.info.get(_SEEN, set()) <= {_key(person)} and inspect(found).persistent:
            return found
        if inspect(found).pending or _may(self, found, person, type(found).visible_to):
            return found
        return None


def _narrow(state: ORMExecuteState) -> None:
    if state.execution_options.get(_OPTION):
        return
    if state.is_relationship_load or state.is_column_load:
        state.statement = _without_ours(state.statement)
    certain, possible = _owned_models(state)
    models = (*certain, *possible)
    if state.is_column_load:
        # More of a row that somebody may see; what other models its columns ask is narrowed as ever.
        models = tuple(model for model in models if not issubclass(_loaded_model(state), model))
    if not models:
        return
    if _is_written_as_text(state.statement):
        _refuse_text([model for model in certain if not escaped(model)])
    if state.is_insert or (state.is_update and isinstance(state.parameters, list)):
        # By rows of values: nothing that could be narrowed.
        for model in certain:
            _refuse_bulk(model)
        return
    if state.is_update and _sets_owner(state):
        for model in certain:
            if not escaped(model):
                _forbid(model, "given to somebody else", who_asks(model))
    seen: set[Any] = state.session.info.setdefault(_SEEN, set())
    options = []
    for model in models:
        if escaped(model):
            seen.add(_OPTION)
            continue
        if not somebody_asks():
            if model in certain:
                raise owner_unknown(model)
            options.append(_criterion(model, _only_when_met(model)))
            continue
        person = who_asks(model)
        seen.add(_key(person))
        options.append(_criterion(model, model.visible_to(person)))
        if not state.is_select:
            options.append(_criterion(model, model.changeable_by(person)))
    if options:
        state.statement = state.statement.options(*options)


def _loaded_model(state: ORMExecuteState) -> type:
    mapper = state.bind_mapper
    return mapper.class_ if mapper is not None else object


def _is_written_as_text(statement: Any) -> bool:
    """Tell whether models are to be filled from SQL that was written by hand, which nothing can be added to."""
    return isinstance(statement, FromStatement) and isinstance(statement.element, TextClause | TextualSelect)


def _refuse_text(models: list[Any]) -> None:
    for model in models:
        raise OwnerUnknown(
            f"Rows of {model.__name__} from SQL text cannot be narrowed to those of who asks: use select({model.__name__}), "
            f"or write `with everyone({model.__name__}):` around it."
        )


def _refuse_bulk(model: type) -> None:
    if issubclass(model, Owned) and not escaped(model):
        raise OwnerUnknown(
            f"Rows of {model.__name__} in bulk do not say whose they are: add or change objects in the session, "
            f"or write `with everyone({model.__name__}):` around it and give owner_id."
        )


def _sets_owner(state: ORMExecuteState) -> bool:
    statement: Any = state.statement
    columns = [*(getattr(statement, "_values", None) or ()), *(state.parameters or ())]
    columns += [column for column, _ in getattr(statement, "_ordered_values", None) or ()]
    return any(getattr(column, "key", column) == "owner_id" for column in columns)


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


def _owned_models(state: ORMExecuteState) -> Met:
    """Return the owned models that a statement names, and those that its eager loads could bring in.

    Remembered by the statement's cache key, by which SQLAlchemy remembers its SQL: statements of one key name the same models.
    """
    remembered: dict[Any, Met] = getattr(type(state.session), _REMEMBERED)
    key = getattr(state.statement, "_generate_cache_key", lambda: None)()
    if key is None:
        return _look_through(state)
    place = (key.key, state.is_column_load)
    found = remembered.get(place)
    if found is None:
        if len(remembered) > 1000:
            remembered.clear()
        found = remembered[place] = _look_through(state)
    return found


def _look_through(state: ORMExecuteState) -> Met:
    statement: Any = state.statement
    mappers = set(state.all_mappers) | _mappers_in(statement)
    registries = {mapper.registry for mapper in mappers}
    known = [model for model in _all_owned() if inspect(model).registry in registries]
    named = _kin(known, mappers)
    if (
        state.is_column_load
        or bool(getattr(statement, "_with_options", ()))
        or any(_loads_more(mapper) for mapper in mappers)
    ):
        return named, [model for model in known if model not in named]
    asked = {other for mapper in mappers for other in _asked_by_columns(mapper)}
    return named, [model for model in _kin(known, asked) if model not in named]


def _kin(models: list[Any], mappers: set[Any]) -> list[Any]:
    classes = {mapper.class_ for mapper in mappers}
    return [
        model for model in models if any(issubclass(cls, model) or issubclass(model, cls) for cls in classes)
    ]


def _mappers_in(statement: Any) -> set[Any]:
    entities = (
        getattr(element, "_annotations", {}).get("parententity") for element in visitors.iterate(statement)
    )
    return {inspect(entity).mapper for entity in entities if entity is not None}


def _asked_by_columns(mapper: Any) -> set[Any]:
    """The mappers of models that a ``column_property`` asks, as a number of notes beside a person's name."""
    found: set[Any] = set()
    for attribute in mapper.column_attrs:
        if not attribute.deferred and not isinstance(attribute.expression, Column):
            found |= _mappers_in(attribute.expression)
    return found


def _loads_more(mapper: Any) -> bool:
    return any(relationship.lazy in {"joined", False} for relationship in mapper.relationships)


def _all_owned() -> list[Any]:
    """Return the topmost mapped owned classes."""
    owned: list[Any] = []
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
        if isinstance(row, Owned) and not escaped(type(row)):
            _own(row, who_asks(type(row)))
    for row in (*session.dirty, *session.deleted):
        if (
            isinstance(row, Owned)
            and not escaped(type(row))
            and (row in session.deleted or session.is_modified(row))
        ):
            _check_change(session, row, who_asks(type(row)))


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


def _only_when_met(model: type) -> Any:
    """A criterion that fails when a statement is run that really holds it: an eager load may bring the model in, or not."""

    def fail() -> bool:
        raise owner_unknown(model)

    return bindparam("fumehood_owner", callable_=fail, type_=Boolean())


def _key(person: Person | None) -> Any:
    return None if person is None else ("person", person.id)


def _forbid(row: Any, what: str, person: Person | None) -> NoReturn:
    model = (row if isinstance(row, type) else type(row)).__name__
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
