"""Accounts on Flask-Security, set up the secure way. Loaded only when an app brings its user model."""

from __future__ import annotations

import hashlib
import logging
from datetime import timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Any, cast

from flask import Blueprint, Flask, g, session
from flask_login import current_user, user_logged_in, user_logged_out
from flask_security import Security, SQLAlchemyUserDatastore
from flask_security.signals import password_changed, password_reset, user_confirmed, user_registered
from flask_security.utils import set_request_attr
from sqlalchemy import bindparam, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import joinedload

from fumehood.practices.access import sessions, tokens
from fumehood.practices.access.forms import FORMS, insist_on_plain_fields
from fumehood.practices.access.login_late import ask_login_late
from fumehood.practices.access.people import Person, forget_person, person_of
from fumehood.practices.access.security_parts import HoodMail, HoodPasswords
from fumehood.practices.interface import Refusal, installed
from fumehood.practices.passwords import devices
from fumehood.practices.passwords.hashing import Context
from fumehood.practices.passwords.signing import RotatingSerializer
from fumehood.settings import ConfigurationError, Settings

if TYPE_CHECKING:
    from fumehood.practices.interface import Installation

__all__ = ["install_accounts"]

logger = logging.getLogger(__name__)


def install_accounts(app: Flask, installation: Installation) -> None:
    """Set up Flask-Security on the app's models.

    Raises:
        ConfigurationError: when the app set it up already, or the models lack what accounts need.
    """
    if "security" in app.extensions or hasattr(app, "login_manager"):
        raise ConfigurationError(
            "Fumehood(user=...) sets up Flask-Security and Flask-Login; remove the app's own Security(...) or LoginManager(...), "
            "or keep them and give Fumehood no user model."
        )
    for name in ("email", "password", "active", "fs_uniquifier", "roles"):
        if not hasattr(installation.user, name):
            raise ConfigurationError(
                f"{installation.user.__name__} has no {name!r}: accounts need the columns of fumehood.AccountMixin."
            )
    for key, value in _configuration(installation.settings).items():
        app.config.setdefault(f"SECURITY_{key}", value)
    # Its templates come before Flask-Security's and after the app's own.
    pages = Blueprint(
        "fumehood_accounts",
        __name__,
        template_folder="templates",
        static_folder="static",
        static_url_path="/_fumehood/accounts",
    )
    app.register_blueprint(pages)
    if not (
        installation.settings.site_url or installation.development or installation.settings.mail == "console"
    ):
        logger.warning(
            "FUMEHOOD_SITE_URL is not set: links in mail are made of the host and port that a request names. Set it to the address of"
            " the site, such as FUMEHOOD_SITE_URL=https://notes.example.org"
        )
    security = Security(
        app,
        SQLAlchemyUserDatastore(installation.db, installation.user, installation.role),
        password_util_cls=HoodPasswords,
        mail_util_cls=HoodMail,
        **cast("Any", FORMS),
    )
    _use_own_parts(app, installation, security)
    app.before_request_funcs.setdefault(app.config["SECURITY_BLUEPRINT_NAME"], []).append(
        insist_on_plain_fields
    )
    _follow_signals(app)
    if installation.identity is None:
        installation.identity = _who


def _configuration(settings: Settings) -> dict[str, Any]:
    return {
        "PASSWORD_HASH": "argon2",  # what really hashes is the hood's own hasher, see _use_own_parts
        "PASSWORD_SCHEMES": ["argon2"],
        "PASSWORD_SINGLE_HASH": True,
        "PASSWORD_NORMALIZE_FORM": "NFKC",
        "INPUT_NORMALIZE_FORM": "NFKC",
        "PASSWORD_LENGTH_MIN": settings.password_min_length,
        "RETURN_GENERIC_RESPONSES": True,
        "REGISTERABLE": settings.sign_up,
        "CONFIRMABLE": settings.sign_up and settings.confirm_email,
        "RECOVERABLE": True,
        "CHANGEABLE": True,
        "RESET_PASSWORD_WITHIN": timedelta(hours=1),
        "CONFIRM_EMAIL_WITHIN": timedelta(days=2),
        "FRESHNESS": timedelta(seconds=settings.fresh_seconds),
        "FRESHNESS_GRACE_PERIOD": timedelta(0),
        "FRESHNESS_ALLOW_AUTH_TOKEN": False,
        "API_ENABLED_METHODS": ["session"],
        "LOGOUT_METHODS": ["POST"],
        # As it is by default it is written "no-store=True", which caches need not understand.
        "CACHE_CONTROL": {"no-store": None},
        "EMAIL_SENDER": settings.mail_from,
        "EMAIL_HTML": False,
        # A confirmation shows whether an address receives mail; asking the DNS of any domain that a stranger names does not.
        "EMAIL_VALIDATOR_ARGS": {"check_deliverability": False},
        # Commands of its own make accounts without policy or journal; the hood has `fumehood people`.
        "CLI_USERS_NAME": False,
        "CLI_ROLES_NAME": False,
    }


def _use_own_parts(app: Flask, installation: Installation, security: Security) -> None:
    from fumehood.practices.passwords.guard import GuardPasswords

    guard = installation.guards["passwords"]
    if isinstance(guard, GuardPasswords):
        security.pwd_context = Context(guard.hasher)
    # Its own is slow on purpose, which would show by the time of the answer that a reset was mailed.
    security.hashing_context = _Digest()
    for name in (
        "remember",
        "login",
        "reset",
        "change_email",
        "confirm",
        "us_setup",
        "tf_setup",
        "tf_validity",
        "wan",
    ):
        setattr(security, f"{name}_serializer", RotatingSerializer(installation, f"accounts.{name}"))
    manager = security.login_manager
    manager.session_protection = (
        None  # it binds to address and User-Agent; sessions are known on the server instead
    )
    manager.user_loader(_load_by_session)
    manager.request_loader(_load_by_token)
    _ask_principal_late(app, security)
    ask_login_late(app, manager)


def _ask_principal_late(app: Flask, security: Security) -> None:
    """Flask-Principal loads the user before every request, for static files too; here ``g.identity`` is made when it is read."""
    app.before_request_funcs[None].remove(security.principal._on_before_request)
    held: Any = app.app_ctx_globals_class

    class Globals(held):  # type: ignore[misc]
        def __getattr__(self, name: str) -> Any:
            if name == "identity":
                from flask_principal import AnonymousIdentity, Identity

                account = current_user._get_current_object()
                known = account is not None and account.is_authenticated
                security.principal._set_thread_identity(
                    Identity(account.fs_uniquifier) if known else AnonymousIdentity()
                )
                return self.__dict__["identity"]
            return super().__getattr__(name)

    app.app_ctx_globals_class = Globals


def _load_by_session(uniquifier: str) -> Any:
    """Flask-Login's user loader: the account of a session that has not ended, unless the request speaks for a token."""
    if not uniquifier or tokens.bearer() is not None:
        return None
    account = _account("fs_uniquifier", str(uniquifier))
    if account is None or not account.active or not sessions.is_known(account.id):
        return None
    set_request_attr("fs_authn_via", "session")
    set_request_attr("fs_paa", session.get("fs_paa", 0))
    return account


def _load_by_token(_request: Any) -> Any:
    """Flask-Login's request loader: the account of a bearer token."""
    token = tokens.token_of_request()
    if token is None:
        return None
    model = installed().user
    try:
        key = model.id.type.python_type(token.account)
    except (NotImplementedError, ValueError):
        return None
    account = _account("id", key)
    if account is None or not account.active:
        return None
    set_request_attr("fs_authn_via", "token")
    set_request_attr("fs_paa", 0)
    g._fumehood_token = token
    return account


def _account(column: str, value: Any) -> Any:
    installation = installed()
    # Who asks is not known yet: ownership has no say in it.
    found = installation.db.session.execute(
        _account_by(installation.user, column),
        {"value": value},
        execution_options={"fumehood_everyone": True},
    )
    return found.unique().scalar_one_or_none()


@lru_cache(maxsize=64)
def _account_by(model: Any, column: str) -> Any:
    """The account and its roles in one query, built once."""
    return select(model).where(getattr(model, column) == bindparam("value")).options(joinedload(model.roles))


def _who() -> Person | None:
    account = current_user._get_current_object()
    if account is None or not account.is_authenticated:
        return None
    token: tokens.Token | None = g.get("_fumehood_token")
    if token is None:
        return person_of(account, proved_at=float(session.get("fs_paa") or 0))
    whole = person_of(account, token=token.id)
    if tokens.EVERYTHING in token.scopes:
        return whole
    # Permissions as its owner has them now, and never its roles: a scope names what it opens.
    return person_of(account, token=token.id, limited_to=token.scopes)


def _follow_signals(app: Flask) -> None:
    for signal, receiver in (
        (user_logged_in, _logged_in),
        (user_logged_out, _logged_out),
        (password_changed, _changed),
        (password_reset, _was_reset),
        (user_registered, _registered),
        (user_confirmed, _confirmed),
    ):
        signal.connect(receiver, app)


def _logged_in(app: Flask, user: Any, **_more: Any) -> None:
    import time

    sessions.begin(user.id)
    session.permanent = bool(g.pop("_fumehood_remember", False))
    session["fs_paa"] = time.time()
    forget_person()
    installed(app).record("login.succeeded", actor=str(user.id))


def _logged_out(app: Flask, user: Any, **_more: Any) -> None:
    sessions.end()
    forget_person()
    if user is not None and user.is_authenticated:
        installed(app).record("logout", actor=str(user.id))


def _changed(app: Flask, user: Any, **_more: Any) -> None:
    sessions.end_all(user.id, but_current=True)
    # Who changes a password because somebody else knows it wants that one out, by every door.
    tokens.revoke_all_tokens(user.id)
    installed(app).record("password.changed", subject=str(user.id))


def _was_reset(app: Flask, user: Any, **_more: Any) -> None:
    sessions.end_all(user.id)
    tokens.revoke_all_tokens(user.id)
    # Who reads the account's mail is its owner: guessing elsewhere must not slow them down now.
    devices.remember(str(user.email).casefold())
    installed(app).record("password.reset", subject=str(user.id))


def _registered(app: Flask, user: Any, **_more: Any) -> None:
    session = installed(app).db.session
    try:
        # The id is given by the database, and the journal needs it now.
        session.flush()
    except IntegrityError as error:
        session.rollback()
        # The same address twice at the same moment: the form's own look came too early.
        raise Refusal("access", "an account was made at the same moment", 409, "Try again.") from error
    installed(app).record("account.created", subject=str(user.id))


def _confirmed(app: Flask, user: Any, **_more: Any) -> None:
    installed(app).record("account.confirmed", subject=str(user.id))


class _Digest:
    def hash(self, value: bytes) -> str:
        return hashlib.sha256(value).hexdigest()

    def verify(self, value: bytes, digest: str) -> bool:
        import hmac

        return hmac.compare_digest(self.hash(value), digest)
