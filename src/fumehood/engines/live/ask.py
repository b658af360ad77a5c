"""Asks an application for its pages through the WSGI callable: anonymous, and only with methods that change nothing."""

from __future__ import annotations

import re
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from typing import Any

from flask import Flask
from werkzeug.routing import Rule
from werkzeug.test import Client, TestResponse

from fumehood.engines.live.facts import Answer
from fumehood.findings import NotCovered

__all__ = ["FOREIGN", "MADE_ERROR", "PROBE", "Asking", "ask", "changes_by_name"]

FOREIGN = "fumehood-audit.example"  # RFC 2606: belongs to nobody
STRANGER = "203.0.113.7"  # RFC 5737: an address for documentation; loopback would be treated as the developer
PROBE = "fumehood-<i>\"'-probe"
MADE_ERROR = "fumehood-made-error-7f3a"
_BODY = 200_000  # characters of an answer that are kept
_CHANGES = re.compile(
    r"(^|[/_.-])(log-?_?out|sign-?_?out|delete|remove|destroy|drop|purge|reset|clear|wipe|unsubscribe|subscribe|shutdown|restart|kill|"
    r"approve|reject|ban|block|unblock|activate|deactivate|disable|enable|cancel|pay|send|sync|import|migrate|create_?db|createdb|"
    r"populate|init_?db|seed|flush|revoke|rotate|follow|unfollow|like|vote|toggle|run|exec|execute|install|upgrade)([/_.-]|$|all|_)",
    re.IGNORECASE,
)


class _TooLong(BaseException):
    """A page took longer than its share. Not an Exception: the application must not handle it."""


@dataclass(slots=True)
class Asking:
    """How to ask.

    Parameters:
        seconds: that one page may take.
        total: seconds that all pages together may take.
        pages: at most so many parameterless routes are asked.
        protect: a context in which nothing can be changed; see ``readonly``.
        refused: what was refused since the last look, to tell a page that failed because of it.
        begin: told what is asked next, so that a page that never answers can be named.
    """

    seconds: float = 5.0
    total: float = 60.0
    pages: int = 150
    protect: Callable[[], Any] = nullcontext
    refused: list[str] = field(default_factory=list)
    begin: Callable[[str], None] = lambda _: None


def ask(app: Flask, asking: Asking) -> Iterator[Answer | NotCovered]:
    """Ask for each page that has no parameters and, by its name, changes nothing; and for a few that show how the application fails.

    Yields:
        the answers, and what was not asked, with the reason.
    """
    asker = _Asker(app, asking)
    with asking.protect():
        yield from asker.pages()
        yield from asker.probes()
        yield from asker.made_error()


class _Asker:
    def __init__(self, app: Flask, asking: Asking) -> None:
        self.app, self.asking = app, asking
        self.deadline = time.monotonic() + asking.total
        self.host = _host(app)
        self.good: list[str] = []  # endpoints that answered 2xx

    def pages(self) -> Iterator[Answer | NotCovered]:
        asked = 0
        seen: set[str] = set()
        for rule in self.app.url_map.iter_rules():
            if (
                "GET" not in (rule.methods or ())
                or rule.endpoint == "static"
                or rule.endpoint.endswith(".static")
                or rule.rule in seen
            ):
                continue
            seen.add(rule.rule)
            if why := self._not_asked(rule, asked):
                yield NotCovered("route", f"GET {rule.rule}", why)
                continue
            asked += 1
            path = rule.rule
            answer = self._ask("page", path, rule.endpoint)
            yield answer
            if isinstance(answer, Answer) and 200 <= answer.status < 300:
                self.good.append(path)
            elif isinstance(answer, Answer) and (answer.status >= 500 or not answer.status):
                how = f"raised {answer.raised}" if answer.raised else f"answered {answer.status}"
                yield NotCovered("route", f"GET {path}", f"it {how} to an anonymous visitor")

    def _not_asked(self, rule: Rule, asked: int) -> str:
        if rule.arguments:
            return "it has parameters; only its code and declarations were looked at"
        if rule.websocket:
            return "it is a WebSocket"
        if changes_by_name(rule.rule) or changes_by_name(rule.endpoint.rpartition(".")[2]):
            return "its name says that it changes something, so it was not asked for"
        if asked >= self.asking.pages:
            return f"more than {self.asking.pages} pages"
        if time.monotonic() > self.deadline:
            return f"the pages before it took {self.asking.total:.0f} s"
        return ""

    def probes(self) -> Iterator[Answer | NotCovered]:
        page = min(self.good, key=lambda path: (path != "/", path.startswith("/_")), default="/")
        yield self._ask("plain", page, scheme="http")
        yield self._ask("missing", "/fumehood-audit/no-such-page")
        yield self._ask("missing-probe", "/fumehood-audit/" + PROBE)
        yield self._ask("foreign-host", page, host=FOREIGN)
        yield self._ask("foreign-origin", page, headers={"Origin": f"https://{FOREIGN}"})
        yield self._ask(
            "foreign-preflight",
            page,
            method="OPTIONS",
            headers={"Origin": f"https://{FOREIGN}", "Access-Control-Request-Method": "PUT"},
        )
        yield self._ask("trace", page, method="TRACE")
        yield self._ask("security.txt", "/.well-known/security.txt")

    def made_error(self) -> Iterator[Answer | NotCovered]:
        """Ask for a page whose view is made to fail, to see what a visitor is shown."""
        for path in self.good:
            endpoint = next(
                (rule.endpoint for rule in self.app.url_map.iter_rules() if rule.rule == path), ""
            )
            if endpoint not in self.app.view_functions:
                continue
            kept = self.app.view_functions[endpoint]
            failing = _failing(kept)
            self.app.view_functions[endpoint] = failing
            try:
                yield self._ask("error", path, endpoint)
            finally:
                self.app.view_functions[endpoint] = kept
            return
        yield NotCovered("route", "an error made on purpose", "no page answers an anonymous visitor")

    def _ask(
        self,
        purpose: str,
        path: str,
        endpoint: str = "",
        *,
        scheme: str = "https",
        method: str = "GET",
        host: str = "",
        headers: dict[str, str] | None = None,
    ) -> Answer | NotCovered:
        url = f"{scheme}://{host or self.host}{path}"
        self.asking.begin(f"{method} {path}")
        before = len(self.asking.refused)
        try:
            with _limited(self.asking.seconds):
                response = self._open(path, f"{scheme}://{host or self.host}", method, headers or {})
                body = _text(response)
        except _TooLong:
            return NotCovered("route", f"{method} {path}", f"no answer within {self.asking.seconds:g} s")
        except (Exception, SystemExit) as error:  # noqa: BLE001 - what an application raises is what is recorded
            if len(self.asking.refused) > before:
                return NotCovered("route", f"{method} {path}", _refusal(self.asking.refused[before]))
            return Answer(purpose, method, url, endpoint, 0, raised=type(error).__name__)
        if response.status_code >= 500 and len(self.asking.refused) > before:
            return NotCovered("route", f"{method} {path}", _refusal(self.asking.refused[before]))
        found = tuple((name, value) for name, value in response.headers.items())
        return Answer(purpose, method, url, endpoint, response.status_code, found, body)

    def _open(self, path: str, base: str, method: str, headers: dict[str, str]) -> TestResponse:
        client = Client(self.app.wsgi_app, use_cookies=False)
        return client.open(
            path,
            base_url=base,
            method=method,
            headers={
                "User-Agent": "Mozilla/5.0 (fumehood audit)",
                "Accept": "text/html,*/*;q=0.8",
                **headers,
            },
            environ_overrides={"REMOTE_ADDR": STRANGER},
        )


def changes_by_name(name: str) -> bool:
    """Tell whether a route's name says that it changes something."""
    return bool(_CHANGES.search(name))


def _refusal(what: str) -> str:
    return f"its answer would have changed something, which was refused: {what}"


def _failing(view: Any) -> Any:
    def fails(*_: Any, **__: Any) -> Any:
        raise RuntimeError(MADE_ERROR)

    if hasattr(view, "__fumehood_access__"):
        fails.__fumehood_access__ = view.__fumehood_access__  # type: ignore[attr-defined]
    fails.__name__ = getattr(view, "__name__", "fails")
    return fails


def _text(response: TestResponse) -> str:
    if not (response.mimetype or "").startswith(
        (
            "text/",
            "application/json",
            "application/problem+json",
            "application/xhtml",
            "application/javascript",
        )
    ):
        response.close()
        return ""
    parts: list[bytes] = []
    size = 0
    for part in response.response:
        data = part if isinstance(part, bytes) else str(part).encode()
        parts.append(data)
        size += len(data)
        if size > _BODY:
            break
    response.close()
    return b"".join(parts)[:_BODY].decode("utf-8", "replace")


def _host(app: Flask) -> str:
    """A host name that the application accepts: SERVER_NAME, or the first trusted host, else localhost."""
    if name := app.config.get("SERVER_NAME"):
        return str(name)
    trusted = app.config.get("TRUSTED_HOSTS") or ()
    concrete = [str(name) for name in trusted if not str(name).startswith(".")]
    if not trusted or "localhost" in concrete:
        return "localhost"
    return concrete[0] if concrete else "www" + str(next(iter(trusted)))


@contextmanager
def _limited(seconds: float) -> Iterator[None]:
    """Interrupt what takes longer. Only in the main thread, and where signals have timers; the child's own timeout bounds the rest."""
    if not hasattr(signal, "setitimer") or threading.current_thread() is not threading.main_thread():
        yield
        return

    def interrupt(*_: Any) -> None:
        raise _TooLong

    previous = signal.signal(signal.SIGALRM, interrupt)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, previous)
