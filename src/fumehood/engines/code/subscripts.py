"""Subscripts: items and slices, read, stored and deleted."""

from __future__ import annotations

import ast
from typing import Any, Final

from fumehood.engines.code.facts import with_taint
from fumehood.engines.code.heap import DictObject, ListObject, State
from fumehood.engines.code.operations import Operations, concatenate
from fumehood.engines.code.taint import Taint, keyed, parted
from fumehood.engines.code.values import (
    UNKNOWN,
    Const,
    External,
    Ref,
    Text,
    Tuple,
    Union,
    Unknown,
    Value,
    options,
    union,
    unknown,
)

__all__ = ["Subscripts"]


_CUTS: Final[dict[tuple[Any, ...], str]] = {
    (1, -1, None): "[1:-1]",
    (None, 1, None): "[:1]",
    (1, 2, None): "[1:2]",
    (None, 2, None): "[:2]",
}


class Subscripts(Operations):
    """Reading, storing and deleting items."""

    # Subscripts.
    def item(self, value: Value, key: Value, state: State, node: ast.AST) -> Value:
        if isinstance(value, Union) or (isinstance(key, Union) and len(key.options) <= 8):
            return union(
                self._item(one, each, state, node) for one in options(value) for each in options(key)
            )
        return self._item(value, key, state, node)

    def _item(self, value: Value, key: Value, state: State, node: ast.AST) -> Value:
        if isinstance(value, Const) and isinstance(key, Const):
            try:
                return Const(value.value[key.value])
            except Exception:  # noqa: BLE001 -- any object's own indexing
                return UNKNOWN
        if isinstance(value, Tuple):
            if isinstance(key, Const) and isinstance(key.value, int):
                return (
                    value.items[key.value] if -len(value.items) <= key.value < len(value.items) else UNKNOWN
                )
            return union(value.items) if value.items else UNKNOWN
        if isinstance(value, Ref):
            return self._held_item(value, key, state, node)
        if isinstance(value, External):
            return self.external_item(value, key, state, node)
        taint = self.taint_of(value, state)
        if isinstance(key, Const):
            if isinstance(key.value, str):
                return unknown(keyed(taint, key.value))
            return unknown(parted(taint, f"[{key.value}]"), "str" if self.is_text(value) else "")
        return unknown(parted(taint, "[]")) if taint else UNKNOWN

    def external_item(self, value: External, key: Value, state: State, node: ast.AST) -> Value:
        raise NotImplementedError

    def _held_item(self, ref: Ref, key: Value, state: State, node: ast.AST) -> Value:
        content = self.held(ref, state)
        if isinstance(content, ListObject):
            if content.rest is None and isinstance(key, Const) and isinstance(key.value, int):
                in_range = -len(content.items) <= key.value < len(content.items)
                return content.items[key.value] if in_range else UNKNOWN
            element = content.element() or UNKNOWN
            return _at_an_end(element, key) if element.taint and isinstance(key, Const) else element
        if isinstance(content, DictObject):
            if isinstance(key, Const):
                found = content.items.get(key.value)
                if found is not None:
                    return found
                if content.rest is None:
                    return UNKNOWN
                rest = content.rest
                return (
                    unknown(keyed(rest.taint, key.value))
                    if isinstance(key.value, str) and isinstance(rest, Unknown)
                    else rest
                )
            return content.element() or UNKNOWN
        method = self.find_method(ref, "__getitem__", state)
        if method is not None:
            return self.invoke(method, [key], {}, state, node)
        return unknown(self.taint_of(ref, state))

    def store_item(self, value: Value, key: Value, new: Value, state: State, node: ast.AST) -> None:
        for one in options(value):
            if not isinstance(one, Ref):
                continue
            content = self.held(one, state)
            strong = not isinstance(value, Union) and one.address in state.heap and not self.frame.loops
            if isinstance(content, DictObject):
                self.replace(one, _dict_with(content, key, new, strong=strong), state)
            elif isinstance(content, ListObject):
                self.replace(one, _list_with(content, key, new), state)
            else:
                method = self.find_method(one, "__setitem__", state)
                if method is not None:
                    self.invoke(method, [key, new], {}, state, node)

    def delete_item(self, value: Value, key: Value, state: State) -> None:
        if not isinstance(value, Ref):
            return
        content = self.held(value, state)
        if isinstance(content, DictObject) and isinstance(key, Const) and key.value in content.items:
            items = {name: held for name, held in content.items.items() if name != key.value}
            self.replace(value, DictObject(items, content.rest, content.keys), state)
        elif isinstance(content, ListObject) and isinstance(key, Const) and content.rest is None:
            try:
                left = list(content.items)
                del left[key.value]
                self.replace(value, ListObject(tuple(left), None, content.kind), state)
            except (IndexError, TypeError):
                return

    def sliced(
        self,
        value: Value,
        lower: Value | None,
        upper: Value | None,
        step: Value | None,
        state: State,
        node: ast.AST,
    ) -> Value:
        """``value[lower:upper:step]``."""
        if isinstance(value, Union):
            return union(self.sliced(one, lower, upper, step, state, node) for one in value.options)
        bounds = [_bound(item) for item in (lower, upper, step)]
        if all(known for known, _ in bounds):
            cut = slice(*(number for _, number in bounds))
            if isinstance(value, Const):
                try:
                    return Const(value.value[cut])
                except TypeError:
                    return UNKNOWN
            if isinstance(value, Tuple):
                return Tuple(value.items[cut])
            if isinstance(value, Ref):
                content = self.held(value, state)
                if isinstance(content, ListObject):
                    if content.rest is None:
                        return self.allocate(node, ListObject(content.items[cut]), state)
                    return self.allocate(node, content, state)
            if isinstance(value, Text) and cut.step is None:
                return _text_slice(value, cut)
        taint = self.taint_of(value, state)
        if isinstance(value, Ref):
            return value
        cut_name = _CUTS.get(tuple(number or None for _, number in bounds), "[:]")
        return unknown(parted(taint, cut_name), "str" if self.is_text(value) else "") if taint else UNKNOWN


def _at_an_end(element: Value, key: Const) -> Value:
    """The first or the last piece of a text, of which more is known than of the others."""
    end = (
        {0: "no-first:", -1: "no-last:", 1: "no-last:"}.get(key.value) if isinstance(key.value, int) else None
    )
    if end is None:
        return element
    return with_taint(
        element,
        lambda taints: frozenset(
            Taint(
                t.source,
                t.part,
                t.removed | {f"no:{one[len(end) :]}" for one in t.removed if one.startswith(end)},
                t.trail,
            )
            for t in taints
        ),
    )


def _text_slice(value: Text, cut: slice) -> Value:
    if cut.start == 1 and cut.stop == -1 and not isinstance(value.parts[0], str):
        return unknown(parted(value.taint, "[1:-1]"), "str")
    parts = list(value.parts)
    start, stop = cut.start or 0, cut.stop
    first, last = parts[0], parts[-1]
    if isinstance(first, str) and 0 <= start <= len(first) and (stop is None or stop < 0):
        parts[0] = first[start:]
        start = 0
        if stop is None:
            return concatenate(parts, value.binary)
        if isinstance(last, str) and len(parts) > 1 and -stop <= len(last):
            parts[-1] = last[:stop]
            return concatenate(parts, value.binary)
    if isinstance(first, str) and start >= 0 and stop is not None and 0 <= stop <= len(first):
        return Const(first[start:stop])
    if start < 0 and stop is None and isinstance(last, str) and -start <= len(last):
        return Const(last[start:])
    return Unknown(parted(value.taint, "[:]"), "str")


def _bound(value: Value | None) -> tuple[bool, Any]:
    if value is None:
        return True, None
    if isinstance(value, Const) and (value.value is None or isinstance(value.value, int)):
        return True, value.value
    return False, None


def _dict_with(content: DictObject, key: Value, new: Value, *, strong: bool) -> DictObject:
    if isinstance(key, Const):
        try:
            before = content.items.get(key.value)
        except TypeError:
            return content
        items = dict(content.items)
        items[key.value] = new if strong or before is None else union((before, new))
        return DictObject(items, content.rest, content.keys)
    rest = new if content.rest is None else union((content.rest, new))
    keys = key if content.keys is None else union((content.keys, key))
    return DictObject(content.items, rest, keys)


def _list_with(content: ListObject, key: Value, new: Value) -> ListObject:
    if content.rest is None and isinstance(key, Const) and isinstance(key.value, int):
        position = key.value
        if -len(content.items) <= position < len(content.items):
            items = list(content.items)
            items[position] = new
            return ListObject(tuple(items), None, content.kind)
    first = content.element()
    return ListObject((), new if first is None else union((first, new)), content.kind)
