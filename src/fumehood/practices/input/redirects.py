"""Redirects to where a person asks to go, on this site only."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from flask import redirect, request
from werkzeug.urls import iri_to_uri
from werkzeug.wrappers import Response

__all__ = ["safe_redirect", "safe_target"]

# What browsers drop from an address or read as a slash, and what no address holds: controls, spaces of all kinds, separators,
# direction marks, the slashes and dots that Unicode's compatibility forms turn into "/", "\\" and ".".
_TRAPS = re.compile(
    r"[\x00-\x20\x7f-\xa0\\\u00ad\u034f\u061c\u1680\u2000-\u200f\u2024\u2025\u2028-\u202f\u205f-\u206f"
    r"\u2100\u2101\u2105\u2106\u2044\u2215\u29f8\u3000-\u3002\ufeff\uff00-\uff0f\uff1a\uff1f\uff20\uff3c\uff61\ud800-\udfff]"
)
# A second slash right after the first, also by way of "." or ".." segments: another host to a browser.
_SECOND_SLASH = re.compile(r"/(?:(?:\.|%2e){1,2}/)*/", re.IGNORECASE)
_LONGEST = 2048


def safe_redirect(target: str | None, fallback: str = "/", code: int = 302) -> Response:
    """Redirect to an address that a person gave, as in ``?next=/notes/3``, if it is on this site; else to the fallback.

    Parameters:
        target: the address as it came, or None.
        fallback: where to go otherwise: an address of your own, not a person's.
        code: the status of the answer: 302, or 303 after a form.

    (CWE-601; ASVS 3.7.2)
    """
    return redirect(safe_target(target, fallback), code)


def safe_target(target: str | None, fallback: str = "/") -> str:
    """Return the address to redirect to: the path and query of the target if it is on this site, else the fallback.

    On this site is a path that begins with one ``/``, or an address with the scheme and the host of this request. What
    only looks so is not: ``//host``, ``/\\\\host``, tabs and line breaks, ``user@``, look-alikes of slashes in Unicode.
    """
    if not target or len(target) > _LONGEST or target.startswith("//") or _TRAPS.search(target):
        return fallback
    try:
        parts = urlsplit(target)
        ours = not parts.netloc or f"{parts.scheme}://{parts.netloc}".lower() == request.host_url.rstrip("/")
    except ValueError:
        return fallback
    if not ours or bool(parts.scheme) != bool(parts.netloc):
        return fallback
    path = parts.path or ("/" if parts.netloc else "")
    if not path.startswith("/") or _SECOND_SLASH.match(path):
        return fallback
    return iri_to_uri(
        path + (f"?{parts.query}" if parts.query else "") + (f"#{parts.fragment}" if parts.fragment else "")
    )
