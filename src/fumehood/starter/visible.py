"""Who asks, and what they may see."""

from __future__ import annotations

from typing import Any

from flask import abort, current_app
from sqlalchemy import select

from fumehood import Person, current_person

from .database import db
from .models import Note

__all__ = ["hood", "me", "note_or_404"]


def hood() -> Any:
    """Return the hood of this application: its journal, its store."""
    return current_app.extensions["fumehood"]


def me() -> Person:
    """Return who is signed in; the view demands that somebody is."""
    person = current_person()
    return person or abort(401)


def note_or_404(note_id: int) -> Note:
    """Return a note that the person may see. Others' notes are as if they were not there."""
    note: Note | None = db.session.scalar(select(Note).where(Note.id == note_id))
    return note or abort(404)
