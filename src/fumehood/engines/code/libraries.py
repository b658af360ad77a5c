"""Names of libraries: their attributes, items and calls, by what the models and Python itself say of them."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING, Any, Final, cast

from fumehood.engines.code.heap import Instance, State
from fumehood.engines.code.modelled import Modelled, class_of, written_text
from fumehood.engines.code.models import Entry
from fumehood.engines.code.python import Call
from fumehood.engines.code.taint import CLEAN, Source, Taint, Taints, keyed, parted, without
from fumehood.engines.code.texts import TEXT_METHODS
from fumehood.engines.code.values import (
    FIELDS,
    NEVER,
    NOTHING,
    UNKNOWN,
    Cls,
    Const,
    External,
    Func,
    Ref,
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


class Libraries(Modelled):
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
                self.record.read(path, self)
                return unknown(without(taint, sanitizer.removes | sanitizer.adds), "str")
        special = self.special_attribute(path, value, state)
        if special is None and value.detail and _ROW.search(value.path):
            special = self._of_row(value, name, state, node)
        if special is not None:
            return special
        whole = name in ("get", "pop") and not any(
            t.source.param for t in taint
        )  # what they give is named by their argument
        if taint and taint is value.taint and name not in TEXT_METHODS and not whole:
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
        return External(f"{value.path}[]", parted(taint, cut) if taint else taint, True, class_of(value, ()))

    def external_element(self, value: External, state: State, node: ast.AST) -> Value:
        entry = self.models.lookup(f"{value.path}.__iter__")
        taint = parted(value.taint, "each")
        if entry is not None and entry.sources:
            taint |= self.sourced(entry, f"{value.path}.__iter__", node, call=True, note=self._asked(value))
        return External(f"{value.path}[]", taint, True, class_of(value, ()))

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
            return External(kind or f"{path}()", sources, True, class_of(func, args))
        return self._stored(func, args, keywords, state)

    def _asked(self, func: External) -> str:
        """Return the statement whose rows a method of a cursor gives, as far as it is known."""
        text = written_text(dict(func.detail).get("0", NOTHING))
        return text if _SELECT.match(text) else self.asked if ".fetch" in func.path else ""

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


_SELECT = re.compile(r"\s*select\b", re.IGNORECASE)
_ROW = re.compile(
    r"\.(first|get|get_one|get_or_404|first_or_404|one|one_or_none|one_or_404|scalar|scalar_one|scalar_one_or_none|get_or_none)\(\)$|\[\]$"
)
