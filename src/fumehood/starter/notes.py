"""The pages of the notebook: list, search, read, write, delete."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import func, select
from sqlalchemy.orm import joinedload, selectinload
from sqlalchemy.orm.exc import StaleDataError

from fumehood import allow, permit

from .attachments import keep_files, remove_files
from .database import db, now
from .forms import CommentForm, Confirm, FilesForm, NoteForm, ShareForm
from .models import Attachment, Comment, Note, Share
from .numbers import asked_number, asked_page
from .pages import PER_PAGE, counted
from .search import matches, words_of
from .visible import me, note_or_404

__all__ = ["Stale", "blueprint", "change_note", "listed", "shown"]

blueprint = Blueprint("notes", __name__)

# The heading of each list, and the words on its tab.
_SHOWN = {
    "all": ("All notes", "All"),
    "mine": ("My notes", "Mine"),
    "shared": ("Shared with me", "Shared with me"),
}


class Stale(Exception):
    """Somebody else has changed the note since it was read."""


def listed(show: str, query: str = "") -> Any:
    """Return the statement for the notes that the person may see, the last changed first.

    Parameters:
        show: ``all``, ``mine`` or ``shared``.
        query: what was searched for; empty for everything.
    """
    person = me()
    statement = select(Note).order_by(Note.changed_at.desc(), Note.id.desc())
    if show == "mine":
        statement = statement.where(Note.owner_id == person.id)
    elif show == "shared":
        named = select(Share.note_id).where(Share.person_id == person.id)
        statement = statement.where(Note.id.in_(named))
    return statement.where(matches(words_of(query))) if query else statement


def change_note(note: Note, title: str, text: str, audience: str, version: int) -> None:
    """Change a note, unless somebody else was faster.

    Raises:
        Stale: when it is not the version that the person has seen any more.
    """
    if note.version != version:
        raise Stale
    note.title, note.text = title, text
    if note.ruled_by(me()):
        note.audience = audience
    note.changed_at, note.changed_by_id = now(), me().id
    try:
        db.session.commit()
    except StaleDataError:
        db.session.rollback()
        raise Stale from None


@blueprint.get("/")
@allow
def home() -> ResponseReturnValue:
    if not me().may("notes:read"):
        return render_template("waiting.html")
    return redirect(url_for("notes.index"))


@blueprint.get("/notes")
@permit("notes:read")
def index() -> ResponseReturnValue:
    query = request.args.get("q", "")[:200].strip()
    show = request.args.get("show", "all")
    statement = listed(show, query).options(joinedload(Note.owner), selectinload(Note.attachments))
    pages = db.paginate(statement, page=asked_page(), per_page=PER_PAGE, error_out=False)
    return render_template(
        "notes/index.html",
        pages=pages,
        query=query,
        words=words_of(query),
        show=show if show in _SHOWN else "all",
        kinds=_SHOWN,
        comments=_comment_counts(note.id for note in pages.items),
    )


def _comment_counts(note_ids: Iterable[int]) -> dict[int, int]:
    counted = (
        select(Comment.note_id, func.count())
        .where(Comment.note_id.in_(list(note_ids)))
        .group_by(Comment.note_id)
    )
    return {row[0]: row[1] for row in db.session.execute(counted)}


@blueprint.get("/notes/<int:note_id>")
@permit("notes:read")
def read(note_id: int) -> ResponseReturnValue:
    return shown(note_or_404(note_id))


def shown(note: Note, status: int = 200, **forms: Any) -> ResponseReturnValue:
    """Show a note; ``forms`` replace the empty ones when what somebody sent must be corrected."""
    parts: dict[str, Any] = {
        "comment_form": CommentForm(formdata=None),
        "share_form": ShareForm(formdata=None),
        "files_form": FilesForm(formdata=None),
        "confirm": Confirm(formdata=None),
    }
    return render_template("notes/read.html", note=note, person=me(), **(parts | forms)), status


@blueprint.route("/notes/new", methods=["GET", "POST"])
@permit("notes:write")
def write() -> ResponseReturnValue:
    form = NoteForm()
    if "preview" in request.form:
        return edited(form, None)
    if form.validate_on_submit():
        note = Note(
            owner_id=me().id,
            title=form.title.data.strip(),
            text=form.text.data or "",
            audience=form.audience.data,
        )
        db.session.add(note)
        db.session.flush()
        if keep_files(note, form.files) is not None:
            db.session.commit()
            flash("The note is saved.", "success")
            return redirect(url_for("notes.read", note_id=note.id))
        db.session.rollback()
    return edited(form, None)


@blueprint.route("/notes/<int:note_id>/edit", methods=["GET", "POST"])
@permit("notes:write")
def edit(note_id: int) -> ResponseReturnValue:
    note = note_or_404(note_id)
    if not note.writable_by(me()):
        abort(403)
    form = NoteForm(obj=note, files=[])
    if "preview" in request.form:
        return edited(form, note)
    if form.validate_on_submit():
        kept = keep_files(note, form.files)
        if kept is None:
            db.session.rollback()
            return edited(form, note_or_404(note_id))
        try:
            change_note(
                note,
                form.title.data.strip(),
                form.text.data or "",
                form.audience.data,
                form.version.data or 0,
            )
        except Stale:
            remove_files(kept)
            return _conflict(note_id, form)
        flash("The note is saved.", "success")
        return redirect(url_for("notes.read", note_id=note_id))
    return edited(form, note)


def edited(form: NoteForm, note: Note | None) -> ResponseReturnValue:
    """Show the editor, with a preview when it was asked for and with what is wrong."""
    attachments: list[Attachment] = list(note.attachments) if note else []
    status = 422 if form.errors else 200
    return render_template(
        "notes/edit.html", form=form, note=note, attachments=attachments, preview="preview" in request.form,
        rules=note is None or note.ruled_by(me()),
    ), status  # fmt: skip


def _conflict(note_id: int, form: NoteForm) -> ResponseReturnValue:
    db.session.rollback()
    theirs = note_or_404(note_id)
    form.version.data = theirs.version
    form.version.raw_data = None
    return render_template(
        "notes/edit.html", form=form, note=theirs, attachments=list(theirs.attachments), theirs=theirs,
        preview=False, rules=theirs.ruled_by(me()),
    ), 409  # fmt: skip


@blueprint.post("/notes/preview")
@permit("notes:write")
def preview() -> ResponseReturnValue:
    """The rendered text alone, for the editor's script."""
    form = NoteForm()
    attached: list[Attachment] = []
    if note_id := asked_number("note"):
        attached = list(note_or_404(note_id).attachments)
    return render_template("notes/preview.html", text=(form.text.data or "")[:100_000], attachments=attached)


@blueprint.route("/notes/<int:note_id>/delete", methods=["GET", "POST"])
@permit("notes:write")
def delete(note_id: int) -> ResponseReturnValue:
    note = note_or_404(note_id)
    if not note.ruled_by(me()):
        abort(403)
    form = Confirm()
    if form.validate_on_submit():
        stored = [item.stored_id for item in note.attachments]
        db.session.delete(note)
        db.session.commit()
        remove_files(stored)
        flash(f"“{note.title}” is deleted.", "success")
        return redirect(url_for("notes.index"))
    return render_template(
        "confirm.html",
        form=form,
        title="Delete this note?",
        about=f"“{note.title}” will be gone, with {counted(len(note.comments), 'comment')} and "
        f"{counted(len(note.attachments), 'attachment')}.",
        action="Delete the note",
        back=url_for("notes.read", note_id=note_id),
    )
