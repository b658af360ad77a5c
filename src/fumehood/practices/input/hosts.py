"""By which names the application answers."""

from __future__ import annotations

import logging
import re
from functools import wraps
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from flask import Flask

from fumehood.settings import ConfigurationError

if TYPE_CHECKING:
    from flask import Request
    from werkzeug.routing import MapAdapter

__all__ = ["LOOPBACK", "build_addresses_of", "trust_hosts"]

logger = logging.getLogger(__name__)

LOOPBACK = ("localhost", ".localhost", "127.0.0.1")

_NAME = re.compile(
    r"\.?(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?", re.IGNORECASE
)


def trust_hosts(app: Flask, configured: tuple[str, ...], development: bool, site: str = "") -> None:
    """Set Flask's ``TRUSTED_HOSTS``, unless the application has set it.

    The host of ``site``, the site's own address, is always one of them. Without a name configured the application answers by its ``SERVER_NAME`` and by the names of this machine's loopback: the first run works, and
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
    own = urlsplit(site).hostname or ""
    public = bool(own) and not own.endswith(LOOPBACK)
    hosts = [host.lower() for host in configured]
    hosts = hosts or [*([named] if named else []), *(() if public else LOOPBACK)]
    hosts += [own] if own else []
    # Under development and in tests loopback stays, whatever the names of the site are.
    app.config["TRUSTED_HOSTS"] = list(dict.fromkeys([*hosts, *(LOOPBACK if development else ())]))
    if not configured and not named and not own and not development:
        logger.warning(
            "FUMEHOOD_HOSTS is not set: this app answers by the names of loopback only (localhost, 127.0.0.1), and everybody"
            " else with 400. Set it to the names of the site, such as FUMEHOOD_HOSTS=notes.example.org, or FUMEHOOD_SITE_URL to its address"
        )


def build_addresses_of(app: Flask, site: str) -> None:
    """Make full addresses (``url_for(..., _external=True)``: links in mail, above all) of the site's own, whatever the request names.

    ``Host`` is checked, but its port is the client's word: a link in somebody's mail must not lead to another port of ours (CWE-640).
    """
    parts = urlsplit(site)
    made = app.create_url_adapter

    @wraps(made)
    def of_the_site(request: Request | None) -> MapAdapter | None:
        adapter = made(request)
        if app.url_map.host_matching or app.subdomain_matching:
            return adapter  # there the host says which route is meant
        if adapter is None:
            root = app.config["APPLICATION_ROOT"]
            return app.url_map.bind(parts.netloc, script_name=root, url_scheme=parts.scheme)
        adapter.server_name, adapter.url_scheme = parts.netloc, parts.scheme
        return adapter

    app.create_url_adapter = of_the_site  # type: ignore[method-assign]


def _insist(host: str, setting: str) -> None:
    if not _NAME.fullmatch(host):
        raise ConfigurationError(
            f"{setting}: {host!r} is not a host name. Write names without scheme and port, such as 'notes.example.org';"
            " '.example.org' stands for it and all names below it. '*' would let any Host in, and is not possible."
        )
