"""A client for addresses that people give, which cannot be turned inward (CWE-918; ASVS 1.3.6).

The name is resolved once, every address that it has is checked, and the connection goes to a checked address: a name that changes between the
look and the step (DNS rebinding) gains nothing. TLS and ``Host`` still use the name. Each redirect starts again from the beginning.
"""

from __future__ import annotations

import json
import ssl
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from ipaddress import IPv4Address, ip_network
from time import monotonic
from typing import Any
from urllib.parse import SplitResult, urljoin, urlsplit, urlunsplit

import httpcore
from flask import has_app_context
from werkzeug.http import parse_options_header
from werkzeug.urls import iri_to_uri

from fumehood.practices.input.connection import (
    FetchError,
    FetchRefused,
    Pinned,
    Resolve,
    bounded_body,
    system_resolver,
)
from fumehood.practices.interface import EXTENSION

__all__ = ["FetchError", "FetchRefused", "Fetched", "Fetcher", "fetch_url"]

_REDIRECTS = {301, 302, 303, 307, 308}
_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Fetched:
    """An answer, read whole.

    Parameters:
        url: the address that answered, after redirects.
        status: the HTTP status.
        headers: by lower-case name; of those sent twice, the last.
        content: the body, decompressed. Its type is what the other side says: do not trust it.
    """

    url: str
    status: int
    headers: Mapping[str, str]
    content: bytes = field(repr=False)

    @property
    def content_type(self) -> str:
        """The media type as the other side says it, without parameters."""
        return parse_options_header(self.headers.get("content-type"))[0].lower()

    @property
    def text(self) -> str:
        """The body as text, in the charset that it says or UTF-8; what does not decode is replaced."""
        charset = parse_options_header(self.headers.get("content-type"))[1].get("charset", "utf-8")
        try:
            return self.content.decode(charset, "replace")
        except (LookupError, UnicodeError):
            return self.content.decode("utf-8", "replace")

    def json(self) -> Any:
        """The body as JSON; raises ValueError when it is not, or is nested too deeply."""
        from fumehood.practices.input.limits import insist_on_depth

        insist_on_depth(self.content, 64)
        return json.loads(self.content)


def fetch_url(
    url: str,
    *,
    method: str = "GET",
    content: bytes | None = None,
    headers: Mapping[str, str] | None = None,
    schemes: Collection[str] = ("https", "http"),
    ports: Collection[int] = (80, 443),
    allow_hosts: Collection[str] | None = None,
    allow_networks: Collection[str] = (),
    max_bytes: int = 5 * 1024 * 1024,
    timeout: float = 10.0,
    redirects: int = 3,
) -> Fetched:
    """Fetch an address that a person gave: for previews, imports, webhooks, avatars.

    Parameters:
        url: the address.
        method: only GET and HEAD follow redirects.
        content: the body to send, for webhooks.
        headers: more headers; they are not sent on to another origin.
        schemes: what the address may begin with; a redirect never leads from https to http.
        ports: the ports that may be asked.
        allow_hosts: only these names, when given; ``".example.org"`` stands for all below it.
        allow_networks: networks of your own that may be reached nonetheless, such as ``"10.2.0.0/16"``.
        max_bytes: the longest body, in bytes, after decompression.
        timeout: for everything together, in seconds: names, connections, redirects and the last byte.
        redirects: how many are followed.

    Private, loopback, link-local, shared, multicast and reserved addresses are refused however they are written or
    wrapped; so are addresses with a user or password. Proxies of the environment are not used. Certificates are verified.

    Raises:
        FetchRefused: the address is not one that may be fetched; journaled as ``request.refused``.
        FetchError: it could not be fetched: no answer, too slow, too large, too many redirects.
    """
    fetcher = Fetcher(schemes, ports, allow_hosts, allow_networks, max_bytes, timeout, redirects)
    return fetcher.fetch(url, method, content, headers)


@dataclass(frozen=True, slots=True)
class Fetcher:
    """The same with its rules kept; see :func:`fetch_url`.

    Parameters:
        resolve: looks a name up; for tests.
        context: the TLS settings; the system's and Mozilla's authorities by default.
    """

    schemes: Collection[str] = ("https", "http")
    ports: Collection[int] = (80, 443)
    allow_hosts: Collection[str] | None = None
    allow_networks: Collection[str] = ()
    max_bytes: int = 5 * 1024 * 1024
    timeout: float = 10.0
    redirects: int = 3
    resolve: Resolve = system_resolver
    context: ssl.SSLContext | None = None

    def fetch(
        self,
        url: str,
        method: str = "GET",
        content: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Fetched:
        """Fetch an address; parameters and errors as for :func:`fetch_url`."""
        deadline = monotonic() + self.timeout
        seen = ""
        try:
            for _ in range(self.redirects + 1):
                target = self._checked(url, seen)
                if seen and _origin(target) != _origin(urlsplit(seen)):
                    headers = None
                seen = urlunsplit(target)
                answer, onward = self._ask(target, method, content, headers or {}, deadline)
                if not onward or method not in {"GET", "HEAD"}:
                    return answer
                url = urljoin(seen, onward)
        except FetchRefused as refused:
            _journal(refused)
            raise
        raise FetchError(f"more than {self.redirects} redirects")

    def _checked(self, url: str, came_from: str) -> SplitResult:
        """Take an address apart, and refuse what does not need a look at the network to be refused."""
        if len(url) > 2048 or not url.isprintable() or " " in url or "\\" in url:
            raise FetchRefused("not an address")
        try:
            parts = urlsplit(iri_to_uri(url))
            host, port = parts.hostname or "", parts.port or _PORTS.get(parts.scheme, 0)
            host.encode("ascii")
        except ValueError:
            raise FetchRefused("not an address") from None
        if parts.scheme not in self.schemes or parts.scheme not in _PORTS:
            raise FetchRefused(f"scheme {parts.scheme[:20]!r}")
        if came_from.startswith("https:") and parts.scheme != "https":
            raise FetchRefused("a redirect from https to http")
        if "@" in parts.netloc:
            raise FetchRefused("an address with a user")
        if port not in self.ports:
            raise FetchRefused(f"port {port}", host)
        self._check_host(host)
        name = f"[{host}]" if ":" in host else host
        return SplitResult(parts.scheme, f"{name}:{port}", parts.path or "/", parts.query, "")

    def _check_host(self, host: str) -> None:
        if not host or len(host) > 253 or "%" in host or host.strip(".") == "":
            raise FetchRefused("an address without a host")
        last = host.rstrip(".").rpartition(".")[2]
        if ":" not in host and (last.isdigit() or last.lower().startswith("0x")):
            # 2130706433, 0x7f.1 and 0177.0.0.1 are addresses to a resolver, though not to a reader.
            try:
                IPv4Address(host)
            except ValueError:
                raise FetchRefused("an address in an unusual notation", host) from None
        if self.allow_hosts is not None and not any(_matches(host, allowed) for allowed in self.allow_hosts):
            raise FetchRefused("a host that is not on the list", host)

    def _ask(
        self,
        target: SplitResult,
        method: str,
        content: bytes | None,
        headers: Mapping[str, str],
        deadline: float,
    ) -> tuple[Fetched, str]:
        networks = [ip_network(network) for network in self.allow_networks]
        backend = Pinned(self.resolve, networks, deadline)
        request = httpcore.Request(
            method, _shown(target), headers=_headers(target, headers, content), content=content
        )
        try:
            with httpcore.ConnectionPool(
                ssl_context=self.context or _context(), network_backend=backend
            ) as pool:
                response = pool.handle_request(request)
                try:
                    found = {
                        name.decode("latin-1").lower(): value.decode("latin-1")
                        for name, value in response.headers
                    }
                    onward = found.get("location", "") if response.status in _REDIRECTS else ""
                    body = b"" if onward else bounded_body(response, found, self.max_bytes, method)
                finally:
                    response.close()
        except (
            httpcore.NetworkError,
            httpcore.ProtocolError,
            httpcore.TimeoutException,
            TimeoutError,
        ) as error:
            backend.reraise()
            raise FetchError(f"{type(error).__name__} from {target.hostname}") from None
        return Fetched(_shown(target), response.status, found, body), onward


def _headers(
    target: SplitResult, given: Mapping[str, str], content: bytes | None
) -> Sequence[tuple[str, str]]:
    own = {
        "host": _authority(target),
        "accept-encoding": "gzip, deflate",
        "user-agent": "Fumehood",
        "connection": "close",
    }
    if content is not None:
        own["content-length"] = str(len(content))
    for name, value in given.items():
        if name.lower() in {"host", "accept-encoding", "connection", "transfer-encoding", "content-length"}:
            raise ValueError(f"fetch_url() sets the header {name} itself")
        own[name.lower()] = value
    return list(own.items())


def _authority(target: SplitResult) -> str:
    standard = f":{_PORTS[target.scheme]}"
    return target.netloc.removesuffix(standard)


def _shown(target: SplitResult) -> str:
    return urlunsplit(target._replace(netloc=_authority(target)))


def _origin(target: SplitResult) -> tuple[str, str]:
    return target.scheme, target.netloc


def _matches(host: str, allowed: str) -> bool:
    host, allowed = host.rstrip(".").lower(), allowed.lower()
    return host == allowed or (allowed.startswith(".") and host.endswith(allowed))


@cache
def _context() -> ssl.SSLContext:
    # Not the process's environment (SSL_CERT_FILE): whom we trust for strangers' addresses is fixed.
    import certifi

    return ssl.create_default_context(cafile=certifi.where())


def _journal(refused: FetchRefused) -> None:
    from flask import current_app

    if not has_app_context() or EXTENSION not in current_app.extensions:
        return
    current_app.extensions[EXTENSION].record(
        "request.refused",
        practice="input",
        reason=f"fetch_url: {refused.reason}",
        subject=refused.host[:253] or None,
    )
