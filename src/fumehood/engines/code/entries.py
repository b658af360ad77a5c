"""Where a request enters, and what its view answers."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from typing import Any

from fumehood.engines.code.expressions import Expressions
from fumehood.engines.code.frameworks import answers_json
from fumehood.engines.code.heap import State
from fumehood.engines.code.taint import Place
from fumehood.engines.code.values import (
    External,
    Func,
    Ref,
    Text,
    Tuple,
    Unknown,
    Value,
    options,
)

__all__ = ["Answers", "Entry"]


@dataclass(eq=False, slots=True)
class Entry:
    """Where a request, or something else from outside, enters a function.

    Parameters:
        kind: "route", "hook", "error", "event" (what comes by a socket, or is a field of GraphQL).
        rule: the URL rule, "" when it is not known.
        methods: the HTTP methods.
        func: the function that answers.
        place: where it was registered.
        receiver: the name that it was registered with, as in ``flask.Flask.route``.
    """

    kind: str
    rule: str
    methods: tuple[str, ...]
    func: Func
    place: Place
    receiver: str
    endpoint: str = ""
    parameters: dict[str, frozenset[str]] = field(default_factory=dict)
    view: Value | None = None
    label: str = ""  # what guards it besides decorators: "openapi.auth_required"
    hook: str = ""
    owner: str = ""  # the blueprint's name and own prefix, joined by "|"
    raised: Value | None = None  # what an error handler is registered for
    skipped: int = 0  # parameters of an event's handler that are the library's own
    owners: tuple[str, ...] = ()  # of a hook that several blueprints share: all of them
    converters: dict[str, str] = field(
        default_factory=dict
    )  # parameter -> name of a converter of the program's own
    unit: str = ""  # the file on whose behalf it is interpreted


class Answers(Expressions):
    """What views return."""

    returned: list[tuple[Value, State, ast.AST, Any]]  # what the views inside of decorators returned

    def answered(self, frame: Any) -> None:
        """Look at what a view returns: text is sent as HTML, dicts and lists as JSON.

        What counts is what the outermost of its decorators' functions returns; the place is where the view itself returned it.
        """
        route = frame.route
        if not isinstance(route, Entry) or route.kind not in ("route", "error") or frame.func is None:
            return
        outermost = frame.func.node is route.func.node
        if not outermost and frame.func.node is self.record.innermost(route.func).node:
            self.returned.extend((option, state, node, frame) for option, state, node in _bodies(frame))
        if frame.func.node is self.record.innermost(route.func).node:
            self._answered_as_json(frame)
        if not outermost:
            return
        inner, self.returned = self.returned, []
        for option, state, node in _bodies(frame):
            known = [item for item in inner if item[0] == option]
            for _, inner_state, inner_node, inside in known[-3:]:
                self.enter(inner_node, inside.module, inside.scope, inside.func, inside.outer).route = route
                self._answer(option, inner_state, inner_node)
                self.leave()
            if not known:
                self._answer(option, state, node)

    def _answered_as_json(self, frame: Any) -> None:
        """Show rules the dicts and lists that a view returns, as if it had handed them to a function."""
        path = "flask.view.answer"
        entry = self.models.lookup(path)
        for value, state, node in frame.returns:
            for whole in options(value):
                body = whole.items[0] if isinstance(whole, Tuple) and whole.items else whole
                if not isinstance(body, Ref):
                    continue
                self.record.call(path, External(path), [body], {}, state, node, self)
                for sink in entry.sinks if entry is not None else ():
                    self.reach(sink, path, body, state, node)

    def _answer(self, body: Value, state: State, node: ast.AST) -> None:
        if not isinstance(body, Text) and all(
            t.source.kind == "stored" or t.source.name.endswith(("json", "get_json")) for t in body.taint
        ):
            return  # a row or an object is no page
        if answers_json(self, self.frame.route):
            return
        entry = self.models.lookup("flask.view.return")
        for sink in entry.sinks if entry is not None else ():
            self.reach(sink, "flask.view.return", body, state, node)


def _bodies(frame: Any) -> list[tuple[Value, State, ast.AST]]:
    """Return the texts that a view may return, tainted ones only."""
    found: list[tuple[Value, State, ast.AST]] = []
    for value, state, node in frame.returns:
        for whole in options(value):
            body = whole.items[0] if isinstance(whole, Tuple) and whole.items else whole
            for option in options(body):
                if not isinstance(option, Text | Unknown | External) or not option.taint:
                    continue
                made = isinstance(option, External) and option.path.startswith("flask.Response")
                if not made:  # a response is looked at where it is made
                    found.append((option, state, node))
    return found
