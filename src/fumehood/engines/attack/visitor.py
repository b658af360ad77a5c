"""People who use the application: each has a session of its own and sends requests through the WSGI callable."""

from __future__ import annotations

import io
import json
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

from flask import Flask
from werkzeug.datastructures import FileStorage
from werkzeug.test import Client

from fumehood.engines.attack.exchange import Exchange, Wanted
from fumehood.engines.attack.sandbox import Sandbox
from fumehood.engines.sinks import Observation, Watch, install
from fumehood.engines.sinks.watch import active

__all__ = ["Budget", "Spent", "Stage", "Visitor"]

_BODY = 400_000


class Spent(Exception):
    """The time or the number of requests that were allowed are used up."""


class Budget:
    """Bounds one phase: requests, seconds in all, seconds for one request."""

    def __init__(self, requests: int = 20_000, seconds: float = 300.0, each: float = 5.0) -> None:
        self.requests, self.each = requests, each
        self.deadline = time.monotonic() + seconds

    def take(self) -> None:
        """Account for one request.

        Raises:
            Spent: when nothing is left.
        """
        self.requests -= 1
        if self.requests < 0 or time.monotonic() > self.deadline:
            raise Spent


class _TooLong(BaseException):
    """Raised inside a view that does not end. No Exception: the view must not catch it."""


class Stage:
    """The application under attack: observed by the sinks, kept in by the sandbox."""

    def __init__(
        self,
        app: Flask,
        sandbox: Sandbox,
        budget: Budget,
        begin: Callable[[str], None] = lambda _: None,
        skip: frozenset[str] = frozenset(),
    ) -> None:
        self.app, self.sandbox, self.budget, self.begin, self.skip = app, sandbox, budget, begin, skip
        self.seen: list[Observation] = []
        self.count = 0
        self.host = app.config.get("SERVER_NAME") or "localhost"
        self.people: dict[str, Visitor] = {"": Visitor("", self)}
        self._watch(app)

    def _watch(self, app: Flask) -> None:
        watch = Watch(self.seen.append)
        watch.MOST_KNOWN = 0  # what has passed once is looked at again: every probe counts
        install(app, watch)
        original = app.full_dispatch_request

        def observed() -> Any:
            active.set(watch)
            return original()

        app.full_dispatch_request = observed  # type: ignore[method-assign]

    def send(self, wanted: Wanted) -> Exchange:
        """Send a request as the person it names, with the cookies that they had when they had signed in.

        What one request changes in a session must not mislead the next: a probe of the login page would make everybody
        somebody else.
        """
        return self.people[wanted.person].again().send(wanted)


class Visitor:
    """One person: a cookie jar and headers, such as a bearer token, that go with every request."""

    def __init__(self, name: str, stage: Stage, headers: dict[str, str] | None = None) -> None:
        self.name, self.stage = name, stage
        self.headers = headers or {}
        self.facts: dict[
            str, str
        ] = {}  # what is known of the account: user name, e-mail address, password, id
        self.client = Client(stage.app.wsgi_app)

    def again(self) -> Visitor:
        """Return the same person with a cookie jar of its own."""
        same = Visitor(self.name, self.stage, self.headers)
        for cookie in (self.client._cookies or {}).values():
            same.client._cookies[cookie._storage_key] = cookie  # type: ignore[index]
        return same

    def send(self, wanted: Wanted, *, follow: bool = False) -> Exchange:
        """Send one request and return what came back; the application's exceptions are facts too.

        Raises:
            Spent: when the budget is used up.
        """
        stage = self.stage
        stage.budget.take()
        what = f"{wanted.method} {wanted.path}"
        if what in stage.skip:
            return Exchange(wanted, 0, raised="left out: it ended an earlier process")
        stage.begin(what)
        stage.count += 1
        stage.seen.clear()
        refused = len(stage.sandbox.refused)
        started = time.perf_counter()
        status, body, raised = 0, "", ""
        headers: tuple[tuple[str, str], ...] = ()
        try:
            with _limit(stage.budget.each):
                response = self.client.open(**self._arguments(wanted), follow_redirects=follow)
                status = response.status_code
                headers = tuple((name, value) for name, value in response.headers.items())
                body = response.get_data()[:_BODY].decode("utf-8", "replace")
                response.close()
        except _TooLong:
            raised = f"no answer within {stage.budget.each:g} s"
        except (Exception, SystemExit) as error:  # noqa: BLE001 - whatever the application raises is what it answered
            raised = f"{type(error).__name__}: {error}"[:500]
        return Exchange(
            wanted, status, headers, body, raised, tuple(dict.fromkeys(stage.seen)), tuple(stage.sandbox.refused[refused:]),
            time.perf_counter() - started,
        )  # fmt: skip

    def _arguments(self, wanted: Wanted) -> dict[str, Any]:
        headers = {**self.headers, **wanted.headers}
        arguments: dict[str, Any] = {
            "path": wanted.path,
            "method": wanted.method,
            "query_string": wanted.query or None,
            "base_url": f"https://{headers.pop('Host', self.stage.host)}",
            "headers": headers,
        }
        if wanted.document is not None:
            arguments["data"] = json.dumps(wanted.document)
            arguments["content_type"] = "application/json"
        elif wanted.raw is not None:
            arguments["data"] = wanted.raw
        elif wanted.files:
            files = {
                name: FileStorage(io.BytesIO(item.content), item.filename, name, item.content_type)
                for name, item in wanted.files.items()
            }
            arguments["data"] = {**wanted.form, **files}
            arguments["content_type"] = "multipart/form-data"
        elif wanted.form or wanted.method in {"POST", "PUT", "PATCH"}:
            arguments["data"] = wanted.form
        for name, value in wanted.cookies.items():
            self.client.set_cookie(name, value, domain=self.stage.host.partition(":")[0])
        return arguments


@contextmanager
def _limit(seconds: float) -> Iterator[None]:
    """Stop a request that does not end, where the platform can: in the main thread, by a timer signal."""
    if threading.current_thread() is not threading.main_thread() or not hasattr(signal, "setitimer"):
        yield
        return

    def too_long(*_: object) -> None:
        raise _TooLong

    previous = signal.signal(signal.SIGALRM, too_long)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        with suppress(ValueError):
            signal.signal(signal.SIGALRM, previous)
