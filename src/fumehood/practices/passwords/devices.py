"""Browsers that an account has signed in from: a signed cookie, so that guessing elsewhere does not slow its owner down."""

from __future__ import annotations

import hashlib
import secrets
from typing import TYPE_CHECKING, Any

from flask import after_this_request, has_request_context, request
from itsdangerous import BadSignature

from fumehood.practices.interface import installed
from fumehood.practices.passwords.signing import RotatingSerializer

if TYPE_CHECKING:
    from flask import Response

__all__ = ["known", "remember"]

_DAYS = 180
_MOST_ACCOUNTS = 5


def known(account: str) -> str:
    """Return the id under which this browser is known to the account, or ""."""
    return str(_held().get(_short(account), ""))


def remember(account: str) -> None:
    """Give this browser, with the answer to this request, a cookie that knows the account; a new id after each sign-in."""
    if not has_request_context():
        return
    held = _held()
    held.pop(_short(account), None)
    held = dict(list(held.items())[-(_MOST_ACCOUNTS - 1) :])
    held[_short(account)] = secrets.token_urlsafe(12)
    value = _serializer().dumps(held)
    name = _name()

    @after_this_request
    def _keep(response: Response) -> Response:
        response.set_cookie(
            name,
            value,
            max_age=_DAYS * 24 * 3600,
            secure=name.startswith("__Host-"),
            httponly=True,
            samesite="Strict",
        )
        return response


def _held() -> dict[str, Any]:
    if not has_request_context():
        return {}
    cookie = request.cookies.get(_name())
    if not cookie or len(cookie) > 1000:
        return {}
    try:
        held = _serializer().loads(cookie, max_age=_DAYS * 24 * 3600)
    except BadSignature:
        return {}
    return held if isinstance(held, dict) else {}


def _serializer() -> RotatingSerializer:
    return RotatingSerializer(installed(), "passwords.device")


def _name() -> str:
    return "__Host-device" if request.is_secure else "device"


def _short(account: str) -> str:
    return hashlib.sha256(account.encode()).hexdigest()[:16]
