"""Stops an attack at the dangerous call itself, for the practices *input*, *sql* and *uploads*.

The engine ``sinks`` sees when a value of the request changes the meaning of a statement, a path, a command, a template, an
address or an object; this decides what happens then.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from flask import Flask

from fumehood.engines.sinks.watch import Watch, install, watch_of
from fumehood.practices.interface import Guard, Refusal

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment
    from flask import Request, Response

    from fumehood.engines.sinks.observation import Observation

__all__ = ["GuardSinks"]

# Keys of a request's environ: entries for the journal, the refusal, and whether entries have been written.
_SEEN, _STOPPED, _RECORDED = "fumehood.attacks", "fumehood.stopped", "fumehood.attacks.recorded"

# Which practice answers for which sink.
_PRACTICE = {"sql": "sql", "nosql": "sql", "ldap": "sql", "xpath": "sql"}


class GuardSinks(Guard):
    """Blocks, or only journals, what the sinks see (CWE-89, 78, 22, 918, 95, 502, 943, 90, 1336).

    ``FUMEHOOD_SINKS`` is "block" (the default: the call does not happen and the answer is a 403), "watch" (the call happens and
    is journaled) or "off". ``FUMEHOOD_SINKS_FAILURE`` says what happens when a look itself fails: "pass" or "stop"; each failure
    is counted, logged under ``fumehood.sinks`` and shown by ``fumehood audit --app``.
    """

    practice = "sinks"
    _watch: Watch | None = None

    def install(self, app: Flask) -> None:
        if self.settings.sinks == "off":
            return
        watch = Watch(
            self._seen,
            fail_closed=self.settings.sinks_failure == "stop",
            blocks=self.settings.sinks == "block",
        )
        install(app, watch)
        self._app = app
        self._watch = watch_of(app)

    def before(self, request: Request) -> Response | None:
        if self._watch is not None:
            self._watch.begin(request)
        return None

    def after(self, request: Request, response: Response) -> None:
        if self._watch is not None:
            self._watch.end(response)
        entries = request.environ.get(_SEEN)
        if entries is None and not response.is_streamed:
            return
        response.call_on_close(partial(self._record, request.environ))
        refusal = request.environ.get(_STOPPED)
        if refusal is not None and response.status_code != refusal.code:
            # The application has caught the refusal as if it were an error of the call; the answer is still a refusal.
            answer = self._app.make_response(self._app.handle_user_exception(refusal))
            response.status_code = refusal.code
            response.data = answer.get_data()
            response.content_type = answer.content_type

    def _seen(self, seen: Observation) -> None:
        practice = _PRACTICE.get(seen.sink, "input")
        refusal = Refusal(practice, f"{seen.call}: {seen.why}")
        details = {
            "practice": practice,
            "sink": seen.sink,
            "call": seen.call,
            "parameter": f"{seen.source}:{seen.parameter}",
            "reason": seen.why,
            "place": str(seen.site) if seen.site else "",
            "incident": refusal.incident,
        }
        # The call may be in a thread of the request, so everything is kept with the request and not with the context.
        assert seen.request is not None  # noqa: S101 - the watch is told each request
        environ = seen.request.environ
        blocks = self.settings.sinks == "block"
        # Kept until the request's own transaction is over: on SQLite it may hold the lock that the journal needs.
        environ.setdefault(_SEEN, []).append(("attack.blocked" if blocks else "attack.seen", details))
        if _RECORDED in environ:
            self._record(environ)  # a thread that has outlived its request
        if blocks:
            environ[_STOPPED] = refusal
            raise refusal

    def _record(self, environ: WSGIEnvironment) -> None:
        environ[_RECORDED] = True
        entries, environ[_SEEN] = environ.get(_SEEN, ()), []
        if not entries:
            return
        with self._app.request_context(environ):
            for event, details in entries:
                self.installation.record(event, **details)
