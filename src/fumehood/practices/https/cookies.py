"""What every request with cookies needs, without the detours."""

from __future__ import annotations

from flask import Request, Response

__all__ = ["cookie_of", "vary_with_cookie"]


def cookie_of(request: Request, name: str) -> str | None:
    """Return the value of a cookie that the hood itself made: its name and value need no decoding.

    ``request.cookies`` would walk through all headers and decode all cookies first. Only space and tab are taken off a name: what else
    other software calls white space must not turn somebody's cookie into one with the prefix ``__Host-``.
    """
    header: str = request.environ.get("HTTP_COOKIE", "")
    start = f"{name}="
    for part in header.split(";"):
        pair = part.strip(" \t")
        if pair.startswith(start):
            return pair[len(start) :].strip('"')
    return None


def vary_with_cookie(response: Response) -> None:
    """Add ``Vary: Cookie``."""
    if "Vary" in response.headers:
        response.vary.add("Cookie")
    else:
        response.headers.add("Vary", "Cookie")
