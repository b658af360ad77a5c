"""What can change: the objects of the heap, the state of a path through a function, and how two states become one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from fumehood.engines.code.facts import retaint
from fumehood.engines.code.taint import CLEAN, MAX_TAINTS, condensed
from fumehood.engines.code.values import (
    Cls,
    External,
    Fact,
    Func,
    Method,
    Partial,
    Ref,
    Taints,
    Tuple,
    Union,
    Value,
    common,
    join,
    widen,
)

__all__ = ["Address", "DictObject", "Instance", "ListObject", "Object", "State", "join_states"]

Address = tuple[int, int]
MAX_ITEMS: Final = 64
_MOST_HELD: Final = 60  # objects that are looked into for taint
_HOLDERS: Final = (Ref, Union, Tuple)
_KEEPERS: Final = frozenset({Func, Method, External, Partial, Cls})


class Object:
    """The contents of a place in the heap; replaced, never changed."""

    __slots__ = ()

    def taint(self) -> Taints:
        raise NotImplementedError

    def values(self) -> tuple[Value, ...]:
        raise NotImplementedError


class ListObject(Object):
    """A list or set: all its items in order when they are known (``rest`` is None), else what an item may be."""

    __slots__ = ("items", "kind", "rest")

    def __init__(self, items: tuple[Value, ...] = (), rest: Value | None = None, kind: str = "list") -> None:
        if len(items) > MAX_ITEMS:
            for item in items:
                rest = item if rest is None else join(rest, item)
            items = ()
        self.items = items
        self.rest = rest
        self.kind = kind

    def element(self) -> Value | None:
        value = self.rest
        for item in self.items:
            value = item if value is None else join(value, item)
        return value

    def values(self) -> tuple[Value, ...]:
        return self.items if self.rest is None else (*self.items, self.rest)

    def taint(self) -> Taints:
        return CLEAN.union(*(value.taint for value in self.values())) if self.items or self.rest else CLEAN

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ListObject) and (self.items, self.rest, self.kind) == (
            other.items,
            other.rest,
            other.kind,
        )

    __hash__ = None  # type: ignore[assignment]


class DictObject(Object):
    """A dict: what is under each known key, and what may be under others (``rest``, with ``keys`` their keys)."""

    __slots__ = ("items", "keys", "rest")

    def __init__(
        self, items: Mapping[Any, Value], rest: Value | None = None, keys: Value | None = None
    ) -> None:
        if len(items) > MAX_ITEMS * 4:
            for item in items.values():
                rest = item if rest is None else join(rest, item)
            items = {}
        self.items = items
        self.rest = rest
        self.keys = keys

    def element(self) -> Value | None:
        value = self.rest
        for item in self.items.values():
            value = item if value is None else join(value, item)
        return value

    def values(self) -> tuple[Value, ...]:
        return (
            *self.items.values(),
            *((self.rest,) if self.rest else ()),
            *((self.keys,) if self.keys else ()),
        )

    def taint(self) -> Taints:
        return CLEAN.union(*(value.taint for value in self.values()))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, DictObject) and (self.items, self.rest, self.keys) == (
            other.items,
            other.rest,
            other.keys,
        )

    __hash__ = None  # type: ignore[assignment]


class Instance(Object):
    """An object of a class of the audited program, or a class's own attributes (``cls`` is None)."""

    __slots__ = ("attributes", "cls")

    def __init__(self, cls: Cls | None, attributes: Mapping[str, Value]) -> None:
        self.cls = cls
        self.attributes = attributes

    def values(self) -> tuple[Value, ...]:
        return tuple(self.attributes.values())

    def taint(self) -> Taints:
        return CLEAN.union(*(value.taint for value in self.attributes.values())) if self.attributes else CLEAN

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Instance) and self.cls is other.cls and self.attributes == other.attributes

    __hash__ = None  # type: ignore[assignment]


class State:
    """Where a path through a function has come to: its variables, the heap, and the facts that checks have shown."""

    __slots__ = ("facts", "heap", "vars")

    def __init__(
        self, variables: dict[str, Value], heap: dict[Address, Object], facts: frozenset[Fact] = frozenset()
    ) -> None:
        self.vars = variables
        self.heap = heap
        self.facts = facts

    def copy(self) -> State:
        return State(self.vars.copy(), self.heap.copy(), self.facts)

    def take(self, other: State) -> None:
        """Become another state."""
        self.vars, self.heap, self.facts = other.vars, other.heap, other.facts


def join_states(one: State | None, other: State | None, *, widening: bool = False) -> State | None:
    """Return the state that is either. A dead path (None) adds nothing."""
    if one is None or other is None or one is other:
        return one or other
    merge = widen if widening else join
    if one.facts != other.facts:
        one, other = _baked(one, one.facts - other.facts), _baked(other, other.facts - one.facts)
    mine, theirs = one.vars, other.vars
    variables = mine
    different = [name for name, value in theirs.items() if mine.get(name) is not value]
    if different:
        variables = mine.copy()
        for name in different:
            ours = mine.get(name)
            variables[name] = theirs[name] if ours is None else merge(ours, theirs[name])
    heap = one.heap
    held, other_held = one.heap, other.heap
    if held is not other_held:
        apart = [address for address, content in other_held.items() if held.get(address) is not content]
        if apart:
            heap = held.copy()
            for address in apart:
                before = held.get(address)
                after = other_held[address]
                heap[address] = after if before is None else join_objects(before, after, widening=widening)
    return State(variables, heap, common(one.facts, other.facts))


def _baked(state: State, facts: frozenset[Fact]) -> State:
    """Write into the variables what holds on this path only, before the paths meet and it is forgotten."""
    if not facts:
        return state
    changed = {name: retaint(value, facts) for name, value in state.vars.items() if value.taint}
    return State({**state.vars, **changed}, state.heap, state.facts) if changed else state


def join_objects(one: Object, other: Object, *, widening: bool = False) -> Object:
    merge = widen if widening else join
    if one == other:
        return one
    if isinstance(one, ListObject) and isinstance(other, ListObject):
        if (
            one.rest is None
            and other.rest is None
            and len(one.items) == len(other.items)
            and one.kind == "list"
        ):
            return ListObject(
                tuple(merge(a, b) for a, b in zip(one.items, other.items, strict=True)), None, one.kind
            )
        mine, theirs = one.element(), other.element()
        rest = mine if theirs is None else theirs if mine is None else merge(mine, theirs)
        return ListObject((), rest, one.kind) if rest is not None else one
    if isinstance(one, DictObject) and isinstance(other, DictObject):
        items = dict(one.items)
        for key, value in other.items.items():
            items[key] = merge(items[key], value) if key in items else value
        return DictObject(
            items, _optional(one.rest, other.rest, merge), _optional(one.keys, other.keys, merge)
        )
    if isinstance(one, Instance) and isinstance(other, Instance):
        attributes = dict(one.attributes)
        for name, value in other.attributes.items():
            attributes[name] = merge(attributes[name], value) if name in attributes else value
        return Instance(one.cls, attributes)
    return one


def _optional(one: Value | None, other: Value | None, merge: Any) -> Value | None:
    return other if one is None else one if other is None else merge(one, other)


def sweep(heap: dict[Address, Object], before: Mapping[Address, Object], roots: tuple[Value, ...]) -> None:
    """Forget the objects of a call that has ended, as far as nothing that is older, and no root, leads to them."""
    fresh = [address for address in heap if address not in before]
    if not fresh:
        return
    todo: list[Value] = list(roots)
    for address, content in before.items():
        now = heap.get(address)
        if now is not None and now is not content:
            todo.extend(now.values())
    reached: set[Address] = set()
    while todo:
        value = todo.pop()
        kind = type(value)
        if kind is Ref:
            address = value.address  # type: ignore[attr-defined]
            if address in before or address in reached:
                continue
            reached.add(address)
            held = heap.get(address)
            if held is not None:
                todo.extend(held.values())
                if isinstance(held, Instance) and held.cls is not None:
                    todo.append(held.cls)
        elif kind is Union:
            todo.extend(value.options)  # type: ignore[attr-defined]
        elif kind is Tuple:
            todo.extend(value.items)  # type: ignore[attr-defined]
        elif kind in _KEEPERS:
            todo.extend(_inside(value))
            if isinstance(value, Cls):
                reached.add(value.address)
    for address in fresh:
        if address not in reached:
            del heap[address]


def _inside(value: Value) -> list[Value]:
    if isinstance(value, Func):
        return [value.self_value] if value.self_value is not None else []
    if isinstance(value, Method):
        return [value.receiver]
    if isinstance(value, External):
        return [item for _, item in value.detail]
    if isinstance(value, Partial):
        return [value.func, *value.args, *(item for _, item in value.keywords)]
    return []


def deep_taint(value: Value, state: State, shared: Mapping[Address, Object]) -> Taints:
    """Return the taint of a value and of all that it holds, as far as that can be seen within bounds."""
    kind = type(value)
    if kind is not Ref and not any(
        isinstance(member, _HOLDERS)
        for member in (value.options if kind is Union else value.items)  # type: ignore[attr-defined]
    ):
        return value.taint
    taint: Taints = CLEAN
    seen: set[Address] = set()
    todo: list[Value] = [value]
    heap = state.heap
    while todo and len(seen) < _MOST_HELD:
        one = todo.pop()
        if type(one) is not Ref:
            if isinstance(one, Union | Tuple):
                todo.extend(one.options if isinstance(one, Union) else one.items)
            elif one.taint:
                taint = taint | one.taint if taint else one.taint
            continue
        if one.address in seen:
            continue
        seen.add(one.address)
        held = heap.get(one.address) or shared.get(one.address)
        if held is not None:
            for member in held.values():
                if isinstance(member, _HOLDERS):
                    todo.append(member)
                elif member.taint:
                    taint = taint | member.taint if taint else member.taint
    return condensed(taint) if len(taint) > MAX_TAINTS else taint
