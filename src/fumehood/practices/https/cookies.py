"""What every request with cookies needs, without the detours."""

from __future__ import annotations

from flask import Request, Response
from werkzeug.datastructures import MultiDict
from werkzeug.http import parse_cookie

__all__ = ["cookie_of", "vary_with_cookie"]

_COOKIES = "fumehood.cookies"  # the environ key of the parsed header


def cookie_of(request: Request, name: str) -> str | None:
    """Return a cookie's value. ``request.cookies`` would walk through all headers of the request first."""
    environ = request.environ
    cookies: MultiDict[str, str] | None = environ.get(_COOKIES)
    if cookies is None:
        if "HTTP_COOKIE" not in environ:
            return None
        try:
            cookies = parse_cookie(environ)
        except UnicodeDecodeError:  # another cookie's fault; Flask reads on, and so do we
            cookies = request.cookies
        environ[_COOKIES] = cookies
    return cookies.get(name)


def vary_with_cookie(response: Response) -> None:
    """Add ``Vary: Cookie``."""
    if "Vary" in response.headers:
        response.vary.add("Cookie")
    else:
        response.headers.add("Vary", "Cookie")
