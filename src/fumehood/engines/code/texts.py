"""Methods of text: what they return, and what is known of it."""

from __future__ import annotations

import ast
from typing import Any, Final

from fumehood.engines.code import implied
from fumehood.engines.code.facts import facts_of_host
from fumehood.engines.code.heap import ListObject, State
from fumehood.engines.code.operations import concatenate, text_parts
from fumehood.engines.code.subscripts import Subscripts
from fumehood.engines.code.taint import Taints, keyed, parted, without
from fumehood.engines.code.values import (
    NOTHING,
    UNKNOWN,
    Condition,
    Const,
    External,
    Fact,
    Text,
    Tuple,
    Unknown,
    Value,
    join,
    options,
    unknown,
)

__all__ = ["TEXT_METHODS", "TextMethods"]


TEXT_METHODS: Final = frozenset((
    *("capitalize", "casefold", "decode", "encode", "endswith", "expandtabs", "find", "format"),
    *("index", "isalnum", "isalpha", "isascii", "isdecimal", "isdigit", "isidentifier", "isnumeric"),
    *("join", "ljust", "lower", "lstrip", "partition", "removeprefix", "removesuffix", "replace"),
    *("rfind", "rindex", "rjust", "rpartition", "rsplit", "rstrip", "split", "splitlines", "startswith"),
    *("strip", "swapcase", "title", "translate", "upper", "zfill"),
))  # fmt: skip
_SAME: Final = frozenset(
    [
        "lower",
        "upper",
        "capitalize",
        "casefold",
        "swapcase",
        "title",
        "decode",
        "encode",
        "expandtabs",
        "center",
        "ljust",
        "rjust",
        "zfill",
    ]
)
_TRIMMED: Final = frozenset(["strip", "lstrip", "rstrip", "removeprefix", "removesuffix"])
_PREDICATES: Final = {
    "isalnum": "*", "isalpha": "*", "isdecimal": "*", "isdigit": "*", "isidentifier": "*", "isnumeric": "*",
}  # fmt: skip
_TRUTHS: Final = frozenset(["isascii", "islower", "isprintable", "isspace", "istitle", "isupper"])
_NUMBERS: Final = frozenset(["count", "find", "index", "rfind", "rindex"])


class TextMethods(Subscripts):
    """Methods of ``str`` and ``bytes``."""

    # Strings, and anything that is not known.
    def _text_method(
        self,
        receiver: Value,
        name: str,
        args: list[Value],
        keywords: dict[str, Value],
        state: State,
        node: ast.AST,
    ) -> Value:
        taint = receiver.taint
        if name in ("startswith", "endswith") or name in _PREDICATES or name in _TRUTHS:
            return self._predicate(receiver, name, args, state)
        if name in _SAME and isinstance(receiver, Text | Unknown):
            return _same(receiver, name)
        if name == "join" and args:
            return self._join(receiver, args[0], state, node)
        if name == "format" and self.is_text(receiver):
            return self.formatted(receiver, args, keywords, state)
        if name == "format_map" and args:
            return Unknown(taint | self.taint_of(args[0], state), "str")
        if name == "replace" and len(args) >= 2:
            return self._replace(receiver, args[0], args[1], state)
        if name in _TRIMMED:
            return self._trim(receiver, name, args)
        if name in ("split", "rsplit", "splitlines", "partition", "rpartition"):
            pieces: Value = unknown(parted(taint, f".{name}") if taint else taint, "str")
            if name.endswith("partition"):
                return Tuple((pieces, args[0] if args else UNKNOWN, pieces))
            pieces = _without_separator(pieces, name, args, keywords)
            return self.allocate(node, ListObject((), pieces), state)
        if name in _NUMBERS:
            return Unknown(without(taint, ("*",)), "int")
        if name in ("items", "keys", "values"):
            return self._views(taint, name, state, node)
        if name in ("get", "getlist", "get_all", "getall", "pop", "setdefault") and args:
            return self._got(taint, args, keywords, state)
        if name == "translate":
            return Unknown(taint, "str")
        if name == "hex":
            return Unknown(without(taint, ("*",)), "str")
        more = self.taint_all((*args, *keywords.values()), state)
        return unknown(taint | without(more, ("via:unknown",)) if more else taint)

    def _views(self, taint: Taints, name: str, state: State, node: ast.AST) -> Value:
        key, value = unknown(parted(taint, "key")), unknown(parted(taint, "value"))
        each: Value = Tuple((key, value)) if name == "items" else key if name == "keys" else value
        return self.allocate(node, ListObject((), each), state)

    def _got(self, taint: Taints, args: list[Value], keywords: dict[str, Value], state: State) -> Value:
        key = args[0]
        found = keyed(taint, key.value) if isinstance(key, Const) and isinstance(key.value, str) else taint
        default = args[1] if len(args) > 1 else keywords.get("default", NOTHING)
        kind = args[2] if len(args) > 2 else keywords.get("type")
        if kind is not None and found:
            proven = state.facts  # what cannot be converted raises nothing here: it becomes the default
            converted = self.call(kind, [unknown(found, "str")], {}, state, ast.Pass())
            state.facts = proven
            return join(converted, default)
        if not found:
            return unknown(self.taint_of(default, state))
        return (
            join(unknown(found), default) if default.taint or isinstance(default, Const) else unknown(found)
        )

    def _predicate(self, receiver: Value, name: str, args: list[Value], state: State) -> Value:
        if name in _PREDICATES:
            when = frozenset((t.source, t.part, "*") for t in receiver.taint)
            return Condition(when, frozenset()) if when else Unknown(type="bool")
        if name in ("startswith", "endswith") and args:
            return self._edges(receiver, name, args[0], state)
        return Unknown(type="bool")

    def _edges(self, receiver: Value, name: str, edge: Value, state: State) -> Value:
        parts = text_parts(receiver) if isinstance(receiver, Text) else ()
        if name == "startswith" and parts and isinstance(parts[0], str) and isinstance(edge, Const):
            if isinstance(edge.value, str) and len(edge.value) <= len(parts[0]):
                resolved = any("resolved" in t.removed for t in receiver.taint)
                if not resolved:
                    return Const(parts[0].startswith(edge.value))
        elif name == "endswith" and parts and isinstance(parts[-1], str) and isinstance(edge, Const):
            ending = edge.value
            if isinstance(ending, str) and len(ending) <= len(parts[-1]):
                return Const(parts[-1].endswith(ending))
        facts: set[Any] = set()
        if name == "endswith" and _is_domain(edge, state, self):
            facts |= facts_of_host(receiver.taint)
        absent: frozenset[Fact] = frozenset()
        if all("own" in taint.removed for taint in self.taint_of(edge, state)):
            if name == "startswith" and self.taint_of(edge, state):
                facts.update((taint.source, taint.part, "host") for taint in receiver.taint)
            whole = isinstance(receiver, Unknown)
            edges = _edge_texts(edge)
            if edges and name == "startswith":
                absent = implied.of_edges(receiver.taint, edges, whole=whole)
            for taint in receiver.taint:
                if name == "startswith" and "resolved" in taint.removed:
                    facts.add((taint.source, taint.part, "path"))
                if whole and edges is not None and len(edges) == 1:
                    facts.add(
                        (
                            taint.source,
                            taint.part,
                            f"{'begins' if name == 'startswith' else 'ends'}:{edges[0]}",
                        )
                    )
                elif whole and edges and name == "startswith" and all("://" in item[4:] for item in edges):
                    facts.update((taint.source, taint.part, f"begins:{item}") for item in edges)
        return Condition(frozenset(facts), absent) if facts or absent else Unknown(type="bool")

    def _join(self, separator: Value, items: Value, state: State, node: ast.AST) -> Value:
        known, element = self.elements(items, state, node)
        parts: list[str | Value] = []
        if known is not None and len(known) <= 32:
            for position, item in enumerate(known):
                if position:
                    parts += text_parts(separator)
                parts += text_parts(self.as_text(item, state))
            return concatenate(parts)
        values = [*(known or ()), *((element,) if element is not None else ())]
        taint = self.taint_all((separator, *values), state)
        return Unknown(taint, "str")

    def _replace(self, receiver: Value, old: Value, new: Value, state: State) -> Value:
        more = self.taint_of(new, state)
        if isinstance(old, External) and old.path in ("os.sep", "os.path.sep"):
            old = Const("/")
        known = isinstance(old, Const) and isinstance(old.value, str) and old.value
        replacement = new.value if isinstance(new, Const) and isinstance(new.value, str) else None
        if not known or not isinstance(old, Const):
            return Unknown(receiver.taint | more, "str")
        gone = f"no:{old.value}"
        out: list[str | Value] = []
        for part in text_parts(receiver):
            if isinstance(part, str):
                if replacement is not None:
                    out.append(part.replace(old.value, replacement))
                else:
                    pieces = part.split(old.value)
                    for position, piece in enumerate(pieces):
                        if position:
                            out += text_parts(new)
                        out.append(piece)
                continue
            # Taking something longer than a character away once can put it back: "....//" without "../" is "../".
            kinds = (
                [gone]
                if replacement is not None
                and old.value not in replacement
                and (len(old.value) == 1 or replacement)
                else []
            )
            if replacement is not None and len(old.value) == 1 and replacement == old.value * 2:
                kinds = [f"double:{old.value}"]
            elif replacement is not None and len(old.value) == 1 and replacement == "\\" + old.value:
                kinds = [f"backslash:{old.value}"]
            taint = without(part.taint, kinds) if kinds else part.taint
            out.append(Unknown(taint | more if more else taint, "str"))
        return concatenate(out, isinstance(receiver, Text) and receiver.binary)

    def _trim(self, receiver: Value, name: str, args: list[Value]) -> Value:
        if isinstance(receiver, Unknown):
            if name in ("strip", "lstrip") and args and isinstance(args[0], Const):
                gone = (f"notbegins:{char}" for char in str(args[0].value)[:8])
                return Unknown(without(receiver.taint, gone), "str")
            return Unknown(receiver.taint, "str")
        if not isinstance(receiver, Text):
            return unknown(receiver.taint)
        parts = list(receiver.parts)
        trimmed = (
            args[0].value if args and isinstance(args[0], Const) and isinstance(args[0].value, str) else None
        )
        if args and trimmed is None:
            return Unknown(receiver.taint, "str")
        if name in ("strip", "lstrip", "removeprefix") and isinstance(parts[0], str):
            parts[0] = (
                parts[0].removeprefix(trimmed or "") if name == "removeprefix" else parts[0].lstrip(trimmed)
            )
        if name in ("strip", "rstrip", "removesuffix") and isinstance(parts[-1], str):
            parts[-1] = (
                parts[-1].removesuffix(trimmed or "") if name == "removesuffix" else parts[-1].rstrip(trimmed)
            )
        return concatenate(parts, receiver.binary)


def _without_separator(pieces: Value, name: str, args: list[Value], keywords: dict[str, Value]) -> Value:
    """What stood between the pieces is in none of them; after ``rsplit(".", 1)`` it is not in the last, after ``split(".", 1)`` not in the first."""
    separator = args[0] if args else keywords.get("sep", NOTHING)
    most = args[1] if len(args) > 1 else keywords.get("maxsplit")
    if not (isinstance(separator, Const) and isinstance(separator.value, str)) or name == "splitlines":
        return pieces
    mark = "no" if most is None else "no-last" if name == "rsplit" else "no-first"
    return Unknown(without(pieces.taint, (f"{mark}:{separator.value}",)), "str")


def _same(receiver: Value, name: str) -> Value:
    if isinstance(receiver, Unknown):
        return Unknown(receiver.taint, "bytes" if name == "encode" else "str")
    if isinstance(receiver, Text):
        change = getattr(str, name, None) if name in ("lower", "upper", "casefold", "swapcase") else None
        parts = tuple(change(part) if change and isinstance(part, str) else part for part in receiver.parts)
        return Text(parts, binary=name == "encode")
    return receiver


def _is_domain(edge: Value, state: State, core: Any) -> bool:
    """Whether what a host ends with is a domain of the program's choice: ``.example.org``."""
    if core.taint_of(edge, state):
        return False
    first = edge.parts[0] if isinstance(edge, Text) else None
    return (isinstance(first, str) and first.startswith(".")) or bool(
        (texts := _edge_texts(edge)) and all(text.startswith(".") for text in texts)
    )


def _edge_texts(edge: Value) -> list[str] | None:
    values = [edge]
    if isinstance(edge, Tuple):
        values = list(edge.items)
    texts = []
    for value in (one for item in values for one in options(item)):
        if not isinstance(value, Const) or not isinstance(value.value, str):
            return None
        texts.append(value.value)
    return texts
