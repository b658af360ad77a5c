"""The optional question to a range service (Have I Been Pwned and compatible): has this password leaked? Only five characters of its SHA-1 leave the machine."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING
from urllib.error import URLError
from urllib.request import HTTPRedirectHandler, Request, build_opener

from flask import current_app

if TYPE_CHECKING:
    from fumehood.practices.interface import Installation

__all__ = ["seen_in_breach"]

_SECONDS = 2.0
_MOST_BYTES = 256 * 1024  # a padded range is some 40 kB


class _NoRedirects(HTTPRedirectHandler):
    def redirect_request(self, *_args: object, **_kwargs: object) -> None:
        return None


def seen_in_breach(password: str, installation: Installation) -> bool:
    """Ask the service; when it cannot be asked, journal that and answer as ``FUMEHOOD_BREACHED_PASSWORDS_UNREACHABLE`` says."""
    digest = hashlib.sha1(password.encode(), usedforsecurity=False).hexdigest().upper()
    settings = installation.settings
    address = settings.breached_passwords_url.rstrip("/") + "/" + digest[:5]
    question = Request(address, headers={"Add-Padding": "true", "User-Agent": "fumehood"})  # noqa: S310 - https, see settings
    try:
        with build_opener(_NoRedirects).open(question, timeout=_SECONDS) as answer:
            lines: list[str] = answer.read(_MOST_BYTES).decode("ascii", "replace").splitlines()
    except (URLError, OSError, ValueError) as error:
        current_app.logger.warning(
            "The breached-password service could not be asked: %s", type(error).__name__
        )
        installation.record("password.breach_check_failed", error=type(error).__name__)
        return bool(settings.breached_passwords_unreachable == "refuse")
    for line in lines:
        suffix, _, count = line.partition(":")
        if suffix == digest[5:]:
            return count.strip() != "0"  # padding has a count of 0
    return False
