"""How a request came: over TLS or not, from where, through which proxies; and where it is sent when it must not come so."""

from __future__ import annotations

import functools
import ipaddress
import logging
import os
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

import click
from flask import Flask, Request, Response, redirect
from werkzeug.exceptions import SecurityError
from werkzeug.middleware.proxy_fix import ProxyFix

from fumehood.practices.interface import refuse
from fumehood.settings import ConfigurationError, Settings

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

__all__ = [
    "HealthLayer",
    "behind_proxies",
    "debugs_for_others",
    "insist_on_loopback",
    "is_loopback",
    "to_https",
]

logger = logging.getLogger(__name__)

_PASSED_ON = ("HTTP_X_FORWARDED_PROTO", "HTTP_X_FORWARDED_FOR", "HTTP_FORWARDED")


@functools.lru_cache(maxsize=1024)
def is_loopback(host: str) -> bool:
    """Tell whether a host name or address, with or without a port, names this machine only.

    ``localhost`` and names below it count (RFC 6761, section 6.3); a name that merely resolves to 127.0.0.1 does not.
    """
    try:
        name = urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return False
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        address = ipaddress.ip_address(name)
    except ValueError:
        return False
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped:
        address = address.ipv4_mapped
    return address.is_loopback


def _peer_is_loopback(environ: WSGIEnvironment) -> bool:
    peer = environ.get("REMOTE_ADDR") or ""
    return is_loopback(f"[{peer}]" if ":" in peer else peer)


def comes_from_here(environ: WSGIEnvironment) -> bool:
    """Tell whether both the peer and the host that it asked for are loopback: nothing went over a network.

    A proxy on this machine makes the peer loopback for everybody, but not the host.
    """
    return _peer_is_loopback(environ) and is_loopback(
        environ.get("HTTP_HOST") or environ.get("SERVER_NAME", "")
    )


def to_https(app: Flask, settings: Settings, request: Request) -> Response | None:
    """Answer a request that came over plain HTTP: let it pass, redirect it, or refuse it.

    Loopback, tests and health checks pass. A page is redirected, to a host that is known to be ours only (CWE-601);
    anything else is refused, so that a client that sends data or credentials in the clear is noticed (ASVS 4.1.2).
    """
    environ = request.environ
    if type(request.routing_exception) is SecurityError:
        return None  # not a host of ours: the guard of the practice input refuses it
    if comes_from_here(environ) or (app.testing and _peer_is_loopback(environ)):
        return None
    if request.method in {"GET", "HEAD"}:
        if request.path in settings.health_paths:
            return None
        host = _known_host(app, request)
        if host and "HTTP_AUTHORIZATION" not in environ:
            # 308 keeps the method; never kept by a cache, for the answer depends on how the request came.
            answer = redirect(f"https://{host}{_path(request)}", 308)
            answer.headers["Cache-Control"] = "no-store"
            return answer  # type: ignore[return-value]  # flask's redirect makes the app's own response class
    _explain_proxies(settings, environ)
    return refuse(
        "https", "plain HTTP", 403, hint="This site answers over HTTPS only.", method=request.method
    )


def _known_host(app: Flask, request: Request) -> str:
    """The host to redirect to: the one that was asked for if it is trusted, else the configured one, else none."""
    if request.trusted_hosts:
        host = request.host
    else:
        host = app.config["SERVER_NAME"] or ""
    return host.removesuffix(":80")


def _path(request: Request) -> str:
    path = request.full_path if request.query_string else request.path
    # "//evil.example/" after "https://host" would still be a path, but clients have been seen to disagree.
    return "/" + quote((request.root_path + path).lstrip("/"), safe="/?&=%:@!$'()*+,;~-._")


def _explain_proxies(settings: Settings, environ: WSGIEnvironment) -> None:
    if not settings.proxies and any(name in environ for name in _PASSED_ON):
        logger.warning(
            "A request came over plain HTTP with headers of a reverse proxy, which nobody has declared: set FUMEHOOD_PROXIES"
            " to the number of proxies before this app (see the page on the practice https)."
        )


def behind_proxies(inner: WSGIApplication, count: int) -> WSGIApplication:
    """Believe ``X-Forwarded-For`` and ``X-Forwarded-Proto`` as far as ``count`` proxies wrote them (CWE-348).

    Each proxy adds the address of whom it heard, so the client is the ``count``-th from the right. The scheme is what the nearest
    proxy says. ``Host`` is passed on by proxies as it is, so ``X-Forwarded-Host`` is not believed at all.
    """
    return ProxyFix(inner, x_for=count, x_proto=1, x_host=0, x_port=0, x_prefix=0)


class HealthLayer:
    """Lets a load balancer ask for a health path by whatever address it knows: the Host is set to one of ours."""

    def __init__(self, app: Flask, inner: WSGIApplication, paths: tuple[str, ...]) -> None:
        for path in paths:
            if not path.startswith("/"):
                raise ConfigurationError(f"FUMEHOOD_HEALTH_PATHS: {path!r} must begin with '/'.")
        self._app, self._inner, self._paths = app, inner, frozenset(paths)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Any:
        if environ.get("PATH_INFO") in self._paths and environ["REQUEST_METHOD"] in {"GET", "HEAD"}:
            trusted = [host for host in self._app.config["TRUSTED_HOSTS"] or () if not host.startswith(".")]
            environ["HTTP_HOST"] = trusted[0] if trusted else "localhost"
        return self._inner(environ, start_response)


def debugs_for_others(app: Flask, environ: WSGIEnvironment) -> bool:
    """Tell whether the debugger would open itself to another machine: it runs any code that it is given (CWE-489)."""
    return app.debug and not comes_from_here(environ) and not (app.testing and _peer_is_loopback(environ))


def insist_on_loopback(app: Flask) -> None:
    """Stop a start in debug mode on an address that other machines reach.

    ``flask run`` tells its address by click's context or by the environment; ``app.run`` is told when it is called. Under any
    other server the address is not known at the start: there, requests that do not come from this machine are refused.

    Raises:
        ConfigurationError: when debug mode is on and the address is known and not loopback.
    """
    if app.debug and (host := _flask_run_host()):
        _stop_unless_loopback(host)
    run = app.run

    @functools.wraps(run)
    def checked_run(
        host: str | None = None,
        port: int | None = None,
        debug: bool | None = None,
        *args: Any,
        **options: Any,
    ) -> None:
        # app.run() reads FLASK_DEBUG itself when debug is not given, as app.debug did when the app was made.
        if (app.debug if debug is None else debug) and os.environ.get("FLASK_RUN_FROM_CLI") != "true":
            named = (app.config["SERVER_NAME"] or "").partition(":")[0]
            _stop_unless_loopback(host or named or "127.0.0.1")
        run(host, port, debug, *args, **options)

    app.run = checked_run  # type: ignore[method-assign]


def _flask_run_host() -> str:
    context = click.get_current_context(silent=True)
    if context is not None and context.info_name == "run" and "host" in context.params:
        return str(context.params["host"] or "")
    if os.environ.get("FLASK_RUN_FROM_CLI") == "true":
        return os.environ.get("FLASK_RUN_HOST", "")
    return ""


def _stop_unless_loopback(host: str) -> None:
    if not is_loopback(f"[{host}]" if ":" in host and not host.startswith("[") else host):
        raise ConfigurationError(
            f"debug mode on {host}: Werkzeug's debugger runs any code for whoever can reach it. Bind to 127.0.0.1,"
            " or turn debug mode off (FLASK_DEBUG=0, no debug=True)."
        )
