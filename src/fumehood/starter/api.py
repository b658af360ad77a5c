"""Notes for programs: JSON with a bearer token, or with the session of a page's own script.

A token has at most what its owner has at the time of use, and at most its scopes.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from flask import Blueprint, abort, jsonify, make_response, url_for
from flask.typing import ResponseReturnValue
from pydantic import BaseModel, ConfigDict, Field, StringConstraints
from sqlalchemy.orm import joinedload

from fumehood import accepts, permit

from .attachments import remove_files
from .database import db
from .forms import TEXT_AT_MOST, TITLE_AT_MOST
from .models import Note
from .notes import Stale, change_note, listed
from .numbers import LARGEST, LAST_PAGE
from .visible import me, note_or_404

__all__ = ["blueprint"]

blueprint = Blueprint("api", __name__, url_prefix="/api")

Title = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=TITLE_AT_MOST)]


class Strict(BaseModel):
    """What is not known is refused: a misspelt field must not be lost in silence."""

    model_config = ConfigDict(extra="forbid")


class NoteIn(Strict):
    title: Title
    text: str = Field(default="", max_length=TEXT_AT_MOST)
    audience: Literal["private", "lab"] = "private"


class NoteChange(NoteIn):
    version: int = Field(
        ge=1, le=LARGEST, description="The version that was read; another one means that somebody was faster."
    )


class Wanted(Strict):
    q: str = Field(default="", max_length=200)
    show: Literal["all", "mine", "shared"] = "all"
    page: int = Field(default=1, ge=1, le=LAST_PAGE)
    per_page: int = Field(default=20, ge=1, le=100)


class NoteOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: int
    title: str
    text: str
    audience: str
    version: int
    owner_id: int
    created_at: datetime
    changed_at: datetime
    url: str


def _out(note: Note) -> dict[str, Any]:
    shown = NoteOut.model_validate(
        {name: getattr(note, name) for name in NoteOut.model_fields if name != "url"}
        | {"url": url_for("api.read", note_id=note.id, _external=True)}
    )
    # SQLite keeps no zone; programs are told that it is UTC.
    answer = shown.model_dump(mode="json")
    return answer | {key: answer[key] + "Z" for key in ("created_at", "changed_at")}


@blueprint.get("/notes")
@permit("notes:read")
@accepts(Wanted, source="query")
def index(query: Wanted) -> ResponseReturnValue:
    statement = listed(query.show, query.q.strip()).options(joinedload(Note.owner))
    pages = db.paginate(
        statement, page=query.page, per_page=query.per_page, max_per_page=100, error_out=False
    )
    return jsonify(
        notes=[_out(note) for note in pages.items],
        page=query.page,
        per_page=query.per_page,
        total=pages.total,
        pages=pages.pages,
    )


@blueprint.post("/notes")
@permit("notes:write")
@accepts(NoteIn)
def add(body: NoteIn) -> ResponseReturnValue:
    note = Note(owner_id=me().id, **body.model_dump())
    db.session.add(note)
    db.session.commit()
    answer = make_response(_out(note), 201)
    answer.headers["Location"] = url_for("api.read", note_id=note.id)
    return answer


@blueprint.get("/notes/<int:note_id>")
@permit("notes:read")
def read(note_id: int) -> ResponseReturnValue:
    return _out(note_or_404(note_id))


@blueprint.put("/notes/<int:note_id>")
@permit("notes:write")
@accepts(NoteChange)
def change(note_id: int, body: NoteChange) -> ResponseReturnValue:
    note = note_or_404(note_id)
    if not note.writable_by(me()):
        abort(403)
    try:
        change_note(note, body.title, body.text, body.audience, body.version)
    except Stale:
        abort(409, "Somebody else has changed this note. Read it again, and send the version that you read.")
    return _out(note_or_404(note_id))


@blueprint.delete("/notes/<int:note_id>")
@permit("notes:write")
def delete(note_id: int) -> ResponseReturnValue:
    note = note_or_404(note_id)
    if not note.ruled_by(me()):
        abort(403)
    stored = [item.stored_id for item in note.attachments]
    db.session.delete(note)
    db.session.commit()
    remove_files(stored)
    return "", 204
