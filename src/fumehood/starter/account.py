"""A person's own account: name, password, sessions, tokens for programs."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Flask, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_security.signals import password_changed, password_reset, user_registered
from sqlalchemy import select

from fumehood import allow, create_token, current_person, end_session, revoke_token, sessions_of, tokens_of

from .database import db
from .forms import Confirm, NameForm, TokenForm
from .models import Role, User
from .roles import PERMISSIONS, READER
from .visible import me

__all__ = ["blueprint", "init_app"]

blueprint = Blueprint("account", __name__, url_prefix="/account")

# What somebody with a one-time password may still open.
_OPEN = frozenset({"security.change_password", "security.logout", "security.login", "security.verify"})


def init_app(app: Flask) -> None:
    """Follow what happens to accounts."""
    user_registered.connect(_join, app)
    password_changed.connect(_has_own_password, app)
    password_reset.connect(_has_own_password, app)
    app.before_request(_change_first)


def _join(app: Flask, user: User, **_more: Any) -> None:
    """Who signs up is somebody with an address, no more: they have no role until an administrator gives them one."""
    if app.config["NEWCOMERS"] != "read":
        return
    reader = db.session.scalar(select(Role).where(Role.name == READER))
    if reader is not None:
        user.roles.append(reader)


def _has_own_password(_app: Flask, user: User, **_more: Any) -> None:
    user.must_change_password = False
    db.session.commit()
    flash("Your other sessions and your API tokens have ended.", "info")


def _change_first() -> ResponseReturnValue | None:
    """A one-time password opens one door only: to the page that replaces it."""
    endpoint = request.endpoint or "static"
    if endpoint in _OPEN or endpoint.endswith("static") or endpoint.startswith("fumehood"):
        return None
    person = current_person()
    if person is None or not person.account.must_change_password:
        return None
    flash("Your password was good for once. Choose one of your own.", "info")
    return redirect(url_for("security.change_password"))


@blueprint.route("", methods=["GET", "POST"])
@allow
def show() -> ResponseReturnValue:
    person = me()
    form = NameForm(obj=person.account)
    if form.validate_on_submit():
        person.account.name = form.name.data.strip()
        db.session.commit()
        flash("Your name is saved.", "success")
        return redirect(url_for("account.show"))
    return render_template(
        "account/show.html",
        form=form,
        account=person.account,
        sessions=sessions_of(person.id),
        confirm=Confirm(formdata=None),
    ), 422 if form.errors else 200


@blueprint.post("/sessions/<session_id>/end")
@allow
def end(session_id: str) -> ResponseReturnValue:
    if Confirm().validate_on_submit() and end_session(session_id, account=me().id):
        flash("That session is over.", "success")
    return redirect(url_for("account.show", _anchor="sessions"))


@blueprint.route("/tokens", methods=["GET", "POST"])
@allow
def tokens() -> ResponseReturnValue:
    person = me()
    form = TokenForm()
    # Nobody gives a program more than they have.
    form.scopes.choices = {name: words for name, words in PERMISSIONS.items() if person.may(name)}
    made = None
    if form.validate_on_submit():
        made, _ = create_token(person.id, form.name.data, form.scopes.data, days=form.days.data)
        form = TokenForm(formdata=None)
        form.scopes.choices = {name: words for name, words in PERMISSIONS.items() if person.may(name)}
    return render_template(
        "account/tokens.html",
        form=form,
        tokens=tokens_of(person.id),
        made=made,
        confirm=Confirm(formdata=None),
    ), 422 if form.errors else 200


@blueprint.post("/tokens/<token_id>/revoke")
@allow
def revoke(token_id: str) -> ResponseReturnValue:
    if Confirm().validate_on_submit() and revoke_token(token_id, account=me().id):
        flash("The token works no more.", "success")
    return redirect(url_for("account.tokens"))
