"""What the models say of a library's call: its sinks, sanitisers, stores and result."""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence
from typing import Any

from fumehood.engines.code import languages
from fumehood.engines.code.core import cleaned
from fumehood.engines.code.facts import facts_of_host, with_taint
from fumehood.engines.code.heap import DictObject, State
from fumehood.engines.code.members import Members
from fumehood.engines.code.models import Sanitizer, Sink
from fumehood.engines.code.operations import concatenate, text_parts
from fumehood.engines.code.taint import CLEAN, Source, Taint, Taints, without
from fumehood.engines.code.texts import TEXT_METHODS
from fumehood.engines.code.values import (
    NOTHING,
    UNKNOWN,
    Cls,
    Condition,
    Const,
    External,
    Ref,
    Text,
    Tuple,
    Union,
    Unknown,
    Value,
    options,
    unknown,
)

__all__ = ["Modelled", "class_of", "written_text"]


_BY_KEY = frozenset(["get", "getex", "hget", "mget", "hgetall", "get_many", "getset"])


class Modelled(Members):
    """Calls of libraries as the models know them."""

    def holds(
        self,
        conditions: tuple[tuple[str, Any], ...],
        args: list[Value],
        keywords: dict[str, Value],
        state: State,
    ) -> bool:
        """Whether each named argument is, or may be, as wanted; see ``docs/engine.md`` for the forms."""
        for name, wanted in conditions:
            value = self.argument(name, args, keywords)
            if isinstance(wanted, list):
                if not any(self._holds_one(value, one, state) for one in wanted):
                    return False
            elif not self._holds_one(value, wanted, state):
                return False
        return True

    def _holds_one(self, value: Value | None, wanted: Any, state: State) -> bool:
        if value is None:
            return bool(wanted == "absent")
        if wanted == "?":
            return True
        if wanted == "absent":
            return False
        if wanted == "sequence":
            return isinstance(value, Ref | Tuple)
        if isinstance(wanted, str) and wanted.startswith("~"):
            return any(
                re.search(wanted[1:], text, re.IGNORECASE) for text in map(written_text, options(value))
            )
        if isinstance(wanted, dict):
            return any(self._made_so(option, wanted, state) for option in options(value))
        return any(
            (isinstance(option, Const) and option.value == wanted and type(option.value) is type(wanted))
            or (isinstance(option, External) and option.path == wanted)
            or (isinstance(option, Unknown) and not isinstance(wanted, bool))
            for option in options(value)
        )

    def _made_so(self, value: Value, wanted: dict[str, Any], state: State) -> bool:
        """``{ resolve_entities = true }``: it was made with that, or keeps that under this key."""
        content = self.held(value, state) if isinstance(value, Ref) else None
        if isinstance(content, DictObject):  # headers, whose names are the same in any case
            given = {str(key).lower(): item for key, item in content.items.items()}
            return all(
                name.lower() in given and self._holds_one(given[name.lower()], expected, state)
                for name, expected in wanted.items()
            )
        if not isinstance(value, External):
            return False
        detail = dict(value.detail)
        for name, expected in wanted.items():
            found = detail.get(name)
            holder = detail.get("store")
            if found is None and isinstance(holder, Ref):
                content = self.held(holder, state)
                found = content.items.get((name,)) if isinstance(content, DictObject) else None
            if not (isinstance(found, Const) and found.value == expected):
                return False
        return True

    def argument(self, name: int | str, args: list[Value], keywords: dict[str, Value]) -> Value | None:
        """Return the argument of a position or a name; ``"1|data"`` is either."""
        if isinstance(name, int):
            return args[name] if -len(args) <= name < len(args) else None
        for one in name.split("|"):
            if one.isdigit():
                if int(one) < len(args):
                    return args[int(one)]
            elif one in keywords:
                return keywords[one]
        return None

    def _sink(
        self,
        sink: Sink,
        func: External,
        args: list[Value],
        keywords: dict[str, Value],
        state: State,
        node: ast.AST,
        receiver: Value | None,
    ) -> None:
        keywords_ = {**keywords, "self": func} if sink.when else keywords
        if not self.holds(sink.when, args, keywords_, state) or any(
            self.holds((one,), args, keywords, state) for one in sink.unless
        ):
            return
        if sink.language == "folder":
            values = [self._in_folder(args, keywords)]
        elif sink.args:
            values = [
                value for name in sink.args if (value := self.argument(name, args, keywords)) is not None
            ]
        elif sink.receiver:
            values = [receiver if receiver is not None else func]
        else:
            values = [*args, *keywords.values()]
        if sink.language == "sql" and values:
            self.asked = written_text(values[0])
        for value in values:
            self.reach(sink, func.path, value, state, node)

    def _in_folder(self, args: list[Value], keywords: dict[str, Value]) -> Value:
        """The path of a file that is looked for in a folder, and in no other: its name alone leads nowhere else."""
        folder = self.argument("0|directory", args, keywords) or UNKNOWN
        name = self.argument("1|path|filename", args, keywords) or UNKNOWN
        inside = cleaned(self.path_text(name), ("path",))
        return concatenate([*text_parts(self.path_text(folder)), "/", *text_parts(inside)])

    def reach(self, sink: Sink, path: str, value: Value, state: State, node: ast.AST) -> None:
        """Record the taints of a value that are dangerous in a sink."""
        if not self.taint_of(value, state):
            return
        if sink.language == "html" and isinstance(value, Tuple) and value.items:
            value = value.items[0]
        in_memory = languages.is_open_file(value)  # it has no path
        text = self.path_text(value) if sink.language in ("path", "folder") and not in_memory else value
        found = languages.dangerous(sink, text, self.taint_of(text, state), state, self)
        if found:
            self.record.flow(sink, path, value, found, node, self)

    def _vouched(
        self, sanitizer: Sanitizer, args: list[Value], keywords: dict[str, Value], state: State
    ) -> None:
        if sanitizer.args == ("*",):
            values = [*args, *keywords.values()]
        else:
            values = [
                value for name in sanitizer.args if (value := self.argument(name, args, keywords)) is not None
            ]
        taints = self.taint_all(values, state)
        state.facts |= {(taint.source, taint.part, kind) for taint in taints for kind in sanitizer.removes}

    def _sanitized(
        self,
        sanitizer: Sanitizer,
        func: External,
        args: list[Value],
        keywords: dict[str, Value],
        state: State,
    ) -> Value:
        value = args[0] if args else next(iter(keywords.values()), func)
        if func.instance and not args:
            value = func
        if sanitizer.guard or sanitizer.raises:
            facts = frozenset(
                (taint.source, taint.part, kind)
                for taint in self.taint_of(value, state)
                for kind in sanitizer.removes
            )
            if "host" in sanitizer.removes:
                facts |= facts_of_host(self.taint_of(value, state))
            if sanitizer.raises:
                state.facts |= facts
                return value
            return Condition(facts, frozenset())
        adds = sanitizer.adds | sanitizer.removes
        if any(kind.startswith("-in:") for kind in adds):
            gone = {kind[1:] for kind in adds if kind.startswith("-in:")}
            more = {kind for kind in adds if not kind.startswith("-in:")}
            inside = with_taint(
                _opened(value),
                lambda taints: frozenset(
                    Taint(t.source, t.part, (t.removed - gone) | more, t.trail) for t in taints
                ),
            )
            return (
                unknown(inside.taint) if sanitizer.type == "any" and isinstance(inside, Unknown) else inside
            )
        if any(kind.startswith("in:") for kind in adds):
            return unknown(without(self.taint_of(value, state), adds), "str")
        if sanitizer.type == "int":
            return self.as_number(self.taint_of(value, state)) if value.taint else Unknown(type="int")
        held = any(isinstance(option, Ref) for option in (*options(value), *getattr(value, "items", ())))
        if isinstance(value, Text | Unknown | Const | Union | External | Tuple) and not held:
            if "resolved" in adds:
                value = self.path_text(value)
                if isinstance(value, Text) and str(value.parts[0]).startswith("/"):
                    adds = adds | {"no:.."}  # nothing is above the root
            return cleaned(value, adds)
        return unknown(without(self.taint_of(value, state), adds), sanitizer.type)

    def _stored(
        self, func: External, args: list[Value], keywords: dict[str, Value], state: State
    ) -> Value | None:
        """Objects of libraries that keep values under keys."""
        for label, holder in func.detail:
            if label != "store" or not isinstance(holder, Ref):
                continue
            kind, _, name = func.path.rpartition(".")
            store = self.models.stores.get(kind)
            content = self.held(holder, state)
            if store is None or not isinstance(content, DictObject):
                return None
            keys = [self.argument(key, args, keywords) or NOTHING for key in store.keys]
            key: Value = UNKNOWN
            if all(isinstance(item, Const | External) for item in keys):
                key = Const(
                    tuple(item.value if isinstance(item, Const) else self.path_of(item) for item in keys)
                )
            if name in store.write:
                value = self.argument(store.value, args, keywords) or UNKNOWN
                before = content.items.get(key.value) if store.append and isinstance(key, Const) else None
                if before is not None:
                    value = self.binary(
                        ast.Add(), self.as_text(before, state), self.as_text(value, state), state, ast.Pass()
                    )
                self.store_item(holder, key, value, state, ast.Pass())
                return NOTHING
            if name in store.read:
                return self.item(holder, key, state, ast.Pass())
        return None

    def _result(
        self, func: External, args: list[Value], keywords: dict[str, Value], state: State, node: ast.AST
    ) -> Value:
        path = func.path
        entry = self.models.lookup(path)
        if entry is not None and entry.opaque:
            taint: Taints = CLEAN
        elif entry is None and path.rpartition(".")[2] in _BY_KEY:
            taint = func.taint  # what is kept under a key is not the key
        else:
            handed = self.taint_all((*args, *keywords.values()), state)
            if handed and (entry is None or not entry.propagate):
                handed = without(handed, ("via:unknown",))
            taint = handed | func.taint
        kind = self.models.returns.get(path)
        store = self.models.stores.get(kind or path)
        if store is not None:
            first = {(): args[0]} if store.append and args else {}
            return External(
                store.type, taint, True, (("store", self.allocate(node, DictObject(first), state)),)
            )
        if kind:
            return External(kind, taint, True, self._made_with(func, args, keywords))
        last = path.rpartition(".")[2]
        if path == "flask.request.files.get" and args:
            return self.external_item(External("flask.request.files", func.taint, True), args[0], state, node)
        if (
            last in ("get", "getlist", "get_all", "pop", "items", "keys", "values", "setdefault", "to_dict")
            and func.taint
        ):
            return self.method(Unknown(func.taint), last, args, keywords, state, node)
        if func.instance or not last[:1].isupper():
            if func.taint and (self.is_pure_text(last)):
                return self.method(Unknown(func.taint, "str"), last, args, keywords, state, node)
            return External(f"{path}()", taint, True, self._made_with(func, args, keywords))
        return External(path, taint, True, self._made_with(func, args, keywords))

    def is_pure_text(self, name: str) -> bool:
        return name in TEXT_METHODS

    def contents(self, path: Value, node: ast.AST) -> Value:
        """Return an open file: when a request has a say in its name, what is in it came by a request too."""
        place = self.place(node)
        taint = frozenset(
            Taint(
                Source("file", "a file that a request chose or sent", t.source.param, place),
                (),
                frozenset(),
                (place, "the file is opened", t.trail),
            )
            for t in path.taint
            if t.source.kind == "request"
        )
        return External("io.TextIOWrapper", taint, True)

    def _made_with(
        self, func: External, args: list[Value], keywords: dict[str, Value]
    ) -> tuple[tuple[str, Value], ...]:
        kept = [item for item in func.detail if item[0] in ("self", "store")]
        kept += class_of(func, args)
        kept += [
            (str(position), value) for position, value in enumerate(args[:3]) if isinstance(value, Const)
        ]
        kept += [(name, value) for name, value in keywords.items() if isinstance(value, Const)]
        return tuple(kept[:6])

    def path_of(self, value: Value) -> str:
        raise NotImplementedError


def class_of(func: External, args: Sequence[Value]) -> tuple[tuple[str, Value], ...]:
    """Keep which class of the program a query is about: ``Person.query``, ``session.get(Person, 3)``, ``select(Person)``."""
    for name, value in func.detail:
        if name == "class":
            return ((name, value),)
    for value in args[:2]:
        if isinstance(value, Cls):
            return (("class", value),)
        if isinstance(value, External):
            for name, inner in value.detail:
                if name == "class":
                    return ((name, inner),)
    return ()


def written_text(value: Value) -> str:
    """The known parts of a text, each hole as ``{}``."""
    if isinstance(value, Text):
        return "".join(part if isinstance(part, str) else "{}" for part in value.parts)
    return value.value if isinstance(value, Const) and isinstance(value.value, str) else ""


def _opened(value: Value) -> Value:
    return value if isinstance(value, Unknown | Text) else unknown(value.taint, "str")
