"""Names of libraries: their attributes, items and calls, by what the models and Python itself say of them."""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final, cast

from fumehood.engines.code import languages
from fumehood.engines.code.core import cleaned
from fumehood.engines.code.facts import facts_of_host, with_taint
from fumehood.engines.code.heap import DictObject, Instance, State
from fumehood.engines.code.members import Members
from fumehood.engines.code.models import Entry, Sanitizer, Sink
from fumehood.engines.code.operations import concatenate, text_parts
from fumehood.engines.code.python import Call
from fumehood.engines.code.taint import CLEAN, Source, Taint, Taints, keyed, parted, without
from fumehood.engines.code.values import (
    FIELDS,
    NEVER,
    NOTHING,
    UNKNOWN,
    Cls,
    Condition,
    Const,
    External,
    Func,
    Ref,
    Text,
    Tuple,
    Union,
    Unknown,
    Value,
    join,
    options,
    unknown,
)

if TYPE_CHECKING:
    from fumehood.engines.code.interpreter import Interpreter

__all__ = ["Libraries"]


# What the application keeps for its views is as a rule an object of its own.
_KEPT_BY_THE_APPLICATION: Final = ("flask.g.", "flask.Flask.config[", "flask.Flask.extensions[")


class Libraries(Members):
    """Values of type :class:`External`."""

    def external_attribute(self, value: External, name: str, state: State, node: ast.AST) -> Value:
        path = self.models.canonical(f"{value.path}.{name}")
        for label, part in value.detail:
            if label == f"part:{name}":
                return part
        known = self.models.types.get(path)
        if known:
            path = known
        entry = self.models.lookup(path)
        taint = value.taint
        if entry is not None and entry.sources:
            taint = taint | self.sourced(entry, path, node)
        if entry is not None and entry.opaque and "()" not in value.path:
            taint = CLEAN  # of what a call gave, the attributes are what it gave
        for sanitizer in entry.sanitizers if entry is not None and taint else ():
            if sanitizer.attribute:
                return unknown(without(taint, sanitizer.removes | sanitizer.adds), "str")
        special = self.special_attribute(path, value, state)
        if special is None and value.detail and _ROW.search(value.path):
            special = self._of_row(value, name, state, node)
        if special is not None:
            return special
        whole = name in ("get", "pop") and not any(
            t.source.param for t in taint
        )  # what they give is named by their argument
        if taint and taint is value.taint and name not in _TEXT_METHODS and not whole:
            taint = parted(taint, name)
        detail = value.detail
        return External(path, taint, bool(known), detail)

    def _of_row(self, row: External, name: str, state: State, node: ast.AST) -> Value | None:
        """What the class of a row defines itself: ``Person.query.first().check_password``."""
        cls = dict(row.detail).get("class")
        found = self.class_attribute(cls, name, state) if isinstance(cls, Cls) else None
        if not isinstance(found, Func):
            return None
        kind = self.properties.get(id(found.node))
        if kind == "staticmethod":
            return found
        receiver = cls if kind == "classmethod" else row
        method = Func(found.node, found.module, found.frame, found.name, found.owner, receiver)
        return self.invoke(method, [], {}, state, node) if kind == "property" else method

    def special_attribute(self, path: str, value: External, state: State) -> Value | None:
        """What this Python or the running route decides; overridden by the Flask model."""
        return None

    def sourced(
        self, entry: Entry, path: str, node: ast.AST, param: str = "", call: bool = False, note: str = ""
    ) -> Taints:
        taints = set()
        self.record.read(path, self)
        for model in entry.sources:
            if model.call and not call:
                continue
            place = self.place(node)
            source = Source(model.kind, path, param, place, note)
            taints.add(Taint(source, (), model.removed, (place, f"{path} is read", None)))
        return frozenset(taints)

    def external_item(self, value: External, key: Value, state: State, node: ast.AST) -> Value:
        taint = value.taint
        name = key.value if isinstance(key, Const) else None
        named = FIELDS.get(value.path)
        if named is not None and isinstance(name, int) and -len(named) <= name < len(named):
            return self.external_attribute(value, named[name], state, node)
        if isinstance(name, str):
            entry = self.models.lookup(f"{value.path}[{name}]")
            if entry is not None and entry.sources:
                taint = taint | self.sourced(entry, f"{value.path}[{name}]", node)
            return External(f"{value.path}[{name}]", keyed(taint, name), True)
        cut = f"[{name}]" if isinstance(name, int) else "[]"
        return External(f"{value.path}[]", parted(taint, cut) if taint else taint, True, _class_of(value, ()))

    def external_element(self, value: External, state: State, node: ast.AST) -> Value:
        entry = self.models.lookup(f"{value.path}.__iter__")
        taint = parted(value.taint, "each")
        if entry is not None and entry.sources:
            taint |= self.sourced(entry, f"{value.path}.__iter__", node, call=True, note=self._asked(value))
        return External(f"{value.path}[]", taint, True, _class_of(value, ()))

    # Calls.
    def external_call(
        self, func: External, args: list[Value], keywords: dict[str, Value], state: State, node: ast.AST
    ) -> Value:
        if self.frame.handlers and not func.path.startswith("flask."):
            self.frame.argument_taint |= self.taint_all((*args, *keywords.values()), state)
        answer = self.external_effects(func, args, keywords, state, node)
        if answer is not None:
            return answer
        if func.path.startswith(_KEPT_BY_THE_APPLICATION):
            answer = self.by_name(func.path.rpartition(".")[2], args, keywords, state, node)
            if answer is not None:
                return answer
        handler = self.python_function(func.path)
        if handler is not None:
            result: Value | None = handler(Call(cast("Interpreter", self), func, args, keywords, state, node))
            if result is not None:
                return result
        return self._result(func, args, keywords, state, node)

    def python_function(self, path: str) -> Any:
        raise NotImplementedError

    def external_effects(
        self,
        func: External,
        args: list[Value],
        keywords: dict[str, Value],
        state: State,
        node: ast.AST,
        receiver: Value | None = None,
    ) -> Value | None:
        """Record a call and look at it as sink, route, sanitiser and store; return its value when one of them gives it."""
        path = func.path
        self.record.call(path, func, args, keywords, state, node, self)
        if self.register_route(path, func, UNKNOWN, args, keywords, state, node):
            return External(f"{path}()", CLEAN, True)
        entry = self.models.lookup(path)
        if entry is None:
            return self._stored(func, args, keywords, state) if self.models.stores else None
        for sink in entry.sinks:
            if not sink.assign:
                self._sink(sink, func, args, keywords, state, node, receiver)
        if entry.noreturn:
            return NEVER
        for sanitizer in entry.sanitizers:
            if sanitizer.attribute or not self.holds(sanitizer.when, args, keywords, state):
                continue
            if sanitizer.raises and sanitizer.args:
                self._vouched(sanitizer, args, keywords, state)
            else:
                return self._sanitized(sanitizer, func, args, keywords, state)
        sources = (
            self.sourced(entry, path, node, call=True, note=self._asked(func)) if entry.sources else CLEAN
        )
        if sources and any(model.call for model in entry.sources):
            kind = self.models.returns.get(path)
            first = args[0] if args else None
            if isinstance(first, Const) and isinstance(first.value, str):
                sources = keyed(sources, first.value)
            return External(kind or f"{path}()", sources, True, _class_of(func, args))
        return self._stored(func, args, keywords, state)

    def _asked(self, func: External) -> str:
        """Return the statement whose rows a method of a cursor gives, as far as it is known."""
        text = _written_text(dict(func.detail).get("0", NOTHING))
        return text if _SELECT.match(text) else self.asked if ".fetch" in func.path else ""

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
                re.search(wanted[1:], text, re.IGNORECASE) for text in map(_written_text, options(value))
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
        if not self.holds(sink.when, args, keywords_, state) or (
            sink.unless and self.holds(sink.unless, args, keywords, state)
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
            self.asked = _written_text(values[0])
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
        if isinstance(value, Text | Unknown | Const | Union | External | Tuple):
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
        return name in _TEXT_METHODS

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
        kept += _class_of(func, args)
        kept += [
            (str(position), value) for position, value in enumerate(args[:3]) if isinstance(value, Const)
        ]
        kept += [(name, value) for name, value in keywords.items() if isinstance(value, Const)]
        return tuple(kept[:6])

    # Assignments to what belongs to a library.
    def assign_attribute(self, target: ast.Attribute, value: Value, state: State, node: ast.AST) -> None:
        holder = self.evaluate(target.value, state)
        for one in options(holder):
            if isinstance(one, Ref):
                content = self.held(one, state)
                if isinstance(content, Instance):
                    attributes = dict(content.attributes)
                    weak = isinstance(holder, Union) or one.address not in state.heap
                    before = attributes.get(target.attr)
                    attributes[target.attr] = join(before, value) if weak and before is not None else value
                    self.replace(one, Instance(content.cls, attributes), state)
                    self.record.attribute(content.cls, target.attr, value, state, target, self)
            else:
                self.set_elsewhere(one, target.attr, value, state)
            path = self.path_of(one)
            if path:
                self.assigned(f"{path}.{target.attr}", value, state, target)
            elif isinstance(one, Ref | Unknown):
                self.assigned(f"?.{target.attr}", value, state, target)

    def path_of(self, value: Value) -> str:
        raise NotImplementedError

    def set_elsewhere(self, holder: Value, name: str, value: Value, state: State) -> None:
        """Set an attribute of a module or a class of the program."""
        raise NotImplementedError

    def assigned_item(self, holder: Value, key: Value, value: Value, state: State, node: ast.AST) -> None:
        for one in options(holder):
            if isinstance(one, External):
                name = key.value if isinstance(key, Const) else ""
                self.assigned(f"{one.path}[{name}]", value, state, node, key)

    def compared_with_request(self, left: Value, right: Value, state: State, node: ast.AST) -> None:
        """A secret that the program compares with what a request brings: a sink of its own, ``python.compare``."""
        entry = self.models.lookup("python.compare")
        if entry is None or not (left.taint or right.taint):
            return
        for one, other in ((left, right), (right, left)):
            ours = {taint.source.kind for taint in self.taint_of(other, state)}
            # What a request had a say in on both sides is no secret of the program's.
            if "request" not in ours and any(t.source.kind == "request" for t in self.taint_of(one, state)):
                for sink in entry.sinks:
                    self.reach(sink, "python.compare", other, state, node)

    def assigned(
        self, path: str, value: Value, state: State, node: ast.AST, key: Value | None = None
    ) -> None:
        """Look at an assignment as a sink, and record it. ``flask.session[user]`` is also looked up as ``flask.session[]``."""
        self.record.assigned(path, value, state, node, self)
        if path.startswith("flask.g.") and path.count(".") == 2:
            self.keep(path, value, state)
        generic = f"{path.partition('[')[0]}[]" if "[" in path else path
        for name in {path, generic}:
            self.assigned_to(name, value, state, node, key)

    def assigned_to(
        self, name: str, value: Value, state: State, node: ast.AST, key: Value | None = None
    ) -> None:
        """Look at an assignment as a sink only: that of a variable, and what a function returns, is one to ``python.variable.NAME``."""
        entry = self.models.lookup(name)
        for sink in entry.sinks if entry is not None else ():
            if sink.assign:
                self.reach(sink, name, value, state, node)
                if key is not None and "key" in sink.args:
                    self.reach(sink, name, key, state, node)

    def keep(self, path: str, value: Value, state: State) -> None:
        """Remember what one function of the request leaves in ``flask.g`` for the next: an object, or what the request chose."""
        taint = frozenset(t for t in self.taint_of(value, state) if t.source.kind == "request")
        library = isinstance(value, External) and value.instance
        own = any(
            isinstance(one, Ref) and isinstance(self.held(one, state), Instance) for one in options(value)
        )
        if taint or library or own:
            self.publish(value, state)
            new = value if own or isinstance(value, External | Unknown) else unknown(taint)
            before = self.kept.get(path)
            self.kept[path] = new if before is None else join(before, new)

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


def _class_of(func: External, args: Sequence[Value]) -> tuple[tuple[str, Value], ...]:
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


def _written_text(value: Value) -> str:
    """The known parts of a text, each hole as ``{}``."""
    if isinstance(value, Text):
        return "".join(part if isinstance(part, str) else "{}" for part in value.parts)
    return value.value if isinstance(value, Const) and isinstance(value.value, str) else ""


def _opened(value: Value) -> Value:
    return value if isinstance(value, Unknown | Text) else unknown(value.taint, "str")


_SELECT = re.compile(r"\s*select\b", re.IGNORECASE)
_ROW = re.compile(
    r"\.(first|get|get_one|get_or_404|first_or_404|one|one_or_none|one_or_404|scalar|scalar_one|scalar_one_or_none|get_or_none)\(\)$|\[\]$"
)
_TEXT_METHODS = frozenset(
    [
        "capitalize",
        "casefold",
        "decode",
        "encode",
        "endswith",
        "expandtabs",
        "find",
        "format",
        "index",
        "isalnum",
        "isalpha",
        "isascii",
        "isdecimal",
        "isdigit",
        "isidentifier",
        "isnumeric",
        "join",
        "ljust",
        "lower",
        "lstrip",
        "partition",
        "removeprefix",
        "removesuffix",
        "replace",
        "rfind",
        "rindex",
        "rjust",
        "rpartition",
        "rsplit",
        "rstrip",
        "split",
        "splitlines",
        "startswith",
        "strip",
        "swapcase",
        "title",
        "translate",
        "upper",
        "zfill",
    ]
)
