"""What rules inherit, and what the engine tells them: flows, calls, assignments, routes.

A rule states a property; it never walks a syntax tree. ``docs/engine.md`` has the whole contract.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from fumehood.engines.code.subjects import Argument, Assign, Call, Flow, Program, Route
from fumehood.engines.code.taint import Place, Taint, Trail
from fumehood.engines.code.values import External, Value
from fumehood.findings import Certainty, Finding, Location, Severity, Step
from fumehood.findings import Unknown as CannotTell

__all__ = ["Argument", "Assign", "Call", "CodeCheck", "Flow", "FlowCheck", "Program", "Route"]


class _Check:
    """What both kinds of checks use of the rule that they are mixed into."""

    if TYPE_CHECKING:
        severity: ClassVar[Severity]

        def finding(self, message: str, **parts: Any) -> Finding: ...

    covers: ClassVar[
        tuple[str, ...]
    ] = ()  # ids of rules whose finding at the same line is the same flaw, said with less

    def settle(self, findings: Sequence[Finding], program: Program) -> Sequence[Finding]:
        """Look at all that this rule found in the program, and keep what is a flaw of its own and no consequence of another."""
        return findings


class FlowCheck(_Check):
    """Mixed into a rule that is shown by a flow from a source to a sink: ``class SqlInjection(Rule, FlowCheck)``.

    Attributes:
        sinks: the kinds of sink (``kind`` in a ``[[sink]]`` of models.toml) that are this flaw.
        sources: the kinds of source that can cause it.
    """

    sinks: ClassVar[tuple[str, ...]] = ()
    sources: ClassVar[tuple[str, ...]] = ("request",)
    parameters: ClassVar[bool] = False  # also suspect what a function is handed by callers that nobody knows
    message: ClassVar[str] = "{source} reaches {sink}"
    fix: ClassVar[str] = ""  # one sentence: what to do

    def flow(self, flow: Flow) -> Iterator[Finding]:
        """Turn a flow into findings; the default makes one, with the path. Override to look closer."""
        yield self.flaw(flow)

    def flaw(self, flow: Flow, message: str = "", **parts: Any) -> Finding:
        """Return the finding of a flow."""
        text = message or self.message.format(source=flow.source, sink=flow.sink, parameter=flow.parameter)
        parts.setdefault("certainty", flow.certainty)
        if flow.source_kind == "argument":
            parts.setdefault("severity", min(self.severity, Severity.MEDIUM))
        if flow.guessed and self.severity > Severity.LOW:
            parts.setdefault("severity", Severity(self.severity - 1))
        return self.finding(
            text,
            location=flow.location,
            route=flow.route,
            parameter=flow.parameter,
            trace=flow.trace,
            fix=self.fix,
            **parts,
        )


class CodeCheck(_Check):
    """Mixed into a rule that is shown by a call, an assignment, a comparison, a route, or the program as a whole.

    Attributes:
        calls: the public names of the calls that it wants to see: exact, ``pickle.*``, or ``*.execute``.
        assigns: the same for assignments: ``flask.Flask.secret_key``, ``flask.Flask.config[DEBUG]``, ``*.debug``.
    """

    calls: ClassVar[tuple[str, ...]] = ()
    assigns: ClassVar[tuple[str, ...]] = ()
    once: ClassVar[str] = (
        "place"  # findings with the same message are one for each "place", "function" or "file"
    )
    fix: ClassVar[str] = ""

    def call(self, call: Call) -> Iterator[Finding]:
        """Look at one of the calls in ``calls``, once for each place and each way to get there."""
        return iter(())

    def assign(self, assign: Assign) -> Iterator[Finding]:
        """Look at one of the assignments in ``assigns``."""
        return iter(())

    def route(self, route: Route) -> Iterator[Finding]:
        """Look at one route, after everything in it has been interpreted."""
        return iter(())

    def program(self, program: Program) -> Iterator[Finding | CannotTell]:
        """Look at the whole program: its routes side by side, its configuration, its templates."""
        return iter(())

    def flaw(self, at: Call | Assign | Route, message: str, **parts: Any) -> Finding:
        """Return a finding at a place, ``Certainty.READ`` unless told otherwise."""
        parts.setdefault("certainty", Certainty.READ)
        parts.setdefault("location", at.location)
        parts.setdefault("route", at.route if isinstance(at.route, str) else "")
        parts.setdefault("fix", self.fix)
        return self.finding(message, **parts)


class Recorder:
    """What the interpreter tells; see :mod:`fumehood.engines.code.recorder`. This one keeps nothing."""

    def read(self, path: str, core: Any) -> None: ...
    def mounted(self, mount: tuple[str, str | None, str, str], core: Any) -> None: ...
    def imported(self, dotted: str, core: Any) -> None: ...
    def function(self, value: Value, core: Any) -> None: ...
    def cls(self, value: Value, attributes: Mapping[str, Value], core: Any) -> None: ...
    def constructed(
        self,
        cls: Value,
        args: Sequence[Value],
        keywords: Mapping[str, Value],
        state: Any,
        node: ast.AST,
        core: Any,
    ) -> None: ...
    def decorated(
        self,
        func: Value,
        path: str,
        args: Sequence[Value],
        keywords: Mapping[str, Value],
        node: ast.AST,
        core: Any,
    ) -> None: ...
    def wrapped(self, wrapper: Value, inner: Value) -> None: ...
    def innermost(self, func: Any) -> Any:
        return func

    def entry(self, entry: Any, core: Any) -> None: ...

    # A call that is interpreted once, and what was seen in it, which counts again where it is called again.
    def begin(self, core: Any) -> Any:
        return None

    def end(self, before: Any, core: Any) -> Any:
        return None

    def again(self, seen: Any, core: Any) -> None: ...
    def call(
        self,
        path: str,
        func: External,
        args: Sequence[Value],
        keywords: Mapping[str, Value],
        state: Any,
        node: ast.AST,
        core: Any,
    ) -> None: ...
    def flow(
        self, sink: Any, path: str, value: Value, taints: Iterable[Taint], node: ast.AST, core: Any
    ) -> None: ...
    def assigned(self, path: str, value: Value, state: Any, node: ast.AST, core: Any) -> None: ...
    def attribute(self, cls: Any, name: str, value: Value, state: Any, node: ast.AST, core: Any) -> None: ...
    def compared(
        self, left: Value, right: Value, operator: ast.cmpop, state: Any, node: ast.AST, core: Any
    ) -> None: ...


def steps(trail: Trail, lines: Any) -> tuple[Step, ...]:
    """Return a trail as steps, from the source on."""
    found = []
    while trail is not None:
        place, message, trail = trail
        found.append(Step(located(place, lines), message))
    return tuple(reversed(found))


def located(place: Place, lines: Any) -> Location:
    path, line, column, scope = place
    return Location(path, line, column, code=lines(path, line), scope=scope)
