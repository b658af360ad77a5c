"""Executing statements: each takes the state before it and gives the state after it, or None when no path gets there."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable
from typing import Any

from fumehood.engines.code.core import Spent
from fumehood.engines.code.events import event_methods
from fumehood.engines.code.facts import with_taint
from fumehood.engines.code.heap import Instance, ListObject, State, join_states
from fumehood.engines.code.loops import Loops
from fumehood.engines.code.taint import CLEAN, Taints, stepped, without
from fumehood.engines.code.values import (
    NEVER,
    NOTHING,
    UNKNOWN,
    Cls,
    Const,
    External,
    Func,
    Ref,
    Text,
    Tuple,
    Unknown,
    Value,
    union,
    unknown,
)

__all__ = ["Statements"]


class Statements(Loops):
    _actions: dict[type[ast.AST], Callable[[Any, Any, State], State | None]]

    def execute(self, body: Iterable[ast.stmt], state: State | None) -> State | None:
        actions = self._actions
        for statement in body:
            if state is None:
                return None
            self.spent += 1 + (len(state.heap) >> 6)
            if self.spent > self.budget:
                raise Spent
            action = actions.get(type(statement))
            if action is not None:
                state = action(self, statement, state)
        return state

    # Simple statements.
    def _expression(self, node: ast.Expr, state: State) -> State | None:
        value = self.evaluate(node.value, state)
        return None if value is NEVER else state

    def _assign(self, node: ast.Assign, state: State) -> State | None:
        value = self.evaluate(node.value, state)
        if value is NEVER:
            return None
        for target in node.targets:
            self.bind(target, value, state, node)
        return state

    def _annotated(self, node: ast.AnnAssign, state: State) -> State | None:
        if node.value is not None:
            value = self.evaluate(node.value, state)
            if value is NEVER:
                return None
            self.bind(node.target, value, state, node)
        elif isinstance(node.target, ast.Name) and self.frame.cls is not None:
            typed = self.annotation(node.annotation, state)
            if typed is not None:
                state.vars.setdefault(node.target.id, typed)
        return state

    def _augmented(self, node: ast.AugAssign, state: State) -> State | None:
        target = node.target
        before = self.evaluate(_loaded(target), state)
        after = self.evaluate(node.value, state)
        if after is NEVER:
            return None
        if isinstance(node.op, ast.Add) and self.extend_in_place(before, after, state, node):
            return state
        self.bind(target, self.binary(node.op, before, after, state, node), state, node)
        return state

    def _delete(self, node: ast.Delete, state: State) -> State | None:
        for target in node.targets:
            if isinstance(target, ast.Name):
                state.vars.pop(target.id, None)
            elif isinstance(target, ast.Subscript):
                self.delete_item(
                    self.evaluate(target.value, state), self.evaluate(target.slice, state), state
                )
        return state

    def _return(self, node: ast.Return, state: State) -> State | None:
        value = self.evaluate(node.value, state) if node.value is not None else NOTHING
        if value is not NEVER:
            self.frame.returns.append((value, state, node))
            if value.taint and self.frame.func is not None:
                name = self.frame.func.name.rpartition(".")[2]
                self.assigned_to(f"python.variable.{name}", value, state, node)
        return None

    def _raise(self, node: ast.Raise, state: State) -> State | None:
        if node.exc is not None:
            self.evaluate(node.exc, state)
        if self.frame.handlers:
            self.frame.handlers[-1].append(state)
        return None

    def _assert(self, node: ast.Assert, state: State) -> State | None:
        return self.assume(node.test, state)[0]

    def _global(self, node: ast.Global, state: State) -> State:
        self.frame.global_names.update(node.names)
        return state

    def _nonlocal(self, node: ast.Nonlocal, state: State) -> State:
        self.frame.nonlocal_names.update(node.names)
        return state

    # Definitions.
    def _function(self, node: ast.FunctionDef | ast.AsyncFunctionDef, state: State) -> State:
        frame = self.frame
        owner = frame.cls if isinstance(frame.cls, Cls) else None
        name = f"{frame.scope}.{node.name}" if frame.scope else node.name
        value: Value = Func(node, frame.module, frame.outer if owner else frame.id, name, owner)
        if frame.func is None and frame.cls is None:
            value = Func(node, frame.module, 0, name)
        elif owner is not None:
            value = Func(node, frame.module, frame.outer, name, owner)
        self.record.function(value, self)
        for default in (*node.args.defaults, *node.args.kw_defaults):
            if default is not None and not isinstance(default, ast.Constant):
                self.evaluate(default, state)
        state.vars[node.name] = value
        for decorator in reversed(node.decorator_list):
            value = self.decorate(decorator, value, state)
        self.assign_name(node.name, value, state, node)
        return state

    def _class(self, node: ast.ClassDef, state: State) -> State:
        bases = tuple(self.evaluate(base, state) for base in node.bases)
        for keyword in node.keywords:
            self.evaluate(keyword.value, state)
        value = self.define_class(node, bases, state)
        result: Value = value
        for decorator in reversed(node.decorator_list):
            result = self.decorate(decorator, result, state)
        self.assign_name(node.name, result, state, node)
        return state

    def define_class(self, node: ast.ClassDef, bases: tuple[Value, ...], state: State) -> Cls:
        frame = self.frame
        address = (id(node), frame.id)
        name = f"{frame.scope}.{node.name}" if frame.scope else node.name
        value = Cls(node, frame.module, name, bases, address)
        outer = frame.id if frame.func is not None and frame.cls is None else frame.outer
        inner = self.enter(node, frame.module, name, frame.func, outer)
        inner.cls = value
        body = State({"__qualname__": Const(name)}, state.heap, state.facts)
        try:
            after = self.execute(node.body, body)
        finally:
            self.leave()
        attributes = (after or body).vars
        state.heap = (after or body).heap
        state.heap[address] = Instance(None, attributes)
        self.record.cls(value, attributes, self)
        event_methods(self, value, attributes, node)
        return value

    # Imports.
    def _import(self, node: ast.Import, state: State) -> State:
        for alias in node.names:
            found = self.import_module(alias.name, 0)
            if alias.asname:
                self.assign_name(alias.asname, found, state, node)
            else:
                head = alias.name.partition(".")[0]
                self.assign_name(head, self.import_module(head, 0), state, node)
        return state

    def _import_from(self, node: ast.ImportFrom, state: State) -> State:
        dotted = node.module or ""
        for alias in node.names:
            if alias.name == "*":
                for name, value in self.star(dotted, node.level).items():
                    state.vars[name] = value
                continue
            self.assign_name(
                alias.asname or alias.name, self.import_name(dotted, node.level, alias.name), state, node
            )
        return state

    # Branches.
    def _if(self, node: ast.If, state: State) -> State | None:
        yes, no = self.assume(node.test, state)
        after_yes = self.execute(node.body, yes) if yes is not None else None
        after_no = self.execute(node.orelse, no) if no is not None else None
        return join_states(after_yes, after_no)

    def _match(self, node: ast.Match, state: State) -> State | None:
        subject = self.evaluate(node.subject, state)
        result: State | None = None
        rest: State | None = state
        for case in node.cases:
            if rest is None:
                break
            verdict = self.matches(case.pattern, subject, rest)
            if verdict is False:
                continue
            fresh = rest.copy()
            self.bind_pattern(case.pattern, subject, fresh)
            inside: State | None = fresh
            if case.guard is not None:
                inside, _ = self.assume(case.guard, fresh)
                verdict = None
            if inside is not None:
                result = join_states(result, self.execute(case.body, inside))
            if verdict is True:
                rest = None
        return join_states(result, rest)

    # Exceptions and contexts.
    def _try(self, node: ast.Try, state: State) -> State | None:
        frame = self.frame
        raised: list[State] = []
        returned = len(frame.returns)
        broken: State | None = state.copy()
        current: State | None = state
        frame.handlers.append(raised)
        handed, frame.argument_taint = frame.argument_taint, CLEAN
        try:
            for statement in node.body:
                if current is None:
                    break
                current = self.execute((statement,), current)
                if current is not None and len(node.body) > 1 and statement is not node.body[-1]:
                    broken = join_states(broken, current)
        finally:
            frame.handlers.pop()
            spoken, frame.argument_taint = frame.argument_taint, handed
        for left in (*raised, *(item[1] for item in frame.returns[returned:])):
            broken = join_states(broken, left)
        if broken is not None and current is not None:
            broken = join_states(broken, current)
        if current is not None and node.orelse:
            current = self.execute(node.orelse, current)
        after = current
        for handler in node.handlers:
            inside = (broken or state).copy()
            if handler.type is not None:
                kind = self.evaluate(handler.type, inside)
                if handler.name:
                    inside.vars[handler.name] = self.exception(kind, spoken)
            after = join_states(after, self.execute(handler.body, inside))
        if node.finalbody:
            if after is None:
                ended = frame.returns[returned:]
                self.execute(node.finalbody, (ended[-1][1] if ended else broken or state).copy())
                return None
            after = self.execute(node.finalbody, after)
        return after

    def exception(self, kind: Value, spoken: Taints) -> Value:
        """Return what a handler catches; the message of an exception repeats what libraries were given."""
        taint = without(spoken, ("via:exception",)) if spoken else spoken
        if isinstance(kind, External):
            return External(kind.path, taint, instance=True)
        return External("builtins.Exception", taint, instance=True)

    def _with(self, node: ast.With | ast.AsyncWith, state: State) -> State | None:
        for item in node.items:
            value = self.evaluate(item.context_expr, state)
            if value is NEVER:
                return None
            entered = self.entered(value, state, node)
            if item.optional_vars is not None:
                self.bind(item.optional_vars, entered, state, node)
        return self.execute(node.body, state)

    def entered(self, value: Value, state: State, node: ast.AST) -> Value:
        method = self.find_method(value, "__enter__", state)
        if method is not None:
            return self.invoke(method, [], {}, state, node)
        content = self.held(value, state) if isinstance(value, Ref) else None
        if isinstance(content, ListObject) and content.kind == "generator":
            return content.element() or UNKNOWN
        if isinstance(value, External) and not value.instance:
            known = self.models.returns.get(value.path + ".__enter__")
            if known:
                return External(known, value.taint, instance=True)
        return value

    # Patterns.
    def bind_pattern(self, pattern: ast.pattern, subject: Value, state: State) -> None:
        if isinstance(pattern, ast.MatchAs):
            if pattern.pattern is not None:
                self.bind_pattern(pattern.pattern, subject, state)
            if pattern.name:
                state.vars[pattern.name] = self._matched_by(pattern.pattern, subject, state)
            return
        taint = self.taint_of(subject, state)
        for inner in ast.walk(pattern):
            if isinstance(inner, ast.MatchAs | ast.MatchStar) and inner.name:
                state.vars[inner.name] = unknown(taint)
            elif isinstance(inner, ast.MatchMapping) and inner.rest:
                state.vars[inner.rest] = unknown(taint)
        if isinstance(pattern, ast.MatchSequence) and isinstance(subject, Tuple):
            if len(pattern.patterns) == len(subject.items):
                for part, item in zip(pattern.patterns, subject.items, strict=True):
                    self.bind_pattern(part, item, state)
        elif isinstance(pattern, ast.MatchMapping):
            for key, part in zip(pattern.keys, pattern.patterns, strict=True):
                self.bind_pattern(part, self.item(subject, self.evaluate(key, state), state, pattern), state)

        elif isinstance(pattern, ast.MatchClass):
            typed = self._matched_by(pattern, subject, state)
            for part in pattern.patterns:
                self.bind_pattern(part, typed, state)

    def _matched_by(self, pattern: ast.pattern | None, subject: Value, state: State) -> Value:
        """Return what a subject is once a pattern has matched: one of the constants named, a number, or itself."""
        if isinstance(pattern, ast.MatchOr):
            return union(self._matched_by(one, subject, state) for one in pattern.patterns)
        if isinstance(pattern, ast.MatchValue):
            return self.evaluate(pattern.value, state)
        if (
            isinstance(pattern, ast.MatchClass)
            and isinstance(pattern.cls, ast.Name)
            and pattern.cls.id in ("int", "float", "bool")
        ):
            return self.as_number(self.taint_of(subject, state))
        return subject

    # Names.
    def assign_name(self, name: str, value: Value, state: State, node: ast.AST) -> None:
        frame = self.frame
        if value.taint and not isinstance(value, External):
            place = self.place(node)
            value = self.stepping(value, place, f"assigned to {name}")
        if value.taint and isinstance(value, Unknown | Text | External) and _is_random(value):
            self.assigned_to(f"python.variable.{name}", value, state, node)
        if name in frame.global_names:
            self.publish(value, state)
            self.set_global(frame.module.path, name, value)
            return
        if name in frame.nonlocal_names:
            outer = self.live.get(frame.outer)
            if outer is not None and outer.state is not None:
                outer.state.vars[name] = value
            else:
                self.saved.setdefault(frame.outer, {})[name] = value
        state.vars[name] = value

    def stepping(self, value: Value, place: Any, message: str) -> Value:
        return with_taint(value, lambda taints: stepped(taints, place, message))


def _is_random(value: Value) -> bool:
    """Whether a value is itself a text or a number that was drawn, and no object with one somewhere in it."""
    plain = value.path.startswith(("random.", "uuid.")) if isinstance(value, External) else True
    return plain and any(t.source.kind == "random" and "via:unknown" not in t.removed for t in value.taint)


def _loaded(target: ast.expr) -> ast.expr:
    if isinstance(target, ast.Name):
        return ast.copy_location(ast.Name(target.id, ast.Load()), target)
    return target


Statements._actions = {
    ast.Expr: Statements._expression,
    ast.Assign: Statements._assign,
    ast.AnnAssign: Statements._annotated,
    ast.AugAssign: Statements._augmented,
    ast.Delete: Statements._delete,
    ast.Return: Statements._return,
    ast.Raise: Statements._raise,
    ast.Assert: Statements._assert,
    ast.Global: Statements._global,
    ast.Nonlocal: Statements._nonlocal,
    ast.FunctionDef: Statements._function,
    ast.AsyncFunctionDef: Statements._function,
    ast.ClassDef: Statements._class,
    ast.Import: Statements._import,
    ast.ImportFrom: Statements._import_from,
    ast.If: Statements._if,
    ast.Match: Statements._match,
    ast.For: Statements._for,
    ast.AsyncFor: Statements._for,
    ast.While: Statements._while,
    ast.Break: Statements._break,
    ast.Continue: Statements._continue,
    ast.Try: Statements._try,
    ast.TryStar: Statements._try,
    ast.With: Statements._with,
    ast.AsyncWith: Statements._with,
}
