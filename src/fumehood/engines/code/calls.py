"""Calls: of the program's own functions and classes (followed), and of libraries' (looked up in the models)."""

from __future__ import annotations

import ast
from typing import Any, Final

from fumehood.engines.code.classes import Classes
from fumehood.engines.code.core import MAX_DEPTH, Frame, cleaned
from fumehood.engines.code.facts import with_taint
from fumehood.engines.code.heap import DictObject, ListObject, State, join_states, sweep
from fumehood.engines.code.members import is_abstract
from fumehood.engines.code.syntax import descendants
from fumehood.engines.code.taint import stepped, without
from fumehood.engines.code.values import (
    NEVER,
    NOTHING,
    UNKNOWN,
    Cls,
    Condition,
    Const,
    External,
    Func,
    Method,
    Partial,
    Ref,
    Tuple,
    Union,
    Unknown,
    Value,
    common,
    join,
    options,
    union,
    unknown,
)

__all__ = ["Calls"]

_Facts = frozenset[Any]

MAX_ENTERED: Final = 48  # times that one function is interpreted for one entry


class Calls(Classes):
    memo: dict[Any, tuple[Value, frozenset[Any], Any]]
    counts: dict[int, int]  # id of a function's node -> how often, for this entry
    invoked: set[tuple[str, int]]  # on whose behalf, id of the node of a function that was entered

    def _call(self, node: ast.Call, state: State) -> Value:
        func = self.evaluate(node.func, state)
        if func is NEVER:
            return NEVER
        args: list[Value] = []
        keywords: dict[str, Value] = {}
        for argument in node.args:
            if isinstance(argument, ast.Starred):
                known, element = self.elements(self.evaluate(argument.value, state), state, argument)
                if known is not None:
                    args += known
                elif element is not None and element is not UNKNOWN:
                    args.append(element)
            else:
                args.append(self.evaluate(argument, state))
        for keyword in node.keywords:
            value = self.evaluate(keyword.value, state)
            if keyword.arg is not None:
                keywords[keyword.arg] = value
                continue
            for one in options(value):
                self._spread(one, keywords, state)
        if NEVER in args:
            return NEVER
        if isinstance(func, Unknown) and not func.taint and isinstance(node.func, ast.Attribute):
            found = self.by_name(node.func.attr, args, keywords, state, node)
            if found is not None:
                return found
        if isinstance(node.func, ast.Call) and len(args) == 1 and self._is_decorator(func, args[0]):
            return self.decorate(node.func, args[0], state)  # app.route("/")(view)
        result = self.call(func, args, keywords, state, node)
        # A parameter of the request is the same each time it is asked for; what other calls give is new each time.
        same = result.taint and all(t.source.kind == "request" and t.source.param for t in result.taint)
        return self.checked(result, state) if same else result

    def _is_decorator(self, func: Value, given: Value) -> bool:
        """Whether a function is handed to what a call gave that registers routes: a decorator that is not written as one."""
        if not isinstance(given, Func) or not isinstance(func, External) or not func.path.endswith("()"):
            return False
        form = self.models.routes.get(func.path[:-2])
        return form is not None and "view" not in form

    def _spread(self, value: Value, keywords: dict[str, Value], state: State) -> None:
        """Hand over what ``**value`` holds."""
        content = self.held(value, state) if isinstance(value, Ref) else None
        if not isinstance(content, DictObject):
            keywords["**"] = unknown(self.taint_of(value, state))
            return
        keywords.update({name: held for name, held in content.items.items() if isinstance(name, str)})
        if content.rest is not None:
            own = content.keys is not None and not self.taint_of(content.keys, state)
            keywords["**"] = cleaned(content.rest, ("named",)) if own else content.rest

    def call(
        self, func: Value, args: list[Value], keywords: dict[str, Value], state: State, node: ast.AST
    ) -> Value:
        if isinstance(func, External):
            return self.external_call(func, args, keywords, state, node)
        if isinstance(func, Func):
            if self.models.declared and self.path_of(func) in self.models.declared:
                named = External(self.path_of(func))
                self.invoke(func, args, keywords, state, node)
                return self.external_effects(named, args, keywords, state, node) or UNKNOWN
            if func.owner is not None and is_abstract(func.node):
                found = self.overriding(func.node.name, args, keywords, state, node)  # type: ignore[union-attr]
                if found is not None:
                    return found
            return self.invoke(func, args, keywords, state, node)
        if isinstance(func, Method):
            return self.method_call(func, args, keywords, state, node)
        if isinstance(func, Cls):
            return self.instantiate(func, args, keywords, state, node)
        if isinstance(func, Partial):
            return self.call(func.func, [*func.args, *args], {**dict(func.keywords), **keywords}, state, node)
        if isinstance(func, Union):
            results = [self.call(option, args, keywords, state, node) for option in func.options]
            alive = [result for result in results if result is not NEVER]
            return union(alive) if alive else NEVER
        if isinstance(func, Ref):
            method = self.find_method(func, "__call__", state)
            if method is not None:
                return self.invoke(method, args, keywords, state, node)
        # What a function that nobody knows makes of its arguments is a guess.
        handed = without(self.taint_all((*args, *keywords.values()), state), ("via:unknown",))
        return unknown(self.taint_of(func, state) | handed)

    # The program's own functions.
    def invoke(
        self, func: Func, args: list[Value], keywords: dict[str, Value], state: State, node: ast.AST
    ) -> Value:
        if func.self_value is not None:
            args = [func.self_value, *args]
        count = self.counts[id(func.node)] = self.counts.get(id(func.node), 0) + 1
        if self.depth >= MAX_DEPTH or count > MAX_ENTERED or self._recursive(func):
            return unknown(self.taint_all((*args, *keywords.values()), state))
        key = self._memo_key(func, args, keywords, state)
        if key is not None:
            known = self.memo.get(key)
            if known is not None:
                state.facts |= known[1]
                self.record.again(known[2], self)
                return known[0]
            before = self.record.begin(self)
        try:
            value, facts = self._entered_function(func, args, keywords, state, node)
        finally:
            seen = self.record.end(before, self) if key is not None else None
        if key is not None and not _holds_ref(value):
            self.memo[key] = (value, facts, seen)
        return value

    def _recursive(self, func: Func) -> bool:
        count = 0
        frame: Frame | None = self.frame
        while frame is not None:
            if frame.func is not None and frame.func.node is func.node:
                count += 1
                if count >= 2:
                    return True
            frame = frame.caller
        return False

    def _memo_key(self, func: Func, args: list[Value], keywords: dict[str, Value], state: State) -> Any:
        if (
            func.frame
            or any(_holds_ref(value) for value in args)
            or any(_holds_ref(v) for v in keywords.values())
        ):
            return None
        inside = self.frame.route is not None  # what is seen outside of a route is not kept
        return (id(func.node), inside, tuple(args), tuple(sorted(keywords.items(), key=lambda item: item[0])))

    def _entered_function(
        self, func: Func, args: list[Value], keywords: dict[str, Value], state: State, node: ast.AST
    ) -> tuple[Value, frozenset[Any]]:
        caller = self.frame
        caller.state = state
        place = self.place(node)
        self.invoked.add((self.behalf(), id(func.node)))
        frame = self.enter(node, func.module, func.name, func, func.frame)
        frame.caller, frame.call = caller, node
        self.depth += 1
        try:
            held = state.heap
            inside = State({}, held.copy(), state.facts)
            frame.state = inside
            self.parameters(func, args, keywords, inside, place)
            before = state.facts
            value = self._body(func, frame, inside)
            if not _closes_over(func.node):
                sweep(inside.heap, held, (value,))
            state.heap = inside.heap
            state.facts = inside.facts
            self.saved[frame.id] = inside.vars
            self.outers[frame.id] = func.frame
        finally:
            self.depth -= 1
            self.leave()
        return value, state.facts - before

    def _body(self, func: Func, frame: Frame, inside: State) -> Value:
        node = func.node
        if isinstance(node, ast.Lambda):
            value = self.evaluate(node.body, inside)
            frame.returns.append((value, inside, node.body))
            self.answered(frame)
            return value
        entry_facts = inside.facts
        after = self.execute(node.body, inside)
        if after is not None:
            frame.returns.append((NOTHING, after, node))
        if frame.yields:
            produced = ListObject((), union(frame.yields), "generator")
            end = after or inside
            address = self.allocate(node, produced, end)
            inside.take(end)
            return address
        if not frame.returns:
            return NEVER
        joined = frame.returns[0][1]
        for _, ended, _ in frame.returns[1:]:
            joined = join_states(joined, ended) or joined
        self.answered(frame)
        value = self._returned(frame, entry_facts)  # before the states of the returns become one
        inside.take(joined)
        return value

    def _returned(self, frame: Frame, before: frozenset[Any]) -> Value:
        """Join what is returned; of a yes-or-no answer keep what each answer implies."""
        returns = frame.returns
        answers = [_answers(value, state.facts - before) for value, state, _ in returns]
        yes = [facts for answer in answers if answer for facts in answer[:1] if facts is not None]
        no = [facts for answer in answers if answer for facts in answer[1:] if facts is not None]
        if len(returns) > 1 and None not in answers and yes and no:
            when_true, when_false = common(*yes), common(*no)
            if when_true or when_false:
                return Condition(when_true, when_false)
        return union(value for value, _, _ in returns)

    def parameters(
        self, func: Func, args: list[Value], keywords: dict[str, Value], state: State, place: Any
    ) -> None:
        """Bind arguments to parameters."""
        spec = func.node.args
        names = [*spec.posonlyargs, *spec.args]
        left = dict(keywords)
        spread = left.pop("**", None)
        for position, parameter in enumerate(names):
            name = parameter.arg
            if position < len(args):
                value = args[position]
            elif name in left:
                value = left.pop(name)
            else:
                value = self._default(spec.defaults, position - len(names), parameter, spread, state)
            state.vars[name] = self._passed(value, name, place)
        for position, parameter in enumerate(spec.kwonlyargs):
            name = parameter.arg
            default = spec.kw_defaults[position]
            if name in left:
                value = left.pop(name)
            else:
                value = self._default([default] if default else [], -1, parameter, spread, state)
            state.vars[name] = self._passed(value, name, place)
        if spec.vararg is not None:
            state.vars[spec.vararg.arg] = Tuple(tuple(args[len(names) :]))
        if spec.kwarg is not None:
            state.vars[spec.kwarg.arg] = self.allocate(func.node, DictObject(left, spread), state)

    def _passed(self, value: Value, name: str, place: Any) -> Value:
        if value.taint and not isinstance(value, External):
            return with_taint(value, lambda taints: stepped(taints, place, f"passed as {name}"))
        return value

    def _default(
        self, defaults: list[ast.expr], index: int, parameter: ast.arg, spread: Value | None, state: State
    ) -> Value:
        if spread is not None:
            return spread
        if -len(defaults) <= index < 0:
            value = self.evaluate(defaults[index], state)
            if not isinstance(value, Const) or parameter.annotation is None or self.depth > 1:
                return value
            return join(value, UNKNOWN)
        typed = self.annotation(parameter.annotation, state) if parameter.annotation is not None else None
        return typed if typed is not None else UNKNOWN

    # Decorators.
    def decorate(self, node: ast.expr, value: Value, state: State) -> Value:
        decorator = self.evaluate(node.func if isinstance(node, ast.Call) else node, state)
        path = self.path_of(decorator)
        if isinstance(node, ast.Call):
            args = [self.evaluate(item, state) for item in node.args if not isinstance(item, ast.Starred)]
            keywords = {item.arg: self.evaluate(item.value, state) for item in node.keywords if item.arg}
        else:
            args, keywords = [], {}
        if isinstance(value, Func):
            self.record.decorated(value, path or _written(node), args, keywords, node, self)
            if path in (
                "builtins.property",
                "functools.cached_property",
                "builtins.staticmethod",
                "builtins.classmethod",
                "werkzeug.utils.cached_property",
            ):
                last = path.rpartition(".")[2]
                self.properties[id(value.node)] = "property" if last == "cached_property" else last
                return value
        if path and not isinstance(decorator, Func | Cls):
            if self.register_route(path, decorator, value, args, keywords, state, node):
                return value
            if isinstance(node, ast.Call):
                self.external_effects(External(path), args, keywords, state, node)
            return value
        if isinstance(decorator, Func | Partial):
            applied = (
                self.call(decorator, args, keywords, state, node) if isinstance(node, ast.Call) else decorator
            )
            result = (
                self.call(applied, [value], {}, state, node) if isinstance(applied, Func | Partial) else value
            )
            if isinstance(result, Func):
                if result.node is not getattr(value, "node", None) and isinstance(value, Func):
                    self.record.wrapped(result, value)
                return result
        return value

    def path_of(self, value: Value) -> str:
        if isinstance(value, External):
            return value.path
        if isinstance(value, Method):
            return f"?.{value.name}"
        if isinstance(value, Func):
            return f"{value.module.name}.{value.name}"
        if isinstance(value, Union):
            return next((path for path in map(self.path_of, value.options) if path), "")
        return ""

    def answered(self, frame: Frame) -> None:
        raise NotImplementedError

    def register_route(
        self,
        path: str,
        receiver: Value,
        view: Value,
        args: list[Value],
        keywords: dict[str, Value],
        state: State,
        node: ast.AST,
    ) -> bool:
        raise NotImplementedError


def _closes_over(node: ast.AST) -> bool:
    """Whether a function defines others, which may keep its variables."""
    known = _CLOSES.get(id(node))
    if known is None or known[0] is not node:
        inner = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)
        found = any(isinstance(child, inner) for child in descendants(node) if child is not node)
        known = _CLOSES[id(node)] = (node, found)
    return known[1]


_CLOSES: Final[dict[int, tuple[ast.AST, bool]]] = {}


def _holds_ref(value: Value) -> bool:
    if isinstance(value, Ref):
        return True
    if isinstance(value, Tuple | Union):
        return any(_holds_ref(item) for item in (value.items if isinstance(value, Tuple) else value.options))
    if isinstance(value, Func):
        return value.frame != 0 or (value.self_value is not None and _holds_ref(value.self_value))
    if isinstance(value, Method):
        return _holds_ref(value.receiver)
    if isinstance(value, External) and value.detail:
        return any(_holds_ref(item) for _, item in value.detail)
    return isinstance(value, Partial)


def _answers(value: Value, facts: _Facts) -> tuple[_Facts | None, _Facts | None] | None:
    """What holds when a returned value means yes, and when it means no (None: it never does); None: it is no answer."""
    if isinstance(value, Const):
        return (facts, None) if value.value else (None, facts)
    if isinstance(value, Condition):
        return facts | value.when_true, facts | value.when_false
    return (facts, facts) if isinstance(value, Unknown) and value.type == "bool" else None


def _written(node: ast.expr) -> str:
    try:
        return ast.unparse(node.func if isinstance(node, ast.Call) else node)
    except (RecursionError, ValueError):
        return ""
