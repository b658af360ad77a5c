"""The watch over one application, and the way from a dangerous call to its verdict."""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextvars import ContextVar

from flask import Flask, g, has_request_context, request

from fumehood.engines.sinks.inputs import Inputs, Value
from fumehood.engines.sinks.observation import Observation, call_site

__all__ = ["KEY", "Watch", "active", "install", "watch_of"]

KEY = "fumehood.sinks"  # in app.extensions

logger = logging.getLogger("fumehood.sinks")

# Which application's watch looks at the running request. A context variable keeps threads, asyncio tasks and greenlets apart.
active: ContextVar[Watch | None] = ContextVar("fumehood.sinks", default=None)

Listener = Callable[[Observation], None]


class Watch:
    """Looks at the dangerous calls of one application's requests.

    Parameters:
        listener: is given every observation; what it raises goes to the caller of the dangerous call, which then does not happen.
        fail_closed: what happens when a look itself fails: True lets the failure stop the call, False lets the call pass.
            Either way it is counted in ``failures`` and logged.
    """

    MOST_KNOWN = 4_096
    LONGEST_KNOWN = 20_000

    def __init__(self, listener: Listener, *, fail_closed: bool = False) -> None:
        self.listener = listener
        self.fail_closed = fail_closed
        self.failures = 0
        # SQL statements that have passed: the same text cannot carry another request's value. Bounded; the oldest go first.
        self.known: dict[str, None] = {}

    def inputs(self) -> Inputs:
        """Return the current request's values, collected once per request."""
        inputs: Inputs | None = g.get("_fumehood_inputs")
        if inputs is None:
            inputs = Inputs(request)
            g._fumehood_inputs = inputs
        return inputs

    def text(self, sink: str, call: str, argument: str, changes: Callable[[str, int, int], str]) -> None:
        """Look at a call whose argument is source text of some language.

        Parameters:
            sink: the language's name, for the observation.
            call: the public name of the call.
            argument: the text.
            changes: says what the text between two places changes, or "" when it is inert there.
        """
        remembered = sink == "sql"
        if remembered and argument in self.known:
            return
        for value, start, end in _occurrences(argument, self.inputs().values()):
            why = changes(argument, start, end)
            if why and not self._own(argument, argument[start:end]):
                self.report(sink, call, argument, value, why)
                return
        if remembered and len(argument) <= self.LONGEST_KNOWN:
            if len(self.known) >= self.MOST_KNOWN:
                for old in list(self.known)[: self.MOST_KNOWN // 4]:
                    self.known.pop(old, None)
            self.known[argument] = None

    def report(self, sink: str, call: str, argument: str, value: Value, why: str) -> None:
        """Tell the listener of one value that changes the meaning of one call."""
        self.listener(
            Observation(
                sink, call, argument[:2000], value.source, value.name, value.text[:500], why, call_site()
            )
        )

    def guarded(self, look: Callable[[], None]) -> None:
        """Run a look with the watch off, so that what it does itself is not looked at; handle its failure as set."""
        if not has_request_context():
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
        ):
            self.failures += 1
            logger.exception("a look at a dangerous call failed (%d so far)", self.failures)
            if self.fail_closed:
                raise
        finally:
            active.reset(token)

    @staticmethod
    def _own(argument: str, value: str) -> bool:
        from fumehood.engines.sinks.explain import own_words

        return argument.count(value) <= own_words(argument, value)


def _occurrences(argument: str, values: list[Value]) -> list[tuple[Value, int, int]]:
    folded = argument.casefold()
    same_places = len(folded) == len(argument)
    found = []
    for value in values:
        where, what = (folded, value.folded) if same_places else (argument, value.text)
        at = where.find(what)
        while at >= 0:
            found.append((value, at, at + len(what)))
            # A long value that is found many times repeats itself: every fourth of it is enough, and a bound on the work.
            at = where.find(what, at + max(1, len(what) // 4))
            if len(found) > 1_000:
                return found
    return found


def install(app: Flask, watch: Watch) -> None:
    """Put a watch over an application. The hooks are installed once per process and cost one look-up where no request runs.

    The caller sets :data:`active` to the watch at the start of each request; :func:`watch_of` is the watch.
    """
    from fumehood.engines.sinks.drivers import wrap_drivers
    from fumehood.engines.sinks.hooks import add_hook

    app.extensions[KEY] = watch
    add_hook()
    wrap_drivers()


def watch_of(app: Flask) -> Watch | None:
    """Return the watch over an application, if there is one."""
    watch: Watch | None = app.extensions.get(KEY)
    return watch
