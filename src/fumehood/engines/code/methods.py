"""The methods of Python's own types on abstract values: strings, lists, dicts and sets."""

from __future__ import annotations

import ast
from typing import Any, Final

from fumehood.engines.code.heap import DictObject, ListObject, Object, State
from fumehood.engines.code.texts import TEXT_METHODS, TextMethods
from fumehood.engines.code.values import (
    NOTHING,
    UNKNOWN,
    Const,
    External,
    Ref,
    Tuple,
    Union,
    Unknown,
    Value,
    join,
    union,
    unknown,
)

__all__ = ["Methods"]

# Methods whose result is known when all that goes in is.
_PURE: Final = TEXT_METHODS | {
    *("center", "count", "hex", "islower", "isprintable", "isspace", "istitle", "isupper"),
    *("bit_length", "to_bytes", "as_integer_ratio"),
}


class Methods(TextMethods):
    def method(
        self,
        receiver: Value,
        name: str,
        args: list[Value],
        keywords: dict[str, Value],
        state: State,
        node: ast.AST,
    ) -> Value:
        """Call a method of a builtin type."""
        if isinstance(receiver, Union):
            return union(self.method(one, name, args, keywords, state, node) for one in receiver.options)
        if isinstance(receiver, Ref):
            content = self.held(receiver, state)
            if isinstance(content, ListObject):
                return self._list_method(receiver, content, name, args, state, node)
            if isinstance(content, DictObject):
                return self._dict_method(receiver, content, name, args, keywords, state, node)
        if isinstance(receiver, Const) and name in _PURE and not keywords:
            plain = [self._plain(arg, state) for arg in args]
            if all(known for known, _ in plain):
                found = _call_constant(receiver.value, name, [value for _, value in plain])
                if found is not None:
                    return self._lifted(found, state, node)
        if isinstance(receiver, Tuple) and name in ("count", "index"):
            return Unknown(type="int")
        return self._text_method(receiver, name, args, keywords, state, node)

    def _plain(self, value: Value, state: State) -> tuple[bool, Any]:
        if isinstance(value, Const):
            return True, value.value
        items: tuple[Value, ...] | None = value.items if isinstance(value, Tuple) else None
        if isinstance(value, Ref):
            content = self.held(value, state)
            if isinstance(content, ListObject) and content.rest is None:
                items = content.items
        if items is not None and all(isinstance(item, Const) for item in items):
            return True, tuple(item.value for item in items if isinstance(item, Const))
        return False, None

    def _lifted(self, found: Any, state: State, node: ast.AST) -> Value:
        if isinstance(found, list):
            return self.allocate(node, ListObject(tuple(Const(item) for item in found)), state)
        if isinstance(found, tuple):
            return Tuple(tuple(Const(item) for item in found))
        return Const(found)

    # Lists and sets.
    def _list_method(
        self, ref: Ref, content: ListObject, name: str, args: list[Value], state: State, node: ast.AST
    ) -> Value:
        first = args[0] if args else UNKNOWN
        exact = content.rest is None
        if name == "popleft":
            return self._popped(ref, content, [Const(0)], state)
        if name in ("append", "add", "appendleft"):
            if content.kind == "set" and exact and first in content.items:
                return NOTHING
            self.replace(ref, _grown(content, first, len(content.items), self), state)
            return NOTHING
        if name == "insert" and len(args) == 2:
            position = first.value if isinstance(first, Const) and isinstance(first.value, int) else None
            self.replace(ref, _grown(content, args[1], position, self), state)
            return NOTHING
        if name in ("extend", "update"):
            self.extend_in_place(ref, first, state, node)
            return NOTHING
        if name == "pop":
            return self._popped(ref, content, args, state)
        if name in ("remove", "discard") and exact and first in content.items:
            items = list(content.items)
            items.remove(first)
            self.replace(ref, ListObject(tuple(items), None, content.kind), state)
            return NOTHING
        if name == "clear":
            self.replace(ref, ListObject((), None, content.kind), state)
            return NOTHING
        if name == "reverse":
            self.replace(ref, ListObject(content.items[::-1], content.rest, content.kind), state)
            return NOTHING
        if name == "sort":
            element = content.element()
            if element is not None:
                self.replace(ref, ListObject((), element, content.kind), state)
            return NOTHING
        if name in ("copy", "union", "intersection", "difference"):
            return self.allocate(node, content, state)
        if name in ("index", "count"):
            return Unknown(type="int")
        return unknown(content.taint())

    def _popped(self, ref: Ref, content: ListObject, args: list[Value], state: State) -> Value:
        position = args[0].value if args and isinstance(args[0], Const) else -1 if not args else None
        if content.rest is None and isinstance(position, int) and content.kind == "list":
            if -len(content.items) <= position < len(content.items):
                items = list(content.items)
                value = items.pop(position)
                if self.frame.loops:
                    return value
                self.replace(ref, ListObject(tuple(items), None, content.kind), state)
                return value
            return UNKNOWN
        return content.element() or UNKNOWN

    # Dicts.
    def _dict_method(
        self,
        ref: Ref,
        content: DictObject,
        name: str,
        args: list[Value],
        keywords: dict[str, Value],
        state: State,
        node: ast.AST,
    ) -> Value:
        if name in ("get", "pop", "setdefault") and args:
            key = args[0]
            default = args[1] if len(args) > 1 else keywords.get("default", NOTHING)
            present = isinstance(key, Const) and _hashable(key.value) and key.value in content.items
            found = content.items[key.value] if present and isinstance(key, Const) else None
            if found is None:
                loose = content.rest if isinstance(key, Const) else content.element()
                found = default if loose is None else join(loose, default)
            if name == "pop":
                self.delete_item(ref, key, state)
            elif name == "setdefault" and not present:
                self.store_item(ref, key, default, state, node)
            return found
        if name == "items":
            each = tuple(Tuple((Const(key), value)) for key, value in content.items.items())
            loose = Tuple((content.keys or UNKNOWN, content.rest)) if content.rest is not None else None
            return self.allocate(node, ListObject(each, loose), state)
        if name in ("keys", "values"):
            values: tuple[Value, ...] = tuple(content.items.values())
            if name == "keys":
                values = tuple(Const(key) for key in content.items)
            more = (content.keys or UNKNOWN) if name == "keys" else content.rest
            return self.allocate(node, ListObject(values, more if content.rest is not None else None), state)
        if name == "update":
            whole = External("builtins.dict.update", instance=True, detail=(("self", ref),))
            self.record.call("builtins.dict.update", whole, args, keywords, state, node, self)
            self.replace(ref, self._updated(content, args, keywords, state), state)
            return NOTHING
        if name == "copy":
            return self.allocate(node, content, state)
        if name == "clear":
            self.replace(ref, DictObject({}), state)
            return NOTHING
        return unknown(content.taint())

    def _updated(
        self, content: DictObject, args: list[Value], keywords: dict[str, Value], state: State
    ) -> DictObject:
        items = dict(content.items)
        rest, keys = content.rest, content.keys
        for arg in args:
            other = self.held(arg, state) if isinstance(arg, Ref) else None
            if isinstance(other, DictObject):
                items.update(other.items)
                if other.rest is not None:
                    rest = other.rest if rest is None else join(rest, other.rest)
                    keys = other.keys
            else:
                taint = self.taint_of(arg, state)
                rest = unknown(taint) if rest is None else join(rest, unknown(taint))
                keys = unknown(taint)
        items.update(keywords)
        return DictObject(items, rest, keys)


def _grown(content: ListObject, value: Value, position: int | None, core: Any) -> Object:
    if content.rest is None and position is not None and not core.frame.loops:
        items = list(content.items)
        items.insert(position, value)
        return ListObject(tuple(items), None, content.kind)
    if (
        content.rest is None
        and position is not None
        and len(content.items) < 24
        and value not in content.items
    ):
        items = list(content.items)
        items.insert(position, value)
        return ListObject(tuple(items), None, content.kind)
    first = content.element()
    return ListObject((), value if first is None else join(first, value), content.kind)


def _hashable(value: Any) -> bool:
    return isinstance(value, str | bytes | int | float | bool | type(None) | complex)


def _call_constant(receiver: Any, name: str, args: list[Any]) -> Any:
    if isinstance(receiver, str | bytes) and name in (
        "center",
        "ljust",
        "rjust",
        "zfill",
        "expandtabs",
        "replace",
        "join",
    ):
        total = len(receiver) + sum(len(arg) if isinstance(arg, str | bytes | tuple) else 0 for arg in args)
        numbers = [arg for arg in args if isinstance(arg, int)]
        if total > 4000 or any(number > 4000 for number in numbers):
            return None
    if name == "format" and not isinstance(receiver, str):
        return None
    try:
        return getattr(receiver, name)(*args)
    except Exception:  # noqa: BLE001 -- the audited program's own mistake
        return None
