"""The watch over one application, and the way from a dangerous call to its verdict."""

from __future__ import annotations

import logging
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextvars import ContextVar
from copy import copy
from functools import partial
from typing import TYPE_CHECKING, Any

import flask
from flask import Flask, current_app, has_request_context

from fumehood.engines.sinks.inputs import Inputs, Value, fold, listen
from fumehood.engines.sinks.languages import Language

if TYPE_CHECKING:
    from flask import Request, Response

    from fumehood.engines.sinks.observation import Observation

__all__ = ["KEY", "Scope", "Watch", "active", "install", "watch_of"]

KEY = "fumehood.sinks"  # in app.extensions

logger = logging.getLogger("fumehood.sinks")

_FLASK = os.path.join(os.path.dirname(flask.__file__), "")  # noqa: PTH118, PTH120 - as Python names the files of its code

Listener = Callable[["Observation"], None]

_MOST_OCCURRENCES = 10_000
_CARRIED_SECONDS = (
    300.0  # how long a thread that a request has started is looked at with that request's values
)


class Watch:
    """Looks at the dangerous calls of one application's requests.

    Parameters:
        listener: is given every observation; what it raises goes to the caller of the dangerous call, which then does not happen.
        fail_closed: what happens when a look itself fails: True lets the failure stop the call, False lets the call pass.
            Either way it is counted in ``failures`` and logged.
        remembers: whether a statement that has passed once is never looked at again.
        blocks: whether the listener stops what it is told of; otherwise the same attack is to be seen each time.
    """

    scope: type[Scope]
    MOST_KNOWN = 4_096
    LONGEST_KNOWN = 20_000

    def __init__(
        self, listener: Listener, *, fail_closed: bool = False, remembers: bool = True, blocks: bool = True
    ) -> None:
        self.listener = listener
        self.fail_closed = fail_closed
        self.remembers = remembers
        self.blocks = blocks
        self.failures = 0
        self._begun = False
        # SQL statements that have passed: the same text cannot carry another request's value. Bounded; the oldest go first.
        self.known: dict[str, None] = {}
        self.configuration: Mapping[str, Any] = {}  # the application's: what it holds is no client's choice
        self.roots: tuple[str, ...] = ()  # folders that are the program's own to work in

    def begin(self, request: Request) -> Scope:
        """Look, from now on and in this context, at what this request's values do."""
        if not self._begun:
            self._begin_first()
        scope = self.scope(self, request)
        active.set(scope)
        return scope

    def _begin_first(self) -> None:
        from fumehood.engines.sinks.explain import remember_what_is_written

        remember_what_is_written()
        self._begun = True

    def end(self, response: Response) -> None:
        """Look no more when the answer has been made, which for a streamed one is when its last part is."""
        scope = active.get()
        if scope is None:
            return
        if response.is_streamed:
            scope.outlive()
            response.call_on_close(partial(active.set, None))
        else:
            active.set(None)

    def remember(self, statement: str) -> None:
        """Look at this statement no more."""
        if not self.remembers or len(statement) > self.LONGEST_KNOWN:
            return
        if len(self.known) >= self.MOST_KNOWN:
            for old in list(self.known)[: self.MOST_KNOWN // 4]:
                self.known.pop(old, None)
        self.known[statement] = None


class Scope:
    """One request of a watched application, wherever its work goes: a thread, a task, a greenlet, a streamed answer."""

    __slots__ = ("_expires", "_inputs", "_static", "known", "request", "watch")

    def __init__(self, watch: Watch, request: Request, expires: float = 0.0) -> None:
        self.watch = watch
        self.request = request
        self.known = watch.known  # one step less on the path of every query
        self._inputs: Inputs | None = None
        self._static: bool | None = None
        self._expires = expires
        # What is parsed is kept by the request; what the view reads from the stream itself is gone unless it is heard.
        environ = request.environ
        if (environ.get("CONTENT_LENGTH") or "HTTP_TRANSFER_ENCODING" in environ) and "wsgi.input" in environ:
            listen(environ)

    def carried(self) -> Scope:
        """Return this scope for a thread of its own, which may outlive the request, but not for ever."""
        self.inputs().values()
        other = copy(self)
        other._expires = time.monotonic() + _CARRIED_SECONDS
        return other

    def outlive(self) -> None:
        """Go on after the request's own context is gone, for what makes the parts of a streamed answer."""
        self._expires = time.monotonic() + _CARRIED_SECONDS

    def inputs(self) -> Inputs:
        """Return the request's values, collected once per request."""
        if self._inputs is None:
            self._inputs = Inputs(self.request)
        return self._inputs

    def serves_static_file(self) -> bool:
        """Tell whether Flask's own view answers this request with a file of a static folder; decided once."""
        if self._static is None:
            view = current_app.view_functions.get(self.request.endpoint or "") if current_app else None
            code = getattr(getattr(view, "__func__", view), "__code__", None)
            self._static = (
                code is not None
                and code.co_filename.startswith(_FLASK)
                and "send_static_file" in (*code.co_names, code.co_name)
            )
        return self._static

    def text(self, sink: str, call: str, argument: str, language: Language) -> None:
        """Look at a call whose argument is source text of some language.

        Parameters:
            sink: the language's name, for the observation.
            call: the public name of the call.
            argument: the text.
            language: how it is read.
        """
        if sink == "sql" and argument in self.known:
            return
        found = next(self._changed(argument, language), None)
        if found is not None:
            value, why = found
            self.report(sink, call, argument, value, why)
        elif sink == "sql":
            self.watch.remember(argument)

    def _changed(self, argument: str, language: Language) -> Iterator[tuple[Value, str]]:
        folded = fold(argument)
        inputs = self.inputs()
        for value, start, end in _occurrences(folded, inputs.values()):
            why = language.changes(argument, start, end)
            if why and not _own(argument, argument[start:end], language.changes):
                yield value, why
        known = inputs.words()
        for start, end, why in language.words(argument) if language.words is not None and known else ():
            chosen = known.get(folded[start:end])
            if chosen is not None and not _own(argument, argument[start:end]):
                yield chosen, why
        for start, end in inputs.pieces_in(folded, language.edges(argument)):
            why = language.changes(argument, start, end)
            first, last = language.core(argument, start, end) if why else (0, 0)
            effect = language.changes if (first, last) == (start, end) else partial(_stands, language)
            if first < last and not _own(argument, argument[first:last], effect):
                yield inputs.holding(folded[start:end]), why

    def report(self, sink: str, call: str, argument: str, value: Value, why: str) -> None:
        """Tell the listener of one value that changes the meaning of one call."""
        from fumehood.engines.sinks.observation import Observation, call_site

        self.watch.listener(
            Observation(
                sink,
                call,
                argument[:2000],
                value.source,
                value.name,
                value.text[:500],
                why,
                call_site(argument),
                self.request,
            )
        )

    def guarded(self, look: Callable[[], None]) -> None:
        """Run a look with the watch off, so that what it does itself is not looked at; handle its failure as set."""
        # Left behind in its context by a request that is over, a scope looks at nothing any more.
        if time.monotonic() > self._expires if self._expires else not has_request_context():
            active.set(None)
            return
        token = active.set(None)
        try:
            look()
        except (
            RecursionError,
            MemoryError,
            LookupError,
            TypeError,
            ValueError,
            AttributeError,
            RuntimeError,
            AssertionError,
        ):
            self.watch.failures += 1
            logger.exception("a look at a dangerous call failed (%d so far)", self.watch.failures)
            if self.watch.fail_closed:
                raise
        finally:
            active.reset(token)


Watch.scope = Scope

# Which request is looked at. A context variable keeps threads, asyncio tasks and greenlets apart.
active: ContextVar[Scope | None] = ContextVar("fumehood.sinks", default=None)


def _stands(language: Language, argument: str, start: int, end: int) -> str:
    """Say whether tokens stand between two places, outside of literals."""
    first, last = language.core(argument, start, end)
    return "it is part of the statement" if first < last else ""


def _own(argument: str, value: str, changes: Callable[[str, int, int], str] = lambda *_: "yes") -> bool:
    """Tell whether the program itself wrote a text as often as it stands in an argument with any effect."""
    from fumehood.engines.sinks.explain import own_words

    own = own_words(argument, value)
    at = argument.find(value)
    while at >= 0 and own >= 0:
        own -= 1 if changes(argument, at, at + len(value)) else 0
        at = argument.find(value, at + len(value))
    return own >= 0


def _occurrences(folded: str, values: list[Value]) -> Iterator[tuple[Value, int, int]]:
    for value in values:
        what = value.folded
        at, found = folded.find(what), 0
        while at >= 0:
            yield value, at, at + len(what)
            # A long value that is found many times repeats itself: every fourth of it is enough.
            at = folded.find(what, at + max(1, len(what) // 4))
            found += 1
            if found > _MOST_OCCURRENCES:
                raise RuntimeError(
                    f"{value.source} parameter {value.name!r} stands in one argument more than {_MOST_OCCURRENCES} times"
                )


def install(app: Flask, watch: Watch) -> None:
    """Put a watch over an application. The hooks are installed once per process and cost one look-up where no request runs.

    The caller begins each request with :meth:`Watch.begin`; :func:`watch_of` is the watch.
    """
    from fumehood.engines.sinks import sqlite
    from fumehood.engines.sinks.drivers import wrap_drivers
    from fumehood.engines.sinks.hooks import add_hook
    from fumehood.engines.sinks.threads import wrap_threads

    app.extensions[KEY] = watch
    if not (watch.blocks and watch.remembers):
        sqlite.keep_nothing()
    watch.configuration = app.config
    watch.roots = _own_folders(app)
    add_hook()
    wrap_drivers()
    wrap_threads()


def _own_folders(app: Flask) -> tuple[str, ...]:
    folders = {app.root_path, app.instance_path, os.getcwd(), tempfile.gettempdir(), sys.prefix, sys.base_prefix, os.path.expanduser("~"),  # noqa: PTH109, PTH111
        "/usr", "/etc/ssl", "/proc", "/dev"}  # fmt: skip
    return tuple(sorted(folder.rstrip("/") for folder in folders if folder.rstrip("/")))


def watch_of(app: Flask) -> Watch | None:
    """Return the watch over an application, if there is one."""
    watch: Watch | None = app.extensions.get(KEY)
    return watch
