"""Loops: unrolled where what they go through is known, else repeated until nothing new comes."""

from __future__ import annotations

import ast
from typing import Any, Final

from fumehood.engines.code.conditions import Conditions
from fumehood.engines.code.heap import State, join_states
from fumehood.engines.code.values import (
    NEVER,
    UNKNOWN,
    Value,
    join,
)

__all__ = ["Loops"]


MAX_ROUNDS: Final = 3
MAX_UNROLL: Final = 24


class Loops(Conditions):
    """``for`` and ``while``."""

    # Loops.
    def _for(self, node: ast.For | ast.AsyncFor, state: State) -> State | None:
        iterable = self.evaluate(node.iter, state)
        if iterable is NEVER:
            return None
        known, element = self.elements(iterable, state, node)
        breaks: list[State] = []
        if known is not None and len(known) <= MAX_UNROLL:
            after = self._unrolled(node, known, state, breaks)
        else:
            if known:
                element = known[0]
                for item in known[1:]:
                    element = join(element, item)
            after = self._repeated(node, element, state, breaks)
        if node.orelse and after is not None:
            after = self.execute(node.orelse, after)
        for left in breaks:
            after = join_states(after, left)
        return after

    def _unrolled(
        self, node: ast.For | ast.AsyncFor, items: tuple[Value, ...], state: State, breaks: list[State]
    ) -> State | None:
        current: State | None = state
        for item in items:
            if current is None:
                break
            current = self._pass(node.target, item, node.body, current, breaks, node)
        return current

    def _repeated(
        self, node: ast.For | ast.AsyncFor, element: Value | None, state: State, breaks: list[State]
    ) -> State | None:
        value = element if element is not None else UNKNOWN
        current: State | None = state
        shown: frozenset[Any] = frozenset()
        for number in range(MAX_ROUNDS):
            if current is None:
                break
            breaks.clear()
            after = self._pass(node.target, value, node.body, current.copy(), breaks, node)
            # Where a host has no address there is nothing to connect to: what holds after each pass holds after the loop.
            shown = (
                frozenset(fact for fact in after.facts if fact[2] == "host") if after is not None else shown
            )
            joined = join_states(current, after, widening=number > 0)
            if after is None or (joined is not None and same(joined, current)):
                break
            current = joined
        if current is not None and shown:
            current.facts |= shown
        return current

    def _pass(
        self,
        target: ast.expr | None,
        item: Value,
        body: list[ast.stmt],
        state: State,
        breaks: list[State],
        node: ast.AST,
    ) -> State | None:
        continues: list[State] = []
        self.frame.loops.append((breaks, continues))
        try:
            if target is not None:
                self.bind(target, item, state, node)
            after = self.execute(body, state)
        finally:
            self.frame.loops.pop()
        for left in continues:
            after = join_states(after, left)
        return after

    def _while(self, node: ast.While, state: State) -> State | None:
        breaks: list[State] = []
        out: State | None = None
        current: State | None = state
        for number in range(MAX_ROUNDS + 1):
            if current is None:
                break
            yes, no = self.assume(node.test, current)
            out = join_states(out, no.copy() if no is current else no)
            if yes is None:
                break
            after = self._pass(None, UNKNOWN, node.body, yes.copy() if yes is current else yes, breaks, node)
            joined = join_states(current, after, widening=number > 0)
            if after is None or (joined is not None and same(joined, current)):
                break
            current = joined
        if node.orelse and out is not None:
            out = self.execute(node.orelse, out)
        for left in breaks:
            out = join_states(out, left)
        return out

    def _break(self, node: ast.Break, state: State) -> None:
        if self.frame.loops:
            self.frame.loops[-1][0].append(state)

    def _continue(self, node: ast.Continue, state: State) -> None:
        if self.frame.loops:
            self.frame.loops[-1][1].append(state)


def same(one: State, other: State) -> bool:
    """Whether two states are equal; used to see that a loop has settled."""
    if len(one.vars) != len(other.vars) or len(one.heap) != len(other.heap):
        return False
    for name, value in one.vars.items():
        theirs = other.vars.get(name)
        if theirs is not value and theirs != value:
            return False
    for address, content in one.heap.items():
        other_content = other.heap.get(address)
        if other_content is not content and other_content != content:
            return False
    return True
