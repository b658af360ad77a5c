"""Conditions: which way a test can go, and what is known on each way."""

from __future__ import annotations

import ast
from typing import Any, NamedTuple

from fumehood.engines.code import implied
from fumehood.engines.code.comparisons import (
    NONE,
    Facts,
    facts_of_absence,
    facts_of_choice,
    facts_of_parents,
    is_own,
    ordered,
    same_value,
)
from fumehood.engines.code.expressions import Expressions
from fumehood.engines.code.facts import facts_of_address, facts_of_empty, facts_of_host
from fumehood.engines.code.heap import DictObject, Instance, ListObject, State
from fumehood.engines.code.values import (
    NEVER,
    NOTHING,
    Cls,
    Condition,
    Const,
    External,
    Func,
    Mod,
    Partial,
    Ref,
    Text,
    Tuple,
    Union,
    Unknown,
    Value,
    common,
    options,
    union,
    unknown,
)

__all__ = ["Conditions", "Verdict"]


class Verdict(NamedTuple):
    """Which way a test goes (None: either), and what holds on each way."""

    truth: bool | None
    when_true: Facts = NONE
    when_false: Facts = NONE


class Conditions(Expressions):
    def assume(self, node: ast.expr, state: State, quiet: bool = False) -> tuple[State | None, State | None]:
        """Return the states in which a test is true and in which it is false; None: it cannot be."""
        verdict = self.judge(node, state)
        yes: State | None = None
        no: State | None = None
        if verdict.truth is not False:
            yes = state.copy() if verdict.truth is None else state
            yes.facts |= verdict.when_true
            self.narrow(node, yes, True)
        if verdict.truth is not True:
            no = state
            no.facts |= verdict.when_false
            self.narrow(node, no, False)
        return yes, no

    def judge(self, node: ast.expr, state: State) -> Verdict:
        if isinstance(node, ast.BoolOp):
            return self._both(node, state) if isinstance(node.op, ast.And) else self._either_one(node, state)
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
            inner = self.judge(node.operand, state)
            return Verdict(
                None if inner.truth is None else not inner.truth, inner.when_false, inner.when_true
            )
        if isinstance(node, ast.Compare):
            return self._comparison(node, state)
        value = self.evaluate(node, state)
        if value is NEVER:
            return Verdict(None)
        if isinstance(value, Condition):
            return Verdict(None, value.when_true, value.when_false)
        if isinstance(value, Union):
            return self._of_options(value, state)
        return Verdict(self.truth(value, state), NONE, facts_of_host(value.taint) | facts_of_empty(value))

    def _of_options(self, value: Union, state: State) -> Verdict:
        truth = self.truth(value, state)
        yes: Facts | None = None
        no: Facts | None = None
        for option in value.options:
            one = self.truth(option, state)
            if isinstance(option, Const) and any(isinstance(other, Condition) for other in value.options):
                continue  # a default of the program's own, of which no fact says anything
            facts = option if isinstance(option, Condition) else None
            if one is not False:
                mine = facts.when_true if facts else NONE
                yes = mine if yes is None else common(yes, mine)
            if one is not True and option != NOTHING:
                mine = facts.when_false if facts else facts_of_empty(option)
                no = mine if no is None else common(no, mine)
        return Verdict(truth, yes or NONE, no or NONE)

    def _both(self, node: ast.BoolOp, state: State) -> Verdict:
        truth: bool | None = True
        when_true: Facts = NONE
        when_false: Facts | None = None
        inside = State(state.vars.copy(), state.heap, state.facts)
        for operand in node.values:
            verdict = self.judge(operand, inside)
            when_true |= verdict.when_true
            if verdict.truth is not True:
                when_false = (
                    verdict.when_false if when_false is None else common(when_false, verdict.when_false)
                )
            if verdict.truth is False:
                truth = False
                break
            if verdict.truth is None:
                truth = None
            inside.facts |= verdict.when_true
            self.narrow(operand, inside, True)
        _keep_new(state, inside)
        return Verdict(truth, when_true, when_false or NONE)

    def _either_one(self, node: ast.BoolOp, state: State) -> Verdict:
        truth: bool | None = False
        when_true: Facts | None = None
        when_false: Facts = NONE
        inside = State(state.vars.copy(), state.heap, state.facts)
        for operand in node.values:
            verdict = self.judge(operand, inside)
            when_false |= verdict.when_false
            if verdict.truth is not False:
                when_true = verdict.when_true if when_true is None else common(when_true, verdict.when_true)
            if verdict.truth is True:
                truth = True
                break
            if verdict.truth is None:
                truth = None
            inside.facts |= verdict.when_false
            self.narrow(operand, inside, False)
        _keep_new(state, inside)
        return Verdict(truth, when_true or NONE, when_false)

    def as_condition(self, node: ast.expr, state: State) -> Value:
        """Return a test's value; of what is not known, with the facts of either answer."""
        if isinstance(node, ast.UnaryOp | ast.Compare):
            verdict = self.judge(node, state)
            if verdict.truth is not None:
                return Const(verdict.truth)
            if verdict.when_true or verdict.when_false:
                return Condition(verdict.when_true, verdict.when_false)
            return Unknown(type="bool")
        return self.evaluate(node, state)

    def _compare(self, node: ast.Compare, state: State) -> Value:
        return self.as_condition(node, state)

    # Comparisons.
    def _comparison(self, node: ast.Compare, state: State) -> Verdict:
        left = self.evaluate(node.left, state)
        verdicts = []
        for operator, operand in zip(node.ops, node.comparators, strict=True):
            right = self.evaluate(operand, state)
            if isinstance(operator, ast.Eq | ast.NotEq):
                self.record.compared(left, right, operator, state, node, self)
                self.compared_with_request(left, right, state, node)
            verdicts.append(self._compared(operator, left, right, state))
            left = right
        if len(verdicts) == 1:
            return verdicts[0]
        truths = [verdict.truth for verdict in verdicts]
        truth = False if False in truths else None if None in truths else True
        return Verdict(truth, NONE.union(*(verdict.when_true for verdict in verdicts)))

    def _compared(self, operator: ast.cmpop, left: Value, right: Value, state: State) -> Verdict:
        if isinstance(operator, ast.In | ast.NotIn):
            verdict = self._contained(left, right, state)
        elif isinstance(operator, ast.Eq | ast.Is | ast.NotEq | ast.IsNot):
            verdict = self._equal(left, right, state, identity=isinstance(operator, ast.Is | ast.IsNot))
        else:
            return Verdict(ordered(operator, left, right))
        if isinstance(operator, ast.NotIn | ast.NotEq | ast.IsNot):
            truth = None if verdict.truth is None else not verdict.truth
            return Verdict(truth, verdict.when_false, verdict.when_true)
        return verdict

    def _equal(self, left: Value, right: Value, state: State, *, identity: bool) -> Verdict:
        for one, other in ((left, right), (right, left)):
            if isinstance(one, Condition) and isinstance(other, Const) and isinstance(other.value, bool):
                held = (one.when_true, one.when_false)
                return Verdict(None, *(held if other.value else held[::-1]))
        answers = {same_value(one, other) for one in options(left) for other in options(right)}
        truth = answers.pop() if len(answers) == 1 else None
        when_true: Facts = implied.of_sameness(left.taint, right.taint) if right.taint else NONE
        when_false: Facts = NONE
        for one, other in ((left, right), (right, left)):
            taint = one.taint
            if taint and isinstance(other, Const):
                yes, no = implied.of_character(taint, other.value)
                when_true |= yes
                when_false |= no
                if other.value == "..":
                    when_false |= implied.of_missing_segment(taint)
            if (
                taint
                and is_own(self.taint_of(other, state))
                and not (isinstance(other, Const) and other.value is None)
            ):
                when_true |= facts_of_choice(taint) | implied.of_parent(taint)
        return Verdict(truth, when_true, when_false)

    def _contained(self, item: Value, container: Value, state: State) -> Verdict:
        if isinstance(container, Const) and isinstance(item, Const):
            try:
                return Verdict(item.value in container.value)
            except TypeError:
                return Verdict(None)
        known = self._known_items(container, state)
        if isinstance(item, Const) and known is not None:
            if item in known:
                return Verdict(True)
            if all(isinstance(other, Const) for other in known):
                return Verdict(False)
            return Verdict(None)
        if (
            isinstance(item, Const)
            and isinstance(container, Text)
            and isinstance(item.value, str)
            and any(isinstance(part, str) and item.value in part for part in container.parts)
        ):
            return Verdict(True)
        taint = self.taint_of(container, state)
        if taint and isinstance(item, Const) and item.value == ".." and not isinstance(container, Tuple):
            segment = implied.of_missing_segment(taint)
            if segment:
                return Verdict(None, NONE, segment)
        if taint and not item.taint and implied.of_parent(taint):
            return Verdict(None, implied.of_parent(taint))
        if (
            isinstance(item, Const)
            and isinstance(item.value, str)
            and taint
            and not isinstance(container, Ref | Tuple)
        ):
            return Verdict(None, NONE, facts_of_absence(taint, item.value))
        if isinstance(container, External) and container.path == "pathlib.Path.parents":
            return Verdict(None, facts_of_parents(taint))
        if item.taint and is_own(self._container_taint(container, state)):
            missing: Facts = NONE
            for other in known or ():
                if isinstance(other, Const):
                    missing |= implied.of_character(item.taint, other.value)[1]
                    missing |= implied.of_missing_segment(item.taint) if other.value == ".." else NONE
            addresses = frozenset(taint for taint in item.taint if "address" in taint.removed)
            return Verdict(None, facts_of_choice(item.taint), missing | facts_of_address(addresses))
        return Verdict(None)

    def _container_taint(self, container: Value, state: State) -> Any:
        if isinstance(container, Ref):
            content = self.held(container, state)
            if isinstance(content, DictObject):
                return content.keys.taint if content.keys is not None else frozenset()
        return self.taint_of(container, state)

    def _known_items(self, container: Value, state: State) -> tuple[Value, ...] | None:
        if isinstance(container, Tuple):
            return container.items
        if isinstance(container, Ref):
            content = self.held(container, state)
            if isinstance(content, ListObject) and content.rest is None:
                return content.items
            if (
                isinstance(content, DictObject)
                and content.rest is None
                and container.address not in self.shared
            ):
                return tuple(Const(key) for key in content.items)
        return None

    # Truth.
    def truth(self, value: Value, state: State) -> bool | None:
        if isinstance(value, Const):
            return bool(value.value)
        if isinstance(value, Text):
            return True if any(isinstance(part, str) for part in value.parts) else None
        if isinstance(value, Tuple):
            return bool(value.items)
        if isinstance(value, Ref):
            content = self.held(value, state)
            if value.address in self.shared:
                return None
            if isinstance(content, ListObject):
                return bool(content.items) if content.rest is None and content.kind != "generator" else None
            if isinstance(content, DictObject):
                return (
                    True
                    if content.items and content.rest is None
                    else None
                    if content.rest is not None
                    else False
                )
            return True if isinstance(content, Instance) else None
        if isinstance(value, Func | Cls | Mod | Partial):
            return True
        if isinstance(value, Union):
            answers = {self.truth(option, state) for option in value.options}
            return answers.pop() if len(answers) == 1 else None
        return None

    def narrow(self, node: ast.expr, state: State, wanted: bool) -> None:
        """Keep of a variable only what a test leaves possible."""
        while isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
            node, wanted = node.operand, not wanted
        if isinstance(node, ast.NamedExpr):
            node = node.target
        if isinstance(node, ast.Name):
            value = state.vars.get(node.id)
            if isinstance(value, Union):
                left = [option for option in value.options if self.truth(option, state) in (None, wanted)]
                if left and len(left) < len(value.options):
                    state.vars[node.id] = union(left)
        elif isinstance(node, ast.Compare) and len(node.ops) == 1 and isinstance(node.left, ast.Name):
            self._narrow_compared(node, state, wanted)
        elif isinstance(node, ast.BoolOp) and isinstance(node.op, ast.And) is wanted:
            for operand in node.values:
                self.narrow(operand, state, wanted)
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "isinstance":
            self._narrow_type(node, state, wanted)

    def _narrow_compared(self, node: ast.Compare, state: State, wanted: bool) -> None:
        if not isinstance(node.left, ast.Name):
            return
        value = state.vars.get(node.left.id)
        right = node.comparators[0]
        if value is None or not isinstance(node.ops[0], ast.Eq | ast.Is | ast.NotEq | ast.IsNot):
            return
        equal = wanted is isinstance(node.ops[0], ast.Eq | ast.Is)
        if not isinstance(right, ast.Constant):
            return
        constant = Const(right.value)
        if equal and right.value is None:
            state.vars[node.left.id] = constant
        elif isinstance(value, Union):
            left = [option for option in value.options if same_value(option, constant) in (None, equal)]
            if left and len(left) < len(value.options):
                state.vars[node.left.id] = union(left)
        elif equal and isinstance(value, Unknown) and not value.taint:
            state.vars[node.left.id] = constant

    def _narrow_type(self, node: ast.Call, state: State, wanted: bool) -> None:
        if len(node.args) != 2 or not isinstance(node.args[0], ast.Name) or not wanted:
            return
        value = state.vars.get(node.args[0].id)
        kind = node.args[1]
        if isinstance(value, Unknown) and not value.type and isinstance(kind, ast.Name):
            if kind.id in ("int", "float", "bool"):
                state.vars[node.args[0].id] = self.as_number(value.taint)
            elif kind.id == "str":
                state.vars[node.args[0].id] = unknown(value.taint, "str")

    def matches(self, pattern: ast.pattern, subject: Value, state: State) -> bool | None:
        """Whether a case's pattern matches: yes, no, or None."""
        if isinstance(pattern, ast.MatchAs):
            return True if pattern.pattern is None else self.matches(pattern.pattern, subject, state)
        if isinstance(pattern, ast.MatchOr):
            answers = [self.matches(one, subject, state) for one in pattern.patterns]
            return True if True in answers else None if None in answers else False
        if isinstance(pattern, ast.MatchValue | ast.MatchSingleton):
            value = (
                self.evaluate(pattern.value, state)
                if isinstance(pattern, ast.MatchValue)
                else Const(pattern.value)
            )
            answers = [same_value(option, value) for option in options(subject)]
            first = answers[0]
            return first if all(answer is first for answer in answers) else None
        return None


def _keep_new(state: State, inside: State) -> None:
    state.heap = inside.heap
    for name, value in inside.vars.items():
        if name not in state.vars:
            state.vars[name] = value


Expressions._forms[ast.Compare] = Conditions._compare
