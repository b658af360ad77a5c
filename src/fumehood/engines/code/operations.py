"""What operators do to abstract values: strings keep their known parts, containers their items, all else its taint."""

from __future__ import annotations

import ast
import operator
import re
from collections.abc import Callable
from typing import Any, Final

from fumehood.engines.code.core import Core
from fumehood.engines.code.heap import DictObject, ListObject, State, join_objects
from fumehood.engines.code.taint import CLEAN, without
from fumehood.engines.code.values import (
    MAX_CONST,
    MAX_TEXT_PARTS,
    NEVER,
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

__all__ = ["Operations", "concatenate", "text_parts"]

_ARITHMETIC: Final[dict[type[ast.operator], Callable[[Any, Any], Any]]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.BitAnd: operator.and_,
    ast.BitOr: operator.or_,
    ast.BitXor: operator.xor,
    ast.LShift: operator.lshift,
    ast.RShift: operator.rshift,
    ast.Pow: operator.pow,
}
_FIELD: Final = re.compile(r"%(?:\((\w+)\))?[#0\- +]*(\*|\d+)?(?:\.(\*|\d+))?[hlL]?([diouxXeEfFgGcrsa%])")
_REPLACEMENT: Final = re.compile(r"\{\{|\}\}|\{([^{}!:]*)(?:![rsa])?(?::[^{}]*)?\}")
_NUMERIC: Final = frozenset({"int", "float", "bool"})


def text_parts(value: Value) -> tuple[str | Value, ...]:
    """Return a string value as the parts of a text."""
    if isinstance(value, Text):
        return value.parts
    if isinstance(value, Const):
        if isinstance(value.value, str):
            return (value.value,) if value.value else ()
        if isinstance(value.value, bytes):
            return (value.value.decode("latin-1"),)
        return (str(value.value),)
    return (value,)


def concatenate(parts: list[str | Value], binary: bool = False) -> Value:
    """Return the string made of these parts; neighbours that are known melt together."""
    melted: list[str | Value] = []
    for part in parts:
        if isinstance(part, str) and melted and isinstance(melted[-1], str):
            melted[-1] = (melted[-1] + part)[:MAX_CONST]
        elif part != "":
            melted.append(part)
    if not melted:
        return Const(b"" if binary else "")
    if len(melted) == 1:
        only = melted[0]
        if isinstance(only, str):
            return Const(only.encode("latin-1", "replace") if binary else only)
        if isinstance(only, Unknown):
            return only
    if len(melted) > MAX_TEXT_PARTS:
        hole = Unknown(CLEAN.union(*(part.taint for part in melted if not isinstance(part, str))), "str")
        return Text((melted[0], hole) if isinstance(melted[0], str) else (hole,), binary)
    return Text(tuple(melted), binary)


class Operations(Core):
    def binary(
        self, operator_: ast.operator, left: Value, right: Value, state: State, node: ast.AST
    ) -> Value:
        if left is NEVER or right is NEVER:
            return NEVER
        if isinstance(left, Union) or isinstance(right, Union):
            lefts, rights = options(left), options(right)
            if len(lefts) * len(rights) <= 16:
                return union(self._binary(operator_, a, b, state, node) for a in lefts for b in rights)
        return self._binary(operator_, left, right, state, node)

    def _binary(
        self, operator_: ast.operator, left: Value, right: Value, state: State, node: ast.AST
    ) -> Value:
        if isinstance(left, Const) and isinstance(right, Const):
            known = _compute(type(operator_), left.value, right.value)
            if known is not None:
                return known
        if isinstance(operator_, ast.Add):
            return self._add(left, right, state, node)
        if isinstance(operator_, ast.Mod) and self.is_text(left):
            return self.percent(left, right, state)
        if isinstance(operator_, ast.Div) and isinstance(left, External) and left.path.startswith("pathlib."):
            return self.path_joined(left, [right], state)
        if isinstance(operator_, ast.Div) and self._joins(left, right):
            return self.path_joined(unknown(type="str"), [right], state)
        if isinstance(operator_, ast.BitOr) and isinstance(left, Ref) and isinstance(right, Ref):
            mine, theirs = self.held(left, state), self.held(right, state)
            if isinstance(mine, DictObject) and isinstance(theirs, DictObject):
                merged = {**mine.items, **theirs.items}
                rest = mine.rest if theirs.rest is None else theirs.rest
                return self.allocate(node, DictObject(merged, rest, mine.keys or theirs.keys), state)
        taint = self.taint_of(left, state) | self.taint_of(right, state)
        if isinstance(operator_, ast.Sub | ast.Div | ast.FloorDiv | ast.Pow | ast.Mod) and taint:
            return self.as_number(taint)
        if isinstance(operator_, ast.Mult) and (self.is_text(left) or self.is_text(right)):
            return Unknown(taint, "str")
        if isinstance(left, External) and not taint:
            return External(left.path, instance=True)
        return unknown(taint)

    def _joins(self, left: Value, right: Value) -> bool:
        """Whether ``/`` joins a path: nothing is divided by a text."""
        return (
            isinstance(left, Unknown | External)
            and not left.taint
            and getattr(left, "type", "") not in _NUMERIC
            and isinstance(right, Unknown | Text | External)
            and bool(right.taint)
            and getattr(right, "type", "") not in _NUMERIC
            and not all("*" in taint.removed for taint in right.taint)
        )

    def as_number(self, taint: Any) -> Value:
        from fumehood.engines.code.taint import without

        return Unknown(without(taint, ("*",)), "int")

    def path_joined(self, base: Value, more: list[Value], state: State) -> Value:
        """Return a path object: a text whose parts are joined with ``/``, behind an External of pathlib."""
        parts: list[str | Value] = list(text_parts(self.path_text(base)))
        for item in more:
            parts += ["/", *text_parts(self.path_text(item))]
        inside = concatenate(parts)
        return External("pathlib.Path", inside.taint, True, (("text", inside),))

    def path_text(self, value: Value) -> Value:
        if isinstance(value, External):
            for name, inside in value.detail:
                if name == "text":
                    return inside
            return unknown(value.taint, "str")
        return value

    def _add(self, left: Value, right: Value, state: State, node: ast.AST) -> Value:
        if self.is_text(left) or self.is_text(right):
            binary = _is_binary(left) or _is_binary(right)
            return concatenate(
                [*text_parts(self.as_text(left, state)), *text_parts(self.as_text(right, state))], binary
            )
        if isinstance(left, Tuple) and isinstance(right, Tuple):
            return Tuple(left.items + right.items)
        if isinstance(left, Ref) and isinstance(right, Ref):
            mine, theirs = self.held(left, state), self.held(right, state)
            if isinstance(mine, ListObject) and isinstance(theirs, ListObject):
                return self.allocate(node, _appended(mine, theirs), state)
        taint = self.taint_of(left, state) | self.taint_of(right, state)
        if (
            isinstance(left, Unknown)
            and isinstance(right, Unknown)
            and not (left.type in _NUMERIC and right.type in _NUMERIC)
        ):
            if taint and left.type in ("", "str") and right.type in ("", "str"):
                return Text((left, right))
            return unknown(taint, left.type if left.type == right.type else "")
        return unknown(taint, "int" if _numeric(left) and _numeric(right) else "")

    def extend_in_place(self, before: Value, after: Value, state: State, node: ast.AST) -> bool:
        """``items += more`` on a list that the heap holds."""
        if not isinstance(before, Ref):
            return False
        mine = self.held(before, state)
        if not isinstance(mine, ListObject):
            return False
        known, element = self.elements(after, state, node)
        more = ListObject(known) if known is not None else ListObject((), element or UNKNOWN)
        self.replace(before, _appended(mine, more), state)
        return True

    # Strings.
    def is_text(self, value: Value) -> bool:
        if isinstance(value, Text):
            return True
        if isinstance(value, Const):
            return isinstance(value.value, str | bytes)
        return isinstance(value, Unknown) and value.type in ("str", "bytes")

    def as_text(self, value: Value, state: State) -> Value:
        """``str(value)``."""
        if isinstance(value, Text) or (isinstance(value, Const) and isinstance(value.value, str)):
            return value
        if isinstance(value, Const):
            return Const(str(value.value)) if not isinstance(value.value, bytes) else value
        if isinstance(value, Union):
            return union(self.as_text(option, state) for option in value.options)
        if isinstance(value, External):
            for name, inside in value.detail:
                if name == "text":
                    return inside
            if value.instance and value.path in ("wtforms.Field", "wtforms.FileField"):
                return Unknown(
                    without(value.taint, ("html",)), "str"
                )  # its own markup, with what was typed escaped
        if isinstance(value, Unknown):
            return value if value.type in ("str", "int", "float") else unknown(value.taint, "str")
        if isinstance(value, Ref):
            method = self.find_method(value, "__str__", state)
            if method is not None:
                return self.invoke(method, [], {}, state, method.node)
        return unknown(self.taint_of(value, state), "str")

    def find_method(self, value: Value, name: str, state: State) -> Any:
        raise NotImplementedError

    def percent(self, left: Value, right: Value, state: State) -> Value:
        """``template % values``."""
        out: list[str | Value] = []
        arguments = list(right.items) if isinstance(right, Tuple) else [right]
        position = 0
        for part in text_parts(left):
            if not isinstance(part, str):
                out.append(part)
                continue
            last = 0
            for match in _FIELD.finditer(part):
                out.append(part[last : match.start()])
                last = match.end()
                key, kind = match.group(1), match.group(4)
                if kind == "%":
                    out.append("%")
                    continue
                if key is not None:
                    value = self.item(right, Const(key), state, ast.Constant(key))
                else:
                    value = (
                        arguments[position]
                        if position < len(arguments)
                        else unknown(self.taint_of(right, state))
                    )
                    position += 1
                if kind in "diouxXeEfFgG":
                    out.append(self.as_number(self.taint_of(value, state)))
                else:
                    out += text_parts(self.as_text(value, state))
            out.append(part[last:])
        return concatenate(out)

    def formatted(
        self, template: Value, args: list[Value], keywords: dict[str, Value], state: State
    ) -> Value:
        """``template.format(...)``."""
        out: list[str | Value] = []
        automatic = 0
        for part in text_parts(template):
            if not isinstance(part, str):
                out.append(part)
                continue
            last = 0
            for match in _REPLACEMENT.finditer(part):
                out.append(part[last : match.start()])
                last = match.end()
                if match.group(1) is None:
                    out.append(match.group(0)[0])
                    continue
                name = match.group(1)
                head = re.split(r"[.\[]", name, maxsplit=1)[0]
                if head == "":
                    value = args[automatic] if automatic < len(args) else UNKNOWN
                    automatic += 1
                elif head.isdigit():
                    value = args[int(head)] if int(head) < len(args) else UNKNOWN
                else:
                    value = keywords.get(head, keywords.get("**", UNKNOWN))
                for dot, key in re.findall(r"(?:\.(\w+))|(?:\[([^\]]*)\])", name[len(head) :]):
                    where = ast.Constant(key)
                    value = (
                        self.attribute(value, dot, state, where)
                        if dot
                        else self.item(value, Const(int(key) if key.isdigit() else key), state, where)
                    )
                out += text_parts(self.as_text(value, state))
            out.append(part[last:])
        return concatenate(out)


def _compute(operator_: type[ast.operator], left: Any, right: Any) -> Value | None:
    function = _ARITHMETIC.get(operator_)
    if function is None:
        return None
    if operator_ is ast.Pow and not (
        isinstance(right, int) and abs(right) < 64 and isinstance(left, int | float)
    ):
        return None
    if operator_ in (ast.Mult, ast.LShift) and (
        (isinstance(left, str | bytes) and isinstance(right, int) and len(left) * right > MAX_CONST)
        or (isinstance(right, str | bytes) and isinstance(left, int) and len(right) * left > MAX_CONST)
        or (
            isinstance(left, int)
            and isinstance(right, int)
            and (left.bit_length() > 128 or right.bit_length() > 128)
        )
        or (operator_ is ast.LShift and isinstance(right, int) and right > 256)
    ):
        return None
    if isinstance(left, str | bytes) and (len(left) > MAX_CONST or operator_ is ast.Mod):
        return None
    try:
        return Const(function(left, right))
    except Exception:  # noqa: BLE001 -- the audited program's own mistake
        return None


def _is_binary(value: Value) -> bool:
    return (isinstance(value, Const) and isinstance(value.value, bytes)) or (
        isinstance(value, Text) and value.binary
    )


def _numeric(value: Value) -> bool:
    if isinstance(value, Const):
        return isinstance(value.value, int | float)
    return isinstance(value, Unknown) and value.type in _NUMERIC


def _appended(mine: ListObject, theirs: ListObject) -> ListObject:
    if mine.rest is None and theirs.rest is None:
        return ListObject(mine.items + theirs.items, None, mine.kind)
    both = join_objects(ListObject(mine.items, mine.rest or UNKNOWN, mine.kind), theirs)
    first, second = mine.element(), theirs.element()
    rest = union(value for value in (first, second) if value is not None)
    return ListObject((), rest, both.kind if isinstance(both, ListObject) else mine.kind)
