"""What belongs to somebody is found, changed and deleted by them alone, whatever the query looks like."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from access_site import with_people
from flask import g
from flask_login import login_user
from sqlalchemy import delete, exists, func, insert, select, text, update
from sqlalchemy.exc import IntegrityError, LegacyAPIWarning
from sqlalchemy.orm import aliased, joinedload, selectinload, subqueryload, undefer

from fumehood import acting_as, everyone
from fumehood.practices.access.ownership import OwnerUnknown
from fumehood.practices.interface import Refusal
from servers.postgresql import _new_database as new_database


@pytest.fixture(scope="module")
def one_database(postgresql_server):
    """A PostgreSQL database for all tests of this module: making one takes longer than they do."""
    return new_database(postgresql_server)


@pytest.fixture(params=["sqlite", "postgresql"])
def notes(request, make):
    """Ada and Bob with a note each, on both databases; ``notes.as_(id)`` is a request of one of them."""
    site = make("sqlite://" if request.param == "sqlite" else request.getfixturevalue("one_database"))
    with site.app.app_context():
        site.db.drop_all()
        site.db.create_all()
    with_people(site)
    with site.app.app_context(), everyone(site.Note):
        for owner, words in ((site.ada, "ada's"), (site.bob, "bob's")):
            note = site.Note(owner_id=owner, text=words)
            note.tags.append(site.Tag(name=f"{words} tag"))
            site.db.session.add(note)
        site.db.session.commit()
        rows = site.db.session.execute(select(site.Note.owner_id, site.Note.id)).all()
        site.note_of = dict(map(tuple, rows))

    def as_(person):
        context = site.app.test_request_context("/", base_url="https://localhost")
        context.push()
        if person is not None:
            login_user(site.db.session.get(site.User, person))
        return context

    site.as_ = as_
    yield site
    with site.app.app_context():
        site.db.session.remove()
        site.db.engine.dispose()


@pytest.fixture
def ada(notes):
    context = notes.as_(notes.ada)
    yield SimpleNamespace(
        **vars(notes), session=notes.db.session, hers=notes.note_of[notes.ada], his=notes.note_of[notes.bob]
    )
    context.pop()


# What is stopped.


def test_a_column_that_asks_for_anothers_rows_finds_none(ada):
    assert ada.session.get(ada.User, ada.bob).last_note is None  # loaded when it is looked at
    assert ada.session.get(ada.User, ada.ada).last_note == "ada's"
    people = ada.session.scalars(select(ada.User).options(undefer(ada.User.last_note)).order_by(ada.User.id))
    assert {person.id: person.last_note for person in people} == {ada.ada: "ada's", ada.bob: None}
    assert "bob's" not in ada.session.scalars(select(ada.User.last_note)).all()


def test_sql_text_does_not_fill_models_that_have_owners(ada):
    table = ada.Note.__table__.name
    wanted = select(ada.Note).from_statement(text(f"SELECT * FROM {table}"))
    with pytest.raises(OwnerUnknown, match="everyone"):
        ada.session.scalars(wanted)
    with everyone(ada.Note):
        assert {note.owner_id for note in ada.session.scalars(wanted)} == {ada.ada, ada.bob}


def test_another_persons_row_is_not_found_by_its_id(ada):
    assert ada.session.get(ada.Note, ada.his) is None
    assert ada.session.query(ada.Note).filter_by(id=ada.his).first() is None
    assert ada.session.execute(select(ada.Note).where(ada.Note.id == ada.his)).first() is None


def test_no_shape_of_query_shows_another_persons_row(ada):
    Note, Tag, User = ada.Note, ada.Tag, ada.User  # noqa: N806 - models
    other = aliased(Note)
    shapes = {
        "all": select(Note.text),
        "columns": select(Note.id, Note.text).with_only_columns(Note.text),
        "alias": select(other.text),
        "join": select(Note.text).select_from(User).join(Note, Note.owner_id == User.id),
        "relationship join": select(Note.text).select_from(User).join(User.notes),
        "child": select(Note.text).join(Tag),
        "subquery": select(select(Note.text).subquery().c.text),
        "cte": select(select(Note.text).cte().c.text),
        "union": select(Note.text)
        .where(Note.id == ada.hers)
        .union(select(Note.text).where(Note.id == ada.his)),
        "or true": select(Note.text).where((Note.id == ada.his) | text("1=1")),
    }
    for name, statement in shapes.items():
        assert set(ada.session.scalars(statement)) == {"ada's"}, name
    assert ada.session.scalar(select(func.count(Note.id))) == 1
    assert ada.session.scalar(select(func.count()).select_from(Note)) == 1
    assert ada.session.query(Note).count() == 1
    owners = select(User.id).where(exists().where(Note.owner_id == User.id))
    assert set(ada.session.scalars(owners)) == {ada.ada}
    assert set(ada.session.scalars(select(User.id).where(User.id.in_(select(Note.owner_id))))) == {ada.ada}


@pytest.mark.parametrize("load", [joinedload, selectinload, subqueryload])
def test_eager_loads_bring_in_nothing_of_others(ada, load):
    ada.session.expire_all()
    people = ada.session.scalars(select(ada.User).options(load(ada.User.notes))).unique().all()
    assert {note.text for person in people for note in person.notes} == {"ada's"}


def test_lazy_loads_bring_in_nothing_of_others(ada):
    bob = ada.session.get(ada.User, ada.bob)
    assert bob.notes == []
    tag = ada.session.scalar(select(ada.Tag).where(ada.Tag.note_id == ada.his))
    assert tag.note is None


def test_bulk_updates_and_deletes_touch_only_ones_own(ada):
    changed = ada.session.execute(update(ada.Note).values(text="changed"))
    assert changed.rowcount == 1
    assert ada.session.execute(delete(ada.Note).where(ada.Note.id == ada.his)).rowcount == 0
    assert ada.session.query(ada.Note).filter_by(id=ada.his).delete() == 0
    ada.session.commit()
    with everyone(ada.Note):
        assert set(ada.session.scalars(select(ada.Note.text))) == {"changed", "bob's"}


def test_a_row_cannot_be_made_for_or_given_to_somebody_else(ada):
    ada.session.add(ada.Note(owner_id=ada.bob, text="slander"))
    with pytest.raises(Refusal):
        ada.session.commit()
    ada.session.rollback()
    ada.session.add(ada.Note(owner=ada.session.get(ada.User, ada.bob), text="slander"))
    with pytest.raises(Refusal):
        ada.session.commit()
    ada.session.rollback()
    ada.session.get(ada.Note, ada.hers).owner_id = ada.bob
    with pytest.raises(Refusal):
        ada.session.commit()
    ada.session.rollback()
    assert [details["reason"] for details in ada.records.of("access.refused")] == [
        "added for somebody else",
        "added for somebody else",
        "given to somebody else",
    ]


def test_a_row_that_came_by_another_way_cannot_be_changed_or_deleted(ada):
    with everyone(ada.Note):
        stray = ada.session.get(ada.Note, ada.his)
    stray.text = "defaced"
    with pytest.raises(Refusal):
        ada.session.commit()
    ada.session.rollback()
    ada.session.delete(stray)
    with pytest.raises(Refusal):
        ada.session.commit()


def test_what_an_escape_loaded_is_not_found_by_get_afterwards(ada):
    with everyone(ada.Note):
        kept = ada.session.get(ada.Note, ada.his)
        assert kept.text == "bob's"
    assert ada.session.get(ada.Note, ada.his) is None
    assert ada.session.get(ada.Note, ada.hers).text == "ada's"
    with pytest.warns(LegacyAPIWarning):
        assert ada.session.query(ada.Note).get(ada.his) is None
    ada.session.merge(ada.Note(id=ada.his, text="defaced"))
    with pytest.raises((Refusal, IntegrityError)):
        ada.session.commit()


def test_bulk_writes_must_say_whose_rows_they_are(ada):
    Note, session = ada.Note, ada.session  # noqa: N806 - a model
    row = {"id": ada.his, "text": "x", "owner_id": ada.bob}
    for write in (
        lambda: session.execute(insert(Note), [row]),
        lambda: session.execute(insert(Note).values(**row)),
        lambda: session.execute(update(Note), [{"id": ada.his, "text": "x"}]),
        lambda: session.bulk_insert_mappings(Note, [row]),
        lambda: session.bulk_update_mappings(Note, [row]),
        lambda: session.bulk_save_objects([Note(**row)]),
    ):
        with pytest.raises(OwnerUnknown, match="everyone"):
            write()
    for give in (
        lambda: session.execute(update(Note).values(owner_id=ada.bob)),
        lambda: session.execute(update(Note).values({Note.owner_id: ada.bob})),
        lambda: session.execute(update(Note).ordered_values((Note.owner_id, ada.bob))),
        lambda: session.query(Note).update({"owner_id": ada.bob}),
    ):
        with pytest.raises(Refusal):
            give()
    with everyone(Note):
        session.execute(insert(Note), [{"text": "x", "owner_id": ada.bob}])
        session.execute(update(Note).values(owner_id=ada.ada))
        assert session.query(Note).filter_by(owner_id=ada.ada).count() == 3


def test_nobody_signed_in_sees_and_adds_nothing(notes):
    context = notes.as_(None)
    try:
        assert notes.db.session.scalars(select(notes.Note)).all() == []
        notes.db.session.add(notes.Note(text="anonymous"))
        with pytest.raises(Refusal):
            notes.db.session.commit()
        notes.db.session.rollback()
    finally:
        context.pop()


def test_outside_requests_one_must_say_who_asks(notes):
    with notes.app.app_context():
        with pytest.raises(OwnerUnknown, match="acting_as"):
            notes.db.session.scalars(select(notes.Note)).all()
        with pytest.raises(OwnerUnknown, match="acting_as"):
            notes.db.session.scalars(select(notes.User).options(joinedload(notes.User.notes))).unique().all()


# What is let through.


def test_ones_own_rows_are_found_changed_and_deleted(ada):
    note = ada.session.get(ada.Note, ada.hers)
    note.text = "better"
    ada.session.commit()
    assert ada.session.scalar(select(ada.Note.text)) == "better"
    assert [tag.name for tag in note.tags] == ["ada's tag"]
    ada.session.delete(note)
    ada.session.commit()
    assert ada.session.query(ada.Note).count() == 0


def test_a_new_row_belongs_to_who_adds_it(ada):
    ada.session.add(ada.Note(text="new"))
    ada.session.commit()
    assert ada.session.scalar(select(ada.Note.owner_id).where(ada.Note.text == "new")) == ada.ada


def test_administrators_see_everything_by_saying_so(ada):
    with everyone(ada.Note):
        assert set(ada.session.scalars(select(ada.Note.text))) == {"ada's", "bob's"}
        ada.session.get(ada.Note, ada.his).text = "moderated"
        ada.session.commit()
    assert set(ada.session.scalars(select(ada.Note.text))) == {"ada's"}


def test_lazy_loads_inside_an_escape_are_not_narrowed_by_what_came_before(ada):
    bob = ada.session.scalars(
        select(ada.User).options(selectinload(ada.User.roles)).where(ada.User.id == ada.bob)
    ).one()
    with everyone(ada.Note):
        assert [note.text for note in bob.notes] == ["bob's"]


def test_jobs_act_as_somebody(notes):
    with notes.app.app_context():
        bob = notes.db.session.get(notes.User, notes.bob)
        with acting_as(bob):
            assert notes.db.session.scalars(select(notes.Note.text)).all() == ["bob's"]


def test_other_models_are_left_alone(notes):
    with notes.app.app_context():
        assert notes.db.session.query(notes.User).count() == 2
        assert notes.db.session.query(notes.Tag).count() == 2
        assert (
            notes.db.session.scalars(select(notes.User).options(joinedload(notes.User.roles))).unique().all()
        )


def test_a_model_shares_its_rows_by_its_own_rule(notes, monkeypatch):
    Note = notes.Note  # noqa: N806 - a model

    def shared(cls, person):
        mine = cls.owner_id == person.id if person else text("0=1")
        return mine | cls.text.like("bob%")

    monkeypatch.setattr(Note, "visible_to", classmethod(shared))
    context = notes.as_(notes.ada)
    try:
        session = notes.db.session
        assert set(session.scalars(select(Note.text))) == {"ada's", "bob's"}
        session.get(Note, notes.note_of[notes.bob]).text = "only readers may not write"
        with pytest.raises(Refusal):
            session.commit()
        session.rollback()
        assert session.execute(update(Note).values(text="x")).rowcount == 1
        monkeypatch.setattr(Note, "changeable_by", classmethod(shared))
        session.rollback()
        session.get(Note, notes.note_of[notes.bob]).text = "bob's, by an editor"
        session.commit()
    finally:
        context.pop()


def test_one_requests_person_is_not_anothers(notes):
    seen = []
    for person in (notes.ada, notes.bob, notes.ada, None):
        context = notes.as_(person)
        seen.append(notes.db.session.scalars(select(notes.Note.text)).all())
        g.pop("_login_user", None)
        context.pop()
    assert seen == [["ada's"], ["bob's"], ["ada's"], []]
