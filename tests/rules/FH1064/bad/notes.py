# engine: code
"""Notes that only their owner removes, while assertions are on."""

from flask import Blueprint
from flask_login import current_user, login_required

from store import Note

notes = Blueprint("notes", __name__)


@notes.delete("/notes/<int:number>")
@login_required
def remove(number):
    note = Note.query.get_or_404(number)
    assert note.owner_id == current_user.id  # finds: FH1064
    note.remove()
    return "", 204
