"""By which names the application answers."""

from __future__ import annotations

import logging
import re

from flask import Flask

from fumehood.settings import ConfigurationError

__all__ = ["LOOPBACK", "trust_hosts"]

logger = logging.getLogger(__name__)

LOOPBACK = ("localhost", ".localhost", "127.0.0.1")

_NAME = re.compile(
    r"\.?(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?", re.IGNORECASE
)


def trust_hosts(app: Flask, configured: tuple[str, ...], development: bool) -> None:
    """Set Flask's ``TRUSTED_HOSTS``, unless the application has set it.

    Without a name configured the application answers by its ``SERVER_NAME`` and by the names of this machine's loopback: the first run works, and
    nobody else's ``Host`` gets into links, mails, redirects or caches (CWE-644; ASVS 4.1.3).

    Raises:
        ConfigurationError: for what is not a host name.
    """
    for host in configured:
        _insist(host, "FUMEHOOD_HOSTS")
    theirs = app.config["TRUSTED_HOSTS"]
    if theirs:
        for host in [theirs] if isinstance(theirs, str) else theirs:
            _insist(host, "TRUSTED_HOSTS")
        return
    named = (app.config["SERVER_NAME"] or "").rpartition(":")[0] or app.config["SERVER_NAME"]
    hosts = [host.lower() for host in configured] or [*([named] if named else []), *LOOPBACK]
    # Under development and in tests loopback stays, whatever the names of the site are.
    app.config["TRUSTED_HOSTS"] = list(dict.fromkeys([*hosts, *(LOOPBACK if development else ())]))
    if not configured and not named and not development:
        logger.warning(
            "FUMEHOOD_HOSTS is not set: this app answers by the names of loopback only (localhost, 127.0.0.1), and everybody"
            " else with 400. Set it to the names of the site, such as FUMEHOOD_HOSTS=notes.example.org"
        )


def _insist(host: str, setting: str) -> None:
    if not _NAME.fullmatch(host):
        raise ConfigurationError(
            f"{setting}: {host!r} is not a host name. Write names without scheme and port, such as 'notes.example.org';"
            " '.example.org' stands for it and all names below it. '*' would let any Host in, and is not possible."
        )
