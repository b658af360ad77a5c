"""Files of notes: kept in the hood's store, seen by whoever sees the note."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from fumehood import StoredFile, UploadRefused, permit

from .database import db
from .forms import Confirm, FilesForm
from .models import Attachment, Note
from .visible import hood, me, note_or_404

__all__ = ["blueprint", "keep_files", "remove_files"]

blueprint = Blueprint("attachments", __name__)

FILES_AT_MOST = 50


def keep_files(note: Note, field: Any) -> list[str] | None:
    """Store the files of a form's field as attachments of a note; the caller commits.

    Returns their ids in the store; None, with the reason at the field, when one is refused, and none is kept then.
    """
    files = [file for file in field.data or [] if getattr(file, "filename", "")]
    if len(note.attachments) + len(files) > FILES_AT_MOST:
        field.errors = [f"A note holds at most {FILES_AT_MOST} files."]
        return None
    kept: list[Any] = []
    taken = {item.name for item in note.attachments}
    try:
        for file in files:
            kept.append(stored := hood().store.save(file))
            name = _free_name(stored.name, taken)
            taken.add(name)
            note.attachments.append(
                Attachment(
                    owner_id=me().id,
                    stored_id=stored.id,
                    name=name,
                    content_type=stored.content_type,
                    size=stored.size,
                )
            )
    except UploadRefused as refused:
        remove_files([stored.id for stored in kept])
        field.errors = [f"{file.filename}: {refused.hint}"]
        return None
    return [stored.id for stored in kept]


def _free_name(name: str, taken: set[str]) -> str:
    """Names within a note are unique: its text refers to images by them."""
    stem, dot, ending = name.rpartition(".")
    if not dot:
        stem, ending = name, ""
    number = 2
    free = name
    while free in taken:
        free = f"{stem}-{number}{dot}{ending}"
        number += 1
    return free


def remove_files(stored_ids: list[str]) -> None:
    """Delete from the store what no note refers to any more."""
    for stored_id in stored_ids:
        hood().store.delete(stored_id)


def _attachment_or_404(attachment_id: int) -> Attachment:
    found: Attachment | None = db.session.scalar(select(Attachment).where(Attachment.id == attachment_id))
    return found or abort(404)


@blueprint.get("/attachments/<int:attachment_id>")
@permit("notes:read")
def show(attachment_id: int) -> ResponseReturnValue:
    attachment = _attachment_or_404(attachment_id)
    answer: ResponseReturnValue = hood().store.response(
        attachment.stored_id, as_attachment="download" in request.args, check=_seen_with_its_note
    )
    return answer


@blueprint.get("/attachments/<int:attachment_id>/preview")
@permit("notes:read")
def preview(attachment_id: int) -> ResponseReturnValue:
    attachment = _attachment_or_404(attachment_id)
    answer: ResponseReturnValue = hood().store.preview(attachment.stored_id, check=_seen_with_its_note)
    return answer


def _seen_with_its_note(_file: StoredFile) -> bool:
    """The store would give a file to its owner only; here its note decides, and the query for the attachment has asked it."""
    return True


@blueprint.post("/notes/<int:note_id>/attachments")
@permit("notes:write")
def add(note_id: int) -> ResponseReturnValue:
    from .notes import shown

    note = note_or_404(note_id)
    if not note.writable_by(me()):
        abort(403)
    form = FilesForm()
    kept = keep_files(note, form.files) if form.validate_on_submit() else None
    if kept is None:
        db.session.rollback()
        return shown(note_or_404(note_id), 422, files_form=form)
    if kept:
        db.session.commit()
        flash("The files are attached.", "success")
    else:
        flash("Choose a file first.", "info")
    return redirect(url_for("notes.read", note_id=note_id, _anchor="attachments"))


@blueprint.route("/attachments/<int:attachment_id>/delete", methods=["GET", "POST"])
@permit("notes:write")
def delete(attachment_id: int) -> ResponseReturnValue:
    attachment = _attachment_or_404(attachment_id)
    if not attachment.note.writable_by(me()):
        abort(403)
    form = Confirm()
    back = url_for("notes.read", note_id=attachment.note_id, _anchor="attachments")
    if form.validate_on_submit():
        db.session.delete(attachment)
        db.session.commit()
        remove_files([attachment.stored_id])
        flash(f"{attachment.name} is deleted.", "success")
        return redirect(back)
    return render_template(
        "confirm.html",
        form=form,
        title="Delete this file?",
        about=f"{attachment.name} will be gone from “{attachment.note.title}”.",
        action="Delete the file",
        back=back,
    )
