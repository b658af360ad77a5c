"""The guard of the practice *input*: known hosts, sensible sizes, addresses that mean what they look like."""

from __future__ import annotations

import logging
import re

from flask import Flask, Request, Response
from werkzeug.exceptions import RequestHeaderFieldsTooLarge, RequestURITooLarge, SecurityError

from fumehood.practices.input.hosts import build_addresses_of, trust_hosts
from fumehood.practices.input.limits import limit_requests, too_many_headers
from fumehood.practices.interface import Guard, refuse

__all__ = ["GuardInput"]

logger = logging.getLogger(__name__)

_CONTROLS = re.compile(rb"[\x00-\x1f\x7f]")
_MOST_HEADERS = 100  # as gunicorn's


class GuardInput(Guard):
    practice = "input"

    def install(self, app: Flask) -> None:
        """Set the hosts and the limits.

        Raises:
            ConfigurationError: for a host that is not one.
        """
        site = self.settings.site_url
        trust_hosts(app, self.settings.hosts, self.installation.development, site)
        if site:
            build_addresses_of(app, site)
        limit_requests(app, self.settings)
        self._longest_url = self.settings.max_url_length
        self._longest_header = self.settings.max_header_length

    def before(self, request: Request) -> Response | None:
        """Look at the host, the address and the headers; the body is looked at when somebody reads it."""
        if request.routing_exception.__class__ is SecurityError:
            self._unknown_host(request)
        environ = request.environ
        path, query = environ.get("PATH_INFO", ""), environ.get("QUERY_STRING", "")
        # Most paths are plain ASCII: two looks in C.
        if not (path.isascii() and path.isprintable()):
            _check_path(path)
        if query and "%00" in query:
            refuse(
                "input",
                "NUL in the query",
                400,
                hint="The address holds a character that has no place in it.",
            )
        if len(path) + len(query) > self._longest_url:
            raise RequestURITooLarge(f"Ask by an address of at most {self._longest_url} characters.")
        # gunicorn has counted and measured them already.
        if not environ.get("SERVER_SOFTWARE", "").startswith("gunicorn") and too_many_headers(
            environ, _MOST_HEADERS, self._longest_header
        ):
            raise RequestHeaderFieldsTooLarge(
                f"Send at most {_MOST_HEADERS} headers of at most {self._longest_header} characters each."
            )
        return None

    def _unknown_host(self, request: Request) -> None:
        host = request.environ.get("HTTP_HOST", "")[:253]
        logger.warning("Refused a request for the host %r: it is not one of FUMEHOOD_HOSTS", host)
        hint = "This site does not answer by that name."
        if self.installation.development:
            hint += " Add it to FUMEHOOD_HOSTS if it is yours."
        refuse("input", "unknown host", 400, hint=hint, host=host)


def _check_path(path: str) -> None:
    """Refuse a path that is not UTF-8, or holds controls: it would mean different things to different readers (CWE-20, CWE-117, CWE-626)."""
    content = path.encode("latin-1", "replace")  # PEP 3333: one character a byte
    try:
        content.decode()
    except UnicodeDecodeError:
        refuse("input", "path that is not UTF-8", 400, hint="The address is not valid.")
    if _CONTROLS.search(content):
        refuse("input", "control characters in the path", 400, hint="The address is not valid.")
