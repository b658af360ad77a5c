"""``/.well-known/security.txt``: how to report a vulnerability of this site (RFC 9116)."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from flask import Flask, Response

from fumehood.practices.access.declarations import public
from fumehood.settings import ConfigurationError

__all__ = ["PATH", "register", "written"]

logger = logging.getLogger(__name__)

PATH = "/.well-known/security.txt"
_FIELDS = (
    "Contact",
    "Expires",
    "Encryption",
    "Acknowledgments",
    "Preferred-Languages",
    "Canonical",
    "Policy",
    "Hiring",
    "CSAF",
)
_ADDRESSES = frozenset(_FIELDS) - {"Expires", "Preferred-Languages"}


def register(app: Flask, fields: Mapping[str, Any]) -> None:
    """Serve the file.

    Raises:
        ConfigurationError: when the fields do not make a valid file.
    """
    content = written(fields)

    @public
    def security_txt() -> Response:
        return Response(content, content_type="text/plain; charset=utf-8")

    app.add_url_rule(PATH, "fumehood_security_txt", security_txt)


def written(fields: Mapping[str, Any], now: datetime | None = None) -> str:
    """Return the file's text; Contact and Expires first, lists as repeated lines.

    Raises:
        ConfigurationError: for an unknown field, a missing Contact or Expires, or a value that RFC 9116 does not allow.
    """
    wrong = [f"{name!r} is not a field of RFC 9116" for name in fields if name not in _FIELDS]
    wrong += [f"{name} is missing" for name in ("Contact", "Expires") if not fields.get(name)]
    lines: list[str] = []
    for name in _FIELDS:
        given = fields.get(name)
        for value in given if isinstance(given, list | tuple) else [given] if given else []:
            text = value.isoformat() if isinstance(value, datetime) else str(value)
            wrong += _faults(name, text)
            lines.append(f"{name}: {text}")
    if wrong:
        raise ConfigurationError("FUMEHOOD_SECURITY_TXT: " + "; ".join(wrong) + ".")
    expires = datetime.fromisoformat(str(fields["Expires"]))
    if expires < (now or datetime.now(UTC)):
        logger.warning(
            "FUMEHOOD_SECURITY_TXT expired on %s: readers are told not to trust it.", expires.date()
        )
    return "\n".join(lines) + "\n"


def _faults(name: str, text: str) -> list[str]:
    if "\n" in text or "\r" in text:
        return [f"{name} must be one line"]
    if name in _ADDRESSES and not text.startswith(("https://", "mailto:", "tel:", "openpgp4fpr:", "dns:")):
        return [f"{name} must be an address such as https://... or mailto:..."]
    if name == "Expires":
        try:
            if datetime.fromisoformat(text).tzinfo is None:
                return ["Expires needs a time zone, as in 2027-06-30T00:00:00Z"]
        except ValueError:
            return ["Expires must be a date and time, as in 2027-06-30T00:00:00Z"]
    return []
