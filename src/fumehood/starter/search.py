"""Full-text search: every word must be there, each as the beginning of a word.

SQLite answers from an FTS5 table, PostgreSQL from an index on a text-search vector; both are made by the migrations. The words are
bound values in either.
"""

from __future__ import annotations

import re
from typing import Any

from sqlalchemy import bindparam, column, func, literal_column, select, table

from .database import db
from .models import Note, search_vector

__all__ = ["WORDS_AT_MOST", "matches", "words_of"]

WORDS_AT_MOST = 12


def words_of(query: str) -> list[str]:
    """Return the words of what somebody typed; punctuation parts words, as it does in the index."""
    return re.findall(r"[^\W_]+", query.casefold())[:WORDS_AT_MOST]


def matches(words: list[str]) -> Any:
    """Return the criterion for notes that have all of some words."""
    if db.engine.dialect.name == "postgresql":
        wanted = " & ".join(f"{word}:*" for word in words)
        return search_vector().op("@@")(
            func.to_tsquery(literal_column("'simple'::regconfig"), bindparam("words", wanted))
        )
    wanted = " ".join(f'"{word}"*' for word in words)
    index = table("note_search", column("rowid"), column("note_search"))
    return Note.id.in_(
        select(index.c.rowid).where(index.c.note_search.op("MATCH")(bindparam("words", wanted)))
    )
