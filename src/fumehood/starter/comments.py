"""Comments on notes."""

from __future__ import annotations

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from fumehood import permit

from .database import db
from .forms import CommentForm, Confirm
from .models import Comment
from .notes import shown
from .visible import me, note_or_404

__all__ = ["blueprint"]

blueprint = Blueprint("comments", __name__)


@blueprint.post("/notes/<int:note_id>/comments")
@permit("comments:write")
def add(note_id: int) -> ResponseReturnValue:
    note = note_or_404(note_id)
    form = CommentForm()
    if not form.validate_on_submit():
        return shown(note, 422, comment_form=form)
    comment = Comment(note_id=note.id, owner_id=me().id, text=form.text.data)
    db.session.add(comment)
    db.session.commit()
    flash("Your comment is there.", "success")
    return redirect(url_for("notes.read", note_id=note.id, _anchor=f"comment-{comment.id}"))


@blueprint.route("/comments/<int:comment_id>/delete", methods=["GET", "POST"])
@permit("comments:write")
def delete(comment_id: int) -> ResponseReturnValue:
    comment = db.session.scalar(select(Comment).where(Comment.id == comment_id)) or abort(404)
    if comment.owner_id != me().id:
        abort(403)
    form = Confirm()
    back = url_for("notes.read", note_id=comment.note_id, _anchor="comments")
    if form.validate_on_submit():
        db.session.delete(comment)
        db.session.commit()
        flash("Your comment is deleted.", "success")
        return redirect(back)
    return render_template(
        "confirm.html",
        form=form,
        title="Delete your comment?",
        about="Nobody will be able to read it any more.",
        quote=comment.text,
        action="Delete the comment",
        back=back,
    )
