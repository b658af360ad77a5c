"""The token for clients that send neither Sec-Fetch-Site nor Origin, in a cookie of its own.

The cookie ``__Host-csrf`` holds 32 random bytes that no other host can set or read; the page holds them masked, differently in each
answer, so that compression tells nothing (BREACH, CVE-2013-3587). No key signs it: rotation leaves open forms alone, and a form has no date on
which it dies.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import secrets

from flask import Request, Response, request
from markupsafe import Markup

from fumehood.practices.https.cookies import cookie_of, vary_with_cookie
from fumehood.practices.interface import PRIVATE

__all__ = ["csrf_meta_tag", "csrf_token", "prepare", "send_cookie", "valid"]

COOKIE = "csrf"
_SIZE = 32
_STANDARD = str.maketrans(
    "-_+/", "+/  "
)  # base64 for addresses, as binascii reads it; the other alphabet's signs are none
# Keys of the environ.
_SECRET = "fumehood.csrf.secret"  # noqa: S105
_TOKEN = "fumehood.csrf.token"  # noqa: S105
_NEW = "fumehood.csrf.new"


def csrf_token() -> str:
    """Return this request's token, for the form field ``csrf_token`` or the header ``X-CSRFToken``."""
    this = request._get_current_object()  # type: ignore[attr-defined]  # the proxy is looked through once, not at each step
    environ = this.environ
    token: str | None = environ.get(_TOKEN)
    if token is None:
        secret = prepare(this)
        mask = secrets.token_bytes(_SIZE)
        token = environ[_TOKEN] = _text(mask + _xor(mask, secret))
        # The page now differs for everybody, and a shared cache must not hand one person's token to the next.
        environ.setdefault(PRIVATE, "no-cache, private")
    return token


def csrf_meta_tag(name: str = "csrf-token") -> Markup:
    """Return ``<meta name="csrf-token" content="...">`` for scripts."""
    return Markup('<meta name="{}" content="{}">').format(name, csrf_token())


def prepare(request: Request) -> bytes:
    """Return the secret behind the tokens of this browser, a new one if it has none."""
    environ = request.environ
    secret: bytes | None = environ.get(_SECRET)
    if secret is None:
        secret = _from_cookie(request)
        if secret is None:
            secret = secrets.token_bytes(_SIZE)
            environ[_NEW] = True
        environ[_SECRET] = secret
    return secret


def send_cookie(request: Request, response: Response) -> None:
    """Send the cookie with an answer whose page has a token, if the browser lacks it; an answer with a token varies with it."""
    environ = request.environ
    if _SECRET not in environ:
        return
    vary_with_cookie(response)
    if environ.get(_NEW):
        value = _text(environ[_SECRET])
        # Lax, not Strict: a page reached by a link from elsewhere must not replace the secret of other open forms.
        secure = "; Secure" if environ["wsgi.url_scheme"] == "https" else ""
        response.headers.add(
            "Set-Cookie", f"{_name(request)}={value}{secure}; HttpOnly; Path=/; SameSite=Lax"
        )


def valid(request: Request, token: str | None) -> bool:
    """Tell whether a token belongs to the secret in the request's cookie."""
    secret = _from_cookie(request)
    if secret is None or not token:
        return False
    sent = _decoded(token, 2 * _SIZE)
    return sent is not None and hmac.compare_digest(_xor(sent[:_SIZE], sent[_SIZE:]), secret)


def _name(request: Request) -> str:
    return f"__Host-{COOKIE}" if request.environ["wsgi.url_scheme"] == "https" else COOKIE


def _from_cookie(request: Request) -> bytes | None:
    cookie = cookie_of(request, _name(request))
    return _decoded(cookie, _SIZE) if cookie else None


def _text(content: bytes) -> str:
    """Write bytes without anything that a form would have to encode and its reader to decode."""
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


def _decoded(text: str, size: int) -> bytes | None:
    if len(text) > 2 * size:
        return None
    try:
        padded = text.translate(_STANDARD) + "=" * (-len(text) % 4)
        found = binascii.a2b_base64(padded, strict_mode=True)
    except ValueError:  # also non-ASCII
        return None
    return found if len(found) == size else None


def _xor(left: bytes, right: bytes) -> bytes:
    return (int.from_bytes(left) ^ int.from_bytes(right)).to_bytes(_SIZE)
