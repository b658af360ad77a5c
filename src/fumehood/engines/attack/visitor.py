"""People who use the application: each has a session of its own and sends requests through the WSGI callable."""

from __future__ import annotations

import io
import json
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import replace
from typing import Any

from flask import Flask, request
from werkzeug.datastructures import FileStorage
from werkzeug.test import EnvironBuilder, run_wsgi_app

from fumehood.engines.attack.asked import listen
from fumehood.engines.attack.cookies import Jar
from fumehood.engines.attack.exchange import PAGE_TOKEN, Exchange, Signed, Wanted, is_refusal
from fumehood.engines.attack.outbox import Outbox
from fumehood.engines.attack.pages import read
from fumehood.engines.attack.sandbox import Sandbox
from fumehood.engines.attack.touch import Touching
from fumehood.engines.sinks import install
from fumehood.engines.sinks.observation import Observation
from fumehood.engines.sinks.watch import active

__all__ = ["Budget", "Spent", "Stage", "Visitor", "limit"]

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
        self.outbox = Outbox()  # mail that was sent
        self.host = app.config.get("SERVER_NAME") or "localhost"
        self.people: dict[str, Visitor] = {"": Visitor("", self)}
        self.asked = listen(app)
        self.watch = Touching(self.seen.append)
        self._unwatched = False
        self._observe(app)
        self._pages: dict[tuple[str, str], dict[str, str]] = {}

    def _observe(self, app: Flask) -> None:
        install(app, self.watch)
        original = app.full_dispatch_request

        def observed(*args: Any) -> Any:
            if self._unwatched:
                active.set(None)
            else:
                self.watch.begin(request._get_current_object())  # type: ignore[attr-defined]
            return original(*args)

        app.full_dispatch_request = observed  # type: ignore[method-assign]

    @contextmanager
    def unwatched(self) -> Iterator[None]:
        """Send requests at whose dangerous calls nobody looks: the time that they take is the application's alone."""
        self._unwatched = True
        try:
            yield
        finally:
            self._unwatched = False

    def wake(self) -> None:
        """Sign in again whose session has run out since it was made."""
        for person in self.people.values():
            if not person.is_alive():
                person.revive()

    def send(self, wanted: Wanted) -> Exchange:
        """Send a request as the person it names, with the cookies that they had when they had signed in.

        What one request changes in a session must not mislead the next: a probe of the login page would make everybody
        somebody else. Who is sent away though their session should hold is signed in again, once.
        """
        person = self.people[wanted.person]
        answer = person.again().send(self.with_token(wanted, person))
        if wanted.person and is_refusal(answer) and not person.is_alive() and person.revive():
            self._pages.clear()
            answer = person.again().send(self.with_token(wanted, person))
        # The page's token, which is another one each time, is not told.
        return replace(answer, wanted=wanted, signed=person.signed if wanted.person else answer.signed)

    def with_token(self, wanted: Wanted, person: Visitor, *, fresh: bool = False) -> Wanted:
        """Put the hidden token of the form's page into a form. The page is asked for once by each person, in their own session."""
        places = [name for name, value in wanted.form.items() if value == PAGE_TOKEN]
        if not wanted.page or not places:
            return wanted
        key = (wanted.person, wanted.page)
        hidden = None if fresh else self._pages.get(key)
        if hidden is None:
            page = person.send(Wanted("GET", wanted.page))
            hidden = {
                name: value
                for form in read(page.body, wanted.page).forms
                for name, (kind, value) in form.fields.items()
                if kind == "hidden"
            }
        if not fresh:  # a visitor on the way in has a session that is not yet anybody's
            self._pages[key] = hidden
        return wanted.having(form={**wanted.form, **{name: hidden.get(name, "") for name in places}})


class Visitor:
    """One person: a cookie jar and headers, such as a bearer token, that go with every request."""

    def __init__(self, name: str, stage: Stage, headers: dict[str, str] | None = None) -> None:
        self.name, self.stage = name, stage
        self.headers = headers or {}
        self.facts: dict[
            str, str
        ] = {}  # what is known of the account: user name, e-mail address, password, id
        self.jar = Jar()
        self.steps: tuple[Wanted, ...] = ()  # the requests that signed the person up and in
        self.life: Wanted | None = None  # a request that succeeds only while the session holds
        self.sign_in: Callable[[Visitor], bool] | None = None
        self._failures = 0

    @property
    def signed(self) -> Signed:
        """How the person signed in, for a test that does it again."""
        token = self.facts.get("token", "")
        return Signed(
            self.steps,
            {
                name: value.replace(token, "{token}")
                for name, value in self.headers.items()
                if token and token in value
            },
        )

    def is_alive(self) -> bool:
        """Tell whether the session still holds; yes when nothing is known by which to tell."""
        return self.life is None or not is_refusal(self.again().send(self.life))

    def revive(self) -> bool:
        """Sign in again, with whatever that takes. After some failures it is not tried any more."""
        if self.sign_in is None or self._failures > 3:
            return False
        fresh = Visitor(self.name, self.stage)
        if not self.sign_in(fresh):
            self._failures += 1
            return False
        self.jar, self.headers = fresh.jar, {**self.headers, **fresh.headers}
        self._failures = 0
        return True

    def again(self) -> Visitor:
        """Return the same person with a cookie jar of its own."""
        same = Visitor(self.name, self.stage, self.headers)
        same.jar = self.jar.copy()
        return same

    def send(self, wanted: Wanted) -> Exchange:
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
        stage.watch.touched.clear()
        stage.watch.stats.clear()
        stage.asked.begin()
        refused = len(stage.sandbox.refused)
        with closing(EnvironBuilder(**self._arguments(wanted))) as builder:
            environ = builder.get_environ()
        if host := wanted.headers.get("Host"):
            environ["HTTP_HOST"] = host
        started = time.perf_counter()
        status, body, raised = 0, "", ""
        headers: tuple[tuple[str, str], ...] = ()
        try:
            with limit(stage.budget.each):
                status, headers, body = self._call(environ, wanted.path)
        except _TooLong:
            raised = f"no answer within {stage.budget.each:g} s"
        except (Exception, SystemExit) as error:  # noqa: BLE001 - whatever the application raises is what it answered
            raised = f"{type(error).__name__}: {error}"[:500]
        return Exchange(
            wanted, status, headers, body, raised, tuple(dict.fromkeys(stage.seen)), tuple(stage.sandbox.refused[refused:]),
            time.perf_counter() - started, touched=frozenset(stage.watch.touched), asked=tuple(stage.asked.names), words=tuple(stage.asked.words), stats=tuple(stage.watch.stats[:5]),
        )  # fmt: skip

    def _call(self, environ: dict[str, Any], path: str) -> tuple[int, tuple[tuple[str, str], ...], str]:
        answer, status, given = run_wsgi_app(self.stage.app.wsgi_app, environ)
        body = b""
        try:
            for part in answer:
                body += part
                if len(body) > _BODY:
                    break
        finally:
            getattr(answer, "close", lambda: None)()
        headers = tuple((name, value) for name, value in given.items())
        self.jar.take(headers, path)
        return int(status.split()[0]), headers, body[:_BODY].decode("utf-8", "replace")

    def _arguments(self, wanted: Wanted) -> dict[str, Any]:
        headers = {**wanted.spare_headers, **self.headers, **wanted.headers}
        headers.pop("Host", None)  # set as it is, whatever it holds
        if cookies := self.jar.header(wanted.path, wanted.cookies, wanted.spare_cookies):
            headers["Cookie"] = cookies
        arguments: dict[str, Any] = {
            "path": wanted.path,
            "method": wanted.method,
            "query_string": wanted.query or None,
            "base_url": f"https://{self.stage.host}",
            "headers": headers,
            "environ_base": {"REMOTE_ADDR": "127.0.0.1", "REMOTE_PORT": "50000"},
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
        return arguments


@contextmanager
def limit(seconds: float) -> Iterator[None]:
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
