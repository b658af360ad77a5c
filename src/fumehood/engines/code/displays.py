"""Displays and comprehensions: text, tuples, lists, sets and dicts as the program writes them down."""

from __future__ import annotations

import ast
from typing import Any

from fumehood.engines.code.calls import Calls
from fumehood.engines.code.heap import DictObject, ListObject, State
from fumehood.engines.code.operations import concatenate, text_parts
from fumehood.engines.code.values import (
    NEVER,
    NOTHING,
    UNKNOWN,
    Const,
    Ref,
    Tuple,
    Union,
    Value,
    join,
    union,
    unknown,
)

__all__ = ["Displays"]


class Displays(Calls):
    """Text, tuples, lists, sets and dicts as they are written down."""

    def _fstring(self, node: ast.JoinedStr, state: State) -> Value:
        parts: list[str | Value] = []
        for piece in node.values:
            if isinstance(piece, ast.Constant):
                parts.append(str(piece.value))
            elif isinstance(piece, ast.FormattedValue):
                value = self.evaluate(piece.value, state)
                if value is NEVER:
                    return NEVER
                if piece.format_spec is not None and _numeric_spec(piece.format_spec):
                    value = self.as_number(self.taint_of(value, state))
                text = self.as_text(value, state)
                if isinstance(text, Union):
                    known = [option for option in text.options if isinstance(option, Const)]
                    text = text.options[0] if len(known) == len(text.options) == 1 else text
                parts += text_parts(text)
        return concatenate(parts)

    # Containers.
    def _tuple(self, node: ast.Tuple, state: State) -> Value:
        items, rest = self._members(node.elts, state)
        if rest is not None:
            return self.allocate(node, ListObject((), union((*items, rest))), state)
        return Tuple(tuple(items))

    def _list(self, node: ast.List, state: State) -> Value:
        items, rest = self._members(node.elts, state)
        return self.allocate(
            node, ListObject(() if rest else tuple(items), union((*items, rest)) if rest else None), state
        )

    def _set(self, node: ast.Set, state: State) -> Value:
        items, rest = self._members(node.elts, state)
        whole = union((*items, rest)) if rest else None
        return self.allocate(node, ListObject(() if rest else tuple(items), whole, "set"), state)

    def _members(self, nodes: list[ast.expr], state: State) -> tuple[list[Value], Value | None]:
        items: list[Value] = []
        rest: Value | None = None
        for element in nodes:
            if isinstance(element, ast.Starred):
                known, each = self.elements(self.evaluate(element.value, state), state, element)
                if known is not None:
                    items += known
                else:
                    rest = each if rest is None or each is None else join(rest, each)
                    rest = rest or UNKNOWN
            else:
                items.append(self.evaluate(element, state))
        return items, rest

    def _dict(self, node: ast.Dict, state: State) -> Value:
        items: dict[Any, Value] = {}
        rest: Value | None = None
        keys: Value | None = None
        for key, value in zip(node.keys, node.values, strict=True):
            held = self.evaluate(value, state)
            if key is None:
                other = self.held(held, state) if isinstance(held, Ref) else None
                if isinstance(other, DictObject):
                    items.update(other.items)
                    held = other.rest if other.rest is not None else NOTHING
                    if other.rest is None:
                        continue
                rest = unknown(self.taint_of(held, state)) if rest is None else join(rest, held)
                continue
            name = self.evaluate(key, state)
            if isinstance(name, Const):
                items[name.value] = held
            else:
                rest = held if rest is None else join(rest, held)
                keys = name if keys is None else join(keys, name)
        return self.allocate(node, DictObject(items, rest, keys), state)

    # Comprehensions.
    def _comprehension(self, node: ast.ListComp | ast.SetComp | ast.GeneratorExp, state: State) -> Value:
        results, exact = self._generated(node.generators, 0, [node.elt], state)
        kind = "set" if isinstance(node, ast.SetComp) else "list"
        flat = [result[0] for result in results]
        if exact:
            return self.allocate(node, ListObject(tuple(flat), None, kind), state)
        return self.allocate(node, ListObject((), union(flat) if flat else UNKNOWN, kind), state)

    def _dict_comprehension(self, node: ast.DictComp, state: State) -> Value:
        results, exact = self._generated(node.generators, 0, [node.key, node.value], state)
        if exact and all(isinstance(key, Const) for key, _ in results):
            items = {key.value: value for key, value in results if isinstance(key, Const)}
            return self.allocate(node, DictObject(items), state)
        rest = union(value for _, value in results) if results else None
        keys = union(key for key, _ in results) if results else None
        return self.allocate(node, DictObject({}, rest, keys), state)

    def _generated(
        self, generators: list[ast.comprehension], position: int, wanted: list[ast.expr], state: State
    ) -> tuple[list[tuple[Value, ...]], bool]:
        if position == len(generators):
            return [tuple(self.evaluate(expression, state) for expression in wanted)], True
        generator = generators[position]
        known, element = self.elements(self.evaluate(generator.iter, state), state, generator.iter)
        exact = known is not None and len(known) <= 24
        items = known if known is not None and exact else (union(known) if known else element or UNKNOWN,)
        results: list[tuple[Value, ...]] = []
        for item in items:
            fresh = State(state.vars.copy(), state.heap, state.facts)
            self.bind(generator.target, item, fresh, generator.iter)
            inside: State | None = fresh
            for condition in generator.ifs:
                if inside is None:
                    break
                inside, no = self.assume(condition, inside)
                exact = exact and (inside is None or no is None)
            if inside is None:
                continue
            more, whole = self._generated(generators, position + 1, wanted, inside)
            exact = exact and whole
            results += more
            state.heap = inside.heap
        return results, exact


def _numeric_spec(spec: ast.expr) -> bool:
    return (
        isinstance(spec, ast.JoinedStr)
        and len(spec.values) == 1
        and isinstance(spec.values[0], ast.Constant)
        and str(spec.values[0].value)[-1:] in tuple("bcdoxXeEfFgGn%")
    )
