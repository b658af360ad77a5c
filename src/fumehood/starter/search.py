"""Full-text search: every word must be there, each as the beginning of a word.

SQLite answers from an FTS5 table that follows the notes, PostgreSQL from an index on a text-search vector; both are made by the
migrations. The words are bound values in either.
"""

from __future__ import annotations

import re
from typing import Any

from sqlalchemy import (
    Connection,
    bindparam,
    column,
    delete,
    event,
    false,
    func,
    insert,
    literal_column,
    select,
    table,
    update,
)

from .database import db
from .models import Note, search_vector

# Not a trigger's work: SQLite before 3.44 refuses virtual tables in triggers where the schema is not trusted, as the hood has it.
_INDEX = table("note_search", column("rowid"), column("title"), column("text"), column("note_search"))

__all__ = ["WORDS_AT_MOST", "matches", "words_of"]

WORDS_AT_MOST = 12


def words_of(query: str) -> list[str]:
    """Return the words of what somebody typed; punctuation parts words, as it does in the index."""
    return re.findall(r"[^\W_]+", query.casefold())[:WORDS_AT_MOST]


def matches(words: list[str]) -> Any:
    """Return the criterion for notes that have all of some words; without a word there is nothing to find."""
    if not words:
        return false()
    if db.engine.dialect.name == "postgresql":
        wanted = " & ".join(f"{word}:*" for word in words)
        return search_vector().op("@@")(
            func.to_tsquery(literal_column("'simple'::regconfig"), bindparam("words", wanted))
        )
    wanted = " ".join(f'"{word}"*' for word in words)
    found = select(_INDEX.c.rowid).where(_INDEX.c.note_search.op("MATCH")(bindparam("words", wanted)))
    return Note.id.in_(found)


@event.listens_for(Note, "after_insert")
def _added(_mapper: Any, connection: Connection, note: Note) -> None:
    if connection.dialect.name == "sqlite":
        connection.execute(insert(_INDEX).values(rowid=note.id, title=note.title, text=note.text))


@event.listens_for(Note, "after_update")
def _changed(_mapper: Any, connection: Connection, note: Note) -> None:
    if connection.dialect.name == "sqlite":
        entry = update(_INDEX).where(_INDEX.c.rowid == note.id)
        connection.execute(entry.values(title=note.title, text=note.text))


@event.listens_for(Note, "after_delete")
def _removed(_mapper: Any, connection: Connection, note: Note) -> None:
    if connection.dialect.name == "sqlite":
        connection.execute(delete(_INDEX).where(_INDEX.c.rowid == note.id))
