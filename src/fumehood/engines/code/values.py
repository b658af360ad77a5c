"""What the interpreter computes with: abstract values, and how two of them become one."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Final

from fumehood.engines.code.taint import CLEAN, MAX_TAINTS, Taint, condensed

if TYPE_CHECKING:
    from fumehood.engines.code.project import Module

__all__ = [
    "FIELDS",
    "NEVER",
    "NOTHING",
    "UNKNOWN",
    "Cls",
    "Condition",
    "Const",
    "External",
    "Func",
    "Method",
    "Mod",
    "Partial",
    "Ref",
    "Text",
    "Tuple",
    "Union",
    "Unknown",
    "Value",
    "common",
    "join",
    "options",
    "union",
    "unknown",
    "widen",
]

Taints = frozenset[Taint]
Fact = tuple[Any, tuple[str, ...], str]  # source, part, kind: this kind is gone from this part of this source

FIELDS: Final = {  # results of libraries that are tuples with names
    "urllib.parse.urlsplit()": ("scheme", "netloc", "path", "query", "fragment"),
    "urllib.parse.urlparse()": ("scheme", "netloc", "path", "params", "query", "fragment"),
}
MAX_OPTIONS: Final = 8
MAX_SIZE: Final = 200  # values within one that is not certain
MAX_TEXT_PARTS: Final = 60
MAX_CONST: Final = 20_000


class Value:
    """An abstract value. Immutable; what can change lives in the heap behind a :class:`Ref`."""

    __slots__ = ("_key", "taint")
    taint: Taints
    _key: tuple[Any, ...]

    def __eq__(self, other: object) -> bool:
        return self is other or (type(self) is type(other) and self._key == other._key)

    def __hash__(self) -> int:
        return hash(self._key)


class Unknown(Value):
    """Anything, or anything of a type. ``type`` is a builtin's name ("str", "int", "bool", "list" ...) or empty."""

    __slots__ = ("type",)

    def __init__(self, taint: Taints = CLEAN, type: str = "") -> None:  # noqa: A002
        self.taint = taint = condensed(taint) if len(taint) > MAX_TAINTS else taint
        self.type = type
        self._key = (taint, type)

    def __repr__(self) -> str:
        return f"Unknown({self.type}{' ' + repr(set(self.taint)) if self.taint else ''})"


class Const(Value):
    """A value that is known: str, bytes, int, float, bool, complex, None, Ellipsis."""

    __slots__ = ("value",)

    def __init__(self, value: Any) -> None:
        self.taint = CLEAN
        self.value = value
        self._key = (type(value), value)

    def __repr__(self) -> str:
        return f"Const({self.value!r})"


class Text(Value):
    """A string of which parts are known. A part is a ``str`` or a Value: a hole."""

    __slots__ = ("binary", "parts")

    def __init__(self, parts: tuple[str | Value, ...], binary: bool = False) -> None:
        self.parts = parts
        self.binary = binary
        holes = [part.taint for part in parts if not isinstance(part, str) and part.taint]
        self.taint = holes[0] if len(holes) == 1 else CLEAN.union(*holes) if holes else CLEAN
        self._key = (parts, binary)

    def __repr__(self) -> str:
        return f"Text({self.parts!r})"


class Tuple(Value):
    __slots__ = ("items", "size")

    def __init__(self, items: tuple[Value, ...]) -> None:
        self.items = items
        self.size = 1 + _size(items)
        self.taint = CLEAN.union(*(item.taint for item in items)) if items else CLEAN
        self._key = items

    def __repr__(self) -> str:
        return f"Tuple{self.items!r}"


class Ref(Value):
    """A list, dict, set or instance in the heap."""

    __slots__ = ("address",)

    def __init__(self, address: tuple[int, int]) -> None:
        self.taint = CLEAN
        self.address = address
        self._key = address

    def __repr__(self) -> str:
        return f"Ref{self.address}"


class Func(Value):
    """A function of the audited program, bound to ``self_value`` when it is a method taken from an object."""

    __slots__ = ("frame", "module", "name", "node", "owner", "self_value")

    def __init__(
        self,
        node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda,
        module: Module,
        frame: int,
        name: str,
        owner: Cls | None = None,
        self_value: Value | None = None,
    ) -> None:
        self.taint = CLEAN
        self.node = node
        self.module = module
        self.frame = frame  # the frame that it was defined in; 0 at module level
        self.name = name  # qualified within its module
        self.owner = owner
        self.self_value = self_value
        self._key = (id(node), frame, self_value)

    def __repr__(self) -> str:
        return f"Func({self.module.name}:{self.name})"


class Cls(Value):
    """A class of the audited program; its attributes are in the heap, under ``address``."""

    __slots__ = ("address", "bases", "module", "name", "node")

    def __init__(
        self,
        node: ast.ClassDef,
        module: Module,
        name: str,
        bases: tuple[Value, ...],
        address: tuple[int, int],
    ) -> None:
        self.taint = CLEAN
        self.node = node
        self.module = module
        self.name = name
        self.bases = bases
        self.address = address
        self._key = (id(node), address)

    def __repr__(self) -> str:
        return f"Cls({self.module.name}:{self.name})"


class Partial(Value):
    __slots__ = ("args", "func", "keywords")

    def __init__(self, func: Value, args: tuple[Value, ...], keywords: tuple[tuple[str, Value], ...]) -> None:
        self.taint = CLEAN
        self.func = func
        self.args = args
        self.keywords = keywords
        self._key = (func, args, keywords)


class Method(Value):
    """A method of a builtin type, taken from a value: ``"a".upper``, ``items.append``."""

    __slots__ = ("name", "receiver")

    def __init__(self, receiver: Value, name: str) -> None:
        self.taint = receiver.taint
        self.receiver = receiver
        self.name = name
        self._key = (receiver, name)


class External(Value):
    """Something of a library, by its public name: ``flask.request``, ``sqlite3.Connection`` (``instance`` when it is one)."""

    __slots__ = ("detail", "instance", "path")

    def __init__(
        self,
        path: str,
        taint: Taints = CLEAN,
        instance: bool = False,
        detail: tuple[tuple[str, Value], ...] = (),
    ) -> None:
        self.path = path
        self.taint = taint = condensed(taint) if len(taint) > MAX_TAINTS else taint
        self.instance = instance
        self.detail = detail  # what it was made with, by argument name or position
        self._key = (path, taint, instance, detail)

    def __repr__(self) -> str:
        return f"External({self.path}{' ' + repr(set(self.taint)) if self.taint else ''})"


class Mod(Value):
    """A module of the audited program."""

    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        self.taint = CLEAN
        self.name = name
        self._key = (name,)


class Condition(Value):
    """A truth that is not known, with what is known once it is: the facts that hold if it is true, and if it is false."""

    __slots__ = ("when_false", "when_true")

    def __init__(
        self, when_true: frozenset[Fact], when_false: frozenset[Fact], taint: Taints = CLEAN
    ) -> None:
        self.taint = taint
        self.when_true = when_true
        self.when_false = when_false
        self._key = (when_true, when_false, taint)


class Union(Value):
    """One of a few values."""

    __slots__ = ("options", "size")

    def __init__(self, options: tuple[Value, ...]) -> None:
        self.options = options
        self.size = _size(options)
        self.taint = CLEAN.union(*(option.taint for option in options))
        self._key = (frozenset(options),)

    def __repr__(self) -> str:
        return f"Union{self.options!r}"


def _size(values: Iterable[Value]) -> int:
    """How many values there are in these: tuples of alternatives of tuples, which a loop unpacks and packs again, grow without end."""
    return sum(value.size if isinstance(value, Tuple | Union) else 1 for value in values)


UNKNOWN: Final = Unknown()
NOTHING: Final = Const(None)
NEVER: Final = External("typing.NoReturn")  # the value of a call that does not come back


def common(first: frozenset[Fact], *others: frozenset[Fact]) -> frozenset[Fact]:
    """Return what holds whichever of these sets of facts does: where all danger is gone, each kind of it is."""
    for other in others:
        if first is not other and first != other:
            first = frozenset(_implied(first, other) | _implied(other, first))
    return first


def _implied(facts: frozenset[Fact], by: frozenset[Fact]) -> set[Fact]:
    found = facts & by
    if len(found) < len(facts):
        for source, part, kind in facts - by:
            if kind not in _MARKS and ":" not in kind and (source, part, "*") in by:
                found |= {(source, part, kind)}
    return set(found)


_MARKS = frozenset({"*", "chosen", "own", "resolved"})  # what is no kind of danger


def unknown(taint: Taints = CLEAN, type: str = "") -> Unknown:  # noqa: A002
    return Unknown(taint, type) if taint or type else UNKNOWN


def options(value: Value) -> tuple[Value, ...]:
    return value.options if isinstance(value, Union) else (value,)


def union(values: Iterable[Value]) -> Value:
    result: Value | None = None
    for value in values:
        result = value if result is None else join(result, value)
    return UNKNOWN if result is None else result


def join(one: Value, other: Value) -> Value:
    """Return the value that is either; many alternatives become unknown, with all their taint."""
    if one is other or one == other:
        return one
    seen: dict[Value, None] = {}
    for option in (*options(one), *options(other)):
        seen.setdefault(option)
    unknowns = [option for option in seen if isinstance(option, Unknown)]
    if len(unknowns) > 1:
        for item in unknowns:
            del seen[item]
        types = {item.type for item in unknowns}
        seen[Unknown(CLEAN.union(*(i.taint for i in unknowns)), types.pop() if len(types) == 1 else "")] = (
            None
        )
    if len(seen) == 1:
        return next(iter(seen))
    if len(seen) > MAX_OPTIONS:
        return _collapse(tuple(seen))
    if _size(seen) > MAX_SIZE:
        return union(unknown(o.taint) if isinstance(o, Tuple) and o.size > MAX_OPTIONS else o for o in seen)
    return Union(tuple(seen))


def _collapse(alternatives: tuple[Value, ...]) -> Value:
    kept = [option for option in alternatives if not isinstance(option, Const | Text | Unknown | Condition)]
    rest = [option for option in alternatives if isinstance(option, Const | Text | Unknown | Condition)]
    taint = CLEAN.union(*(option.taint for option in rest))
    folded: Value = Unknown(taint, "str" if rest and all(_is_text(option) for option in rest) else "")
    if not kept or len(kept) >= MAX_OPTIONS * 3:
        return Unknown(taint.union(*(option.taint for option in kept))) if kept else folded
    return Union((*kept, folded)) if rest else Union(tuple(kept))


def _is_text(value: Value) -> bool:
    return (
        isinstance(value, Text)
        or (isinstance(value, Const) and isinstance(value.value, str))
        or (isinstance(value, Unknown) and value.type == "str")
    )


def widen(before: Value, after: Value) -> Value:
    """Join for loops that do not settle: strings keep what they begin with, all else becomes unknown."""
    joined = join(before, after)
    if joined == before or not isinstance(joined, Union | Text):
        return joined
    rest = [option for option in options(joined) if isinstance(option, Const | Text | Unknown)]
    kept = [option for option in options(joined) if not isinstance(option, Const | Text | Unknown)]
    if not rest:
        return joined
    taint = CLEAN.union(*(option.taint for option in rest))
    if all(_is_text(option) for option in rest):
        begin = _common([_beginning(option) for option in rest])
        hole = Unknown(taint, "str")
        folded: Value = Text((begin, hole)) if begin else hole
    else:
        folded = Unknown(taint)
    return union((*kept, folded))


def _common(texts: list[str]) -> str:
    """Return what all of these texts begin with."""
    if not texts:
        return ""
    low, high = min(texts), max(texts)
    length = next((i for i, char in enumerate(low) if i >= len(high) or high[i] != char), len(low))
    return low[:length]


def _beginning(value: Value) -> str:
    if isinstance(value, Const):
        return value.value if isinstance(value.value, str) else ""
    if isinstance(value, Text) and value.parts and isinstance(value.parts[0], str):
        return value.parts[0]
    return ""
