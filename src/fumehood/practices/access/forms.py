"""Flask-Security's forms with limits on guessing and on mail to others."""

from __future__ import annotations

from typing import Any

from flask import g, request
from flask_login import current_user
from flask_security.forms import (
    ChangePasswordForm,
    ForgotPasswordForm,
    LoginForm,
    RegisterFormV2,
    SendConfirmationForm,
    VerifyForm,
)
from flask_security.proxies import _security
from flask_security.utils import validate_redirect_url
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import BadRequest, RequestEntityTooLarge

from fumehood.practices.interface import installed
from fumehood.practices.passwords.limits import hit
from fumehood.practices.passwords.throttle import address_group, login_attempt

__all__ = ["FORMS", "insist_on_plain_fields"]

_HOUR = 3600.0
_LONGEST_TEXT = 4096
_NORMALISED = ("email", "username", "password", "password_confirm", "new_password", "new_password_confirm")


def insist_on_plain_fields() -> None:
    """Look at what came for a form of accounts before Flask-Security does: it takes any JSON for an object, and normalises texts of any length.

    Raises:
        BadRequest: for JSON that is no object.
        RequestEntityTooLarge: for a text that is longer than any password (CWE-1284).
    """
    if request.method != "POST":
        return
    content = request.get_json() if request.is_json else request.form
    if not isinstance(content, dict):
        raise BadRequest("Send a JSON object.")
    given = content.getlist if isinstance(content, MultiDict) else lambda name: [content.get(name)]
    if any(len(str(value)) > _LONGEST_TEXT for name in _NORMALISED for value in given(name)):
        raise RequestEntityTooLarge(f"Send an address and a password of at most {_LONGEST_TEXT} characters.")


class _StaysHere:
    """Forgets a ``next`` that leads to another site, instead of refusing the whole form."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        target = getattr(self, "next", None)
        if target is not None and target.data and not validate_redirect_url(str(target.data)):
            target.data = ""


class HoodLogin(_StaysHere, LoginForm):
    """Counts failures. "Remember me" makes the session outlive the browser; there is no second cookie that rotation could miss."""

    def validate(self, **kwargs: Any) -> bool:
        account = _canonical(_typed(self, "email")) or _typed(self, "username")
        if not account or not _typed(self, "password"):
            return bool(super().validate(**kwargs))
        with login_attempt(account) as attempt:
            fine = bool(super().validate(**kwargs))
            if self.user_authenticated:
                attempt.succeeded()
        if fine:
            g._fumehood_remember = bool(self.remember.data) if "remember" in self else False
            if "remember" in self:
                self.remember.data = False
        elif self.user_authenticated and self.user is not None:
            installed().record(
                "login.failed", subject=str(self.user.id), reason="not confirmed or not active"
            )
        return fine


class HoodVerify(_StaysHere, VerifyForm):
    """Asks for the password again."""

    def validate(self, **kwargs: Any) -> bool:
        if not _typed(self, "password"):
            return bool(super().validate(**kwargs))
        with login_attempt(str(self.user.email), what="verify") as attempt:
            fine = bool(super().validate(**kwargs))
            if fine:
                attempt.succeeded()
        return fine


class HoodChangePassword(ChangePasswordForm):
    """Asks for the current password and a new one."""

    def validate(self, **kwargs: Any) -> bool:
        if not _typed(self, "password") or not current_user.password:
            return bool(super().validate(**kwargs))
        with login_attempt(str(current_user.email), what="password.change") as attempt:
            fine = bool(super().validate(**kwargs))
            if fine or not self.password.errors:
                attempt.succeeded()
        return fine


class HoodRegister(_StaysHere, RegisterFormV2):
    """Makes an account. Twenty an hour from one address are plenty for a classroom, and few for a robot."""

    def validate(self, **kwargs: Any) -> bool:
        hit("sign-up", 20, _HOUR, who=_address())
        return bool(super().validate(**kwargs))


class HoodForgotPassword(ForgotPasswordForm):
    """Mails a link; the same answer after the same work whether or not the account exists."""

    def validate(self, **kwargs: Any) -> bool:
        return _mail_to_other(self, "reset", bool(_limited("reset") and super().validate(**kwargs)))


class HoodSendConfirmation(SendConfirmationForm):
    """Mails the confirmation again."""

    def validate(self, **kwargs: Any) -> bool:
        return _mail_to_other(self, "confirm", bool(_limited("confirm") and super().validate(**kwargs)))


def _limited(what: str) -> bool:
    hit(f"mail-{what}", 20, _HOUR, who=_address())
    return True


def _mail_to_other(form: Any, what: str, fine: bool) -> bool:
    from fumehood.practices.passwords.guard import GuardPasswords, hash_password

    if not fine:
        return False
    # Flask-Security hashes once for an unknown address; so does a known one.
    hash_password("as long as for an unknown address")
    guard = installed().guards["passwords"]
    if isinstance(guard, GuardPasswords):
        before = guard.counters.window(f"mail:{what}:{_canonical(_typed(form, 'email')).casefold()}", _HOUR)
        if before.number >= 3:
            # Told to nobody: the view answers an error here as if all were well.
            form.email.errors.append("already sent")
            return False
    return True


def _typed(form: Any, field: str) -> str:
    data = getattr(getattr(form, field, None), "data", None)
    return (
        data.strip()
        if isinstance(data, str) and field != "password"
        else data
        if isinstance(data, str)
        else ""
    )


def _canonical(email: str) -> str:
    """Return an address as accounts hold it: its domain can be written in thousands of ways that mean the same (full-width letters for one),
    and each would otherwise have free tries of its own."""
    try:
        return str(_security._mail_util.normalize(email)) if email else ""
    except ValueError:
        return email  # not an address: no account has it


def _address() -> str:
    return address_group(request.remote_addr or "")


FORMS: dict[str, type] = {
    "login_form": HoodLogin,
    "verify_form": HoodVerify,
    "change_password_form": HoodChangePassword,
    "register_form": HoodRegister,
    "forgot_password_form": HoodForgotPassword,
    "send_confirmation_form": HoodSendConfirmation,
}
