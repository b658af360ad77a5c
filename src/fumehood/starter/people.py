"""The page where administrators see to people and their roles."""

from __future__ import annotations

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import func, or_, select

from fumehood import activate as activate_account
from fumehood import deactivate as deactivate_account
from fumehood import grant_role, permit, revoke_role

from .database import db
from .forms import Confirm, RoleForm
from .models import Note, Role, User
from .numbers import asked_page
from .pages import PER_PAGE
from .roles import ADMIN, ROLES
from .visible import me

__all__ = ["blueprint"]

blueprint = Blueprint("people", __name__, url_prefix="/people")


@blueprint.get("")
@permit("people:manage")
def index() -> ResponseReturnValue:
    query = request.args.get("q", "")[:100].strip()
    # Who waits to be let in comes first.
    waits = ~User.roles.any()
    statement = select(User).order_by(User.active.desc(), waits.desc(), func.lower(User.email))
    if query:
        part = query.casefold()
        statement = statement.where(
            or_(
                func.lower(User.email).contains(part, autoescape=True),
                func.lower(User.name).contains(part, autoescape=True),
            )
        )
    pages = db.paginate(statement, page=asked_page(), per_page=PER_PAGE, error_out=False)
    return render_template("people/index.html", pages=pages, query=query, roles=ROLES)


@blueprint.route("/<int:person_id>", methods=["GET", "POST"])
@permit("people:manage")
def show(person_id: int) -> ResponseReturnValue:
    person = db.session.get(User, person_id) or abort(404)
    form = RoleForm(data={"role": person.role or "reader", "before": person.role})
    if form.validate_on_submit():
        if person.id == me().id and form.role.data != ADMIN:
            form.role.errors = [
                "Ask another administrator to take this role from you: somebody must keep it."
            ]
        elif (form.before.data or "") != person.role:
            form.role.errors = ["Another administrator has just changed this role. Look again, then save."]
        else:
            _become(person, form.role.data)
            flash(f"{person.shown_name} is now {form.role.data}.", "success")
            return redirect(url_for("people.show", person_id=person.id))
    return render_template(
        "people/show.html", account=person, form=form, confirm=Confirm(formdata=None), roles=ROLES,
        myself=person.id == me().id, notes=_note_count(person.id),
    ), 422 if form.errors else 200  # fmt: skip


def _note_count(person_id: int) -> int:
    """How many notes, none of their content: also those that the administrator may not see."""
    table = Note.__table__.c
    return db.session.scalar(select(func.count(table.id)).where(table.owner_id == person_id)) or 0


def _become(person: User, role: str) -> None:
    for held in list(person.roles):
        if held.name != role and held.name in ROLES:
            revoke_role(person, held.name, commit=False)
    if db.session.scalar(select(Role).where(Role.name == role)) is None:
        abort(409, "This role is not in the database; run the set-up again.")
    grant_role(person, role)


@blueprint.post("/<int:person_id>/active")
@permit("people:manage")
def switch(person_id: int) -> ResponseReturnValue:
    person = db.session.get(User, person_id) or abort(404)
    if person.id == me().id:
        flash("You cannot close your own account.", "error")
    elif Confirm().validate_on_submit():
        if person.active:
            deactivate_account(person)
            flash(f"{person.shown_name} can no longer sign in; their notes stay.", "success")
        else:
            activate_account(person)
            flash(f"{person.shown_name} can sign in again.", "success")
    return redirect(url_for("people.show", person_id=person.id))
