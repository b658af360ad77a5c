"""The security journal, for administrators to read."""

from __future__ import annotations

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from fumehood import permit

from .database import db
from .models import User
from .numbers import asked_number
from .visible import hood

__all__ = ["blueprint"]

blueprint = Blueprint("journal", __name__)

_SHOWN = 50
_KINDS = {
    "": "Everything",
    "login.": "Signing in",
    "request.": "Refused requests",
    "access.": "Refused access",
    "password.": "Passwords",
    "role.": "Roles",
    "account.": "Accounts",
    "upload.": "Uploads",
    "token.": "Tokens",
}


@blueprint.get("/journal")
@permit("journal:read")
def index() -> ResponseReturnValue:
    kind = request.args.get("kind", "")
    kind = kind if kind in _KINDS else ""
    before = asked_number("before")
    entries = hood().journal.latest(_SHOWN + 1, before=before, event=kind)
    shown = entries[:_SHOWN]
    ids = {int(who) for entry in shown for who in (entry.actor, entry.subject) if who and who.isdecimal()}
    names = {
        str(user.id): user.shown_name for user in db.session.scalars(select(User).where(User.id.in_(ids)))
    }
    return render_template(
        "journal.html",
        entries=shown,
        names=names,
        kind=kind,
        kinds=_KINDS,
        before=before,
        older=shown[-1].number if len(entries) > _SHOWN else None,
    )
