"""Notes for named people."""

from __future__ import annotations

from flask import Blueprint, abort, flash, redirect, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import func, select

from fumehood import permit

from .database import db
from .forms import Confirm, ShareForm
from .models import Note, Share, User
from .notes import shown
from .visible import me, note_or_404

__all__ = ["blueprint"]

blueprint = Blueprint("sharing", __name__)


def _own_note(note_id: int) -> Note:
    note = note_or_404(note_id)
    if not note.ruled_by(me()):
        abort(403)
    return note


@blueprint.post("/notes/<int:note_id>/shares")
@permit("notes:write")
def share(note_id: int) -> ResponseReturnValue:
    note = _own_note(note_id)
    form = ShareForm()
    if not form.validate_on_submit():
        return shown(note, 422, share_form=form)
    wanted = form.email.data.strip().casefold()
    person = db.session.scalar(select(User).where(func.lower(User.email) == wanted, User.active))
    if person is None:
        form.email.errors = ["Nobody in the lab has this address."]
        return shown(note, 422, share_form=form)
    if person.id == note.owner_id:
        form.email.errors = ["It is your own note."]
        return shown(note, 422, share_form=form)
    held = db.session.get(Share, (note.id, person.id)) or Share(note_id=note.id, person_id=person.id)
    held.can_write = form.can_write.data == "write"
    db.session.add(held)
    db.session.commit()
    flash(f"Shared with {person.shown_name}.", "success")
    return redirect(url_for("notes.read", note_id=note.id, _anchor="sharing"))


@blueprint.post("/notes/<int:note_id>/shares/<int:person_id>/end")
@permit("notes:write")
def end(note_id: int, person_id: int) -> ResponseReturnValue:
    note = _own_note(note_id)
    held = db.session.get(Share, (note.id, person_id))
    if held is not None and Confirm().validate_on_submit():
        name = held.person.shown_name
        db.session.delete(held)
        db.session.commit()
        flash(f"No longer shared with {name}.", "success")
    return redirect(url_for("notes.read", note_id=note.id, _anchor="sharing"))
