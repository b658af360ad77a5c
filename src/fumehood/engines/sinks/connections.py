"""Outgoing connections: was the address that is connected to chosen by the client?"""

from __future__ import annotations

from collections.abc import Iterator
from types import FrameType
from typing import Any

from fumehood.engines.sinks.explain import frames, own_words
from fumehood.engines.sinks.inputs import Value
from fumehood.engines.sinks.languages import address
from fumehood.engines.sinks.watch import Scope

__all__ = ["look_at_connection", "look_at_name"]

_MOST_NAMES = 200

# What asks for a URL on the application's behalf, and what only carries bytes for it.
_CLIENTS = frozenset({"requests", "urllib3", "httpx", "httpcore", "aiohttp", "http", "urllib"})
_CARRIERS = _CLIENTS | {"socket", "ssl", "smtplib", "ftplib", "poplib", "imaplib", "telnetlib", "nntplib", "xmlrpc", "anyio", "asyncio", "concurrent",
    "contextlib", "threading", "wrapt", "gevent", "selectors", "sniffio", "asgiref"}  # fmt: skip
_HOLDERS = ("url", "fullurl", "str_or_url", "request", "req")
# The browser's own headers name this site's host, and are not where an application takes an address from.
_OWN_ADDRESS = frozenset(
    {"origin", "referer", "x-forwarded-host", "x-forwarded-for", "x-real-ip", "forwarded", "via", "host"}
)


def look_at_connection(scope: Scope, args: tuple[Any, ...]) -> None:
    """Look at a ``socket.connect``: internal addresses that a value of the request leads to, at once or by a redirect."""
    target = args[1]
    if not isinstance(target, tuple) or len(target) < 2 or not isinstance(target[0], str):
        return
    where, port = target[0], target[1]
    if not address.is_internal(where) and not any(map(address.is_internal, address.resolved(where))):
        return
    asked = list(dict.fromkeys(_asked_for(where, scope.inputs().looked_up)))
    if not asked:
        return
    for value in scope.inputs().everything():
        if value.source == "header" and value.name.lower() in _OWN_ADDRESS:
            continue
        if any(
            address.chooses(value.text, item, port) and not _configured(scope, item, value)
            for item in _begun(asked)
        ):
            first, last = address.hosts_named(asked[0]), address.hosts_named(asked[-1])
            redirected = len(asked) > 1 and last and not first & last
            how = (
                f"its answer redirects to the internal address {where}"
                if redirected
                else f"it leads to the internal address {where}"
            )
            scope.report("url", "socket.connect", f"{where}:{port}", value, how)
            return


def _begun(asked: list[str]) -> list[str]:
    """What was asked for at first: the first URL, or every host of a connection without one."""
    return asked[:1] if "://" in asked[0] else asked


def _configured(scope: Scope, url: str, value: Value) -> bool:
    """Tell whether the program itself, in its code or its configuration, wrote what the value merely repeats."""
    text = value.text
    if text not in url:
        return False
    for item in list(scope.watch.configuration.values()):
        if isinstance(item, str) and "://" in item and text in item and url.startswith(item.rstrip("/")):
            return True
    return own_words(url, text) >= url.count(text)


def look_at_name(scope: Scope, args: tuple[Any, ...]) -> None:
    """Note a ``socket.getaddrinfo``: what connects to the address afterwards may not know the name any more."""
    known = scope.inputs().looked_up
    if isinstance(args[0], str | bytes) and len(known) < _MOST_NAMES:
        known.append(args[0] if isinstance(args[0], str) else args[0].decode("utf-8", "replace"))


def _asked_for(where: str, looked_up: list[str]) -> Iterator[str]:
    """Yield what was asked for, the first first: URLs that HTTP clients on the stack were given, or else the host of a bare connection."""
    urls: list[str] = []
    hosts: list[str] = []
    for frame in frames():
        package = frame.f_globals.get("__name__", "").partition(".")[0]
        if package == "fumehood":
            continue
        if package not in _CARRIERS:
            # The application's own frame; a library's, such as a database driver's, connects where it was told to.
            if not urls and "-packages" in frame.f_code.co_filename:
                return
            break
        if package in _CLIENTS:
            urls.extend(_urls_of(frame))
        hosts.extend(_hosts_of(frame))
    yield from reversed(urls)
    if not urls:
        # A task of asyncio has nothing of its maker on its stack.
        yield from hosts or [where]
        yield from looked_up


def _urls_of(frame: FrameType) -> Iterator[str]:
    local = frame.f_locals
    for name in _HOLDERS:
        held = local.get(name)
        for item in (held, getattr(held, "url", None), getattr(held, "full_url", None)):
            text = (
                item if isinstance(item, str) else str(item) if type(item).__name__ in {"URL", "Url"} else ""
            )
            if "://" in text:
                yield text


def _hosts_of(frame: FrameType) -> Iterator[str]:
    for name in ("host", "address"):
        held = frame.f_locals.get(name)
        if isinstance(held, tuple) and held:
            held = held[0]
        if isinstance(held, str) and held:
            yield held
