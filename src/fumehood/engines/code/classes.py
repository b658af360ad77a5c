"""The program's own classes: made, asked for attributes and methods, along their bases."""

from __future__ import annotations

import ast

from fumehood.engines.code.heap import Instance, State
from fumehood.engines.code.libraries import Libraries
from fumehood.engines.code.schemas import fill
from fumehood.engines.code.taint import CLEAN
from fumehood.engines.code.values import (
    NOTHING,
    UNKNOWN,
    Cls,
    Const,
    External,
    Func,
    Method,
    Ref,
    Unknown,
    Value,
    unknown,
)

__all__ = ["Classes"]


class Classes(Libraries):
    """The program's own classes, as values."""

    properties: dict[int, str]  # id of a function's node -> property, staticmethod, classmethod

    # Classes.
    def instantiate(
        self, cls: Cls, args: list[Value], keywords: dict[str, Value], state: State, node: ast.AST
    ) -> Value:
        ref = self.allocate(node, Instance(cls, {}), state)
        if ref.address in state.heap and not self.frame.loops:
            state.heap[ref.address] = Instance(cls, {})
        self.record.constructed(cls, args, keywords, state, node, self)
        if "url" in keywords or "endpoint" in keywords:
            self.__dict__.setdefault("made_with", {})[id(cls.node)] = keywords
        filled = fill(self, ref, cls, keywords, state, node)
        init = self.class_attribute(cls, "__init__", state)
        if isinstance(init, Func):
            bound = Func(init.node, init.module, init.frame, init.name, init.owner, ref)
            self.invoke(bound, args, keywords, state, node)
            path = self.external_base(cls)
            if path:
                names = [item.arg for item in init.node.args.args[1:]]
                named = {**dict(zip(names, args, strict=False)), **keywords}
                made = External(path, detail=(("class", cls),))
                self.record.call(path, made, [], named, state, node, self)
            return ref
        if not filled:
            self._given(ref, cls, args, keywords, state)
        path = self.external_base(cls)
        if path:
            self.external_effects(External(path), args, keywords, state, node)
        return ref

    def _given(self, ref: Ref, cls: Cls, args: list[Value], keywords: dict[str, Value], state: State) -> None:
        """Set the attributes of an object whose class has no ``__init__``: a dataclass, a row of a table."""
        names = [
            item.target.id
            for item in cls.node.body
            if isinstance(item, ast.AnnAssign) and isinstance(item.target, ast.Name)
        ]
        content = self.held(ref, state)
        attributes = dict(content.attributes) if isinstance(content, Instance) else {}
        attributes.update(zip(names, args, strict=False))
        attributes.update({name: value for name, value in keywords.items() if name != "**"})
        spread = keywords.get("**")
        if spread is not None:
            for name in names:
                attributes.setdefault(name, spread)
        self.replace(ref, Instance(cls, attributes), state)

    def class_attribute(self, cls: Cls, name: str, state: State, depth: int = 0) -> Value | None:
        content = self.held(cls, state)
        if isinstance(content, Instance):
            found = content.attributes.get(name)
            if found is not None:
                return found
        if depth < 8:
            for base in cls.bases:
                if isinstance(base, Cls):
                    found = self.class_attribute(base, name, state, depth + 1)
                    if found is not None:
                        return found
        return None

    def external_base(self, cls: Cls, depth: int = 0) -> str:
        """Return the public name of the library class that a class descends from, "" when there is none.

        Of several it is the first that says what the class is: not a mixin, which only adds to one.
        """
        mixin = ""
        for base in cls.bases:
            found = base.path if isinstance(base, External) else ""
            if isinstance(base, Cls) and depth < 8:
                found = self.external_base(base, depth + 1)
            if found and not found.endswith(("Mixin", "typing.Generic", "abc.ABC", "Protocol")):
                return found
            mixin = mixin or found
        return mixin

    def inherited(self, cls: Cls, name: str, state: State, node: ast.AST, ref: Ref | None = None) -> Value:
        path = self.external_base(cls)
        if path:
            base = External(
                path, CLEAN, ref is not None, (("class", cls),) if ref is None else (("self", ref),)
            )
            return self.external_attribute(base, name, state, node)
        if name == "__name__":
            return Const(cls.name.rpartition(".")[2])
        return unknown(self.taint_of(ref, state)) if ref is not None else UNKNOWN

    def find_method(self, value: Value, name: str, state: State) -> Func | None:
        if not isinstance(value, Ref):
            return None
        content = self.held(value, state)
        if not isinstance(content, Instance) or content.cls is None:
            return None
        found = self.class_attribute(content.cls, name, state)
        if isinstance(found, Func):
            return Func(found.node, found.module, found.frame, found.name, found.owner, value)
        return None

    def bound(self, found: Func, ref: Ref, state: State, node: ast.AST) -> Value:
        kind = self.properties.get(id(found.node))
        if kind == "staticmethod":
            return found
        receiver: Value = ref
        if kind == "classmethod":
            content = self.held(ref, state)
            receiver = content.cls if isinstance(content, Instance) and content.cls is not None else ref
        method = Func(found.node, found.module, found.frame, found.name, found.owner, receiver)
        return self.invoke(method, [], {}, state, node) if kind == "property" else method

    def kind_of_method(self, func: Func) -> str:
        return self.properties.get(id(func.node), "")

    # Methods of values whose type is Python's own, or not known.
    def method_of(self, value: Value, name: str) -> Value:
        return Method(value, name)

    def method_call(
        self, func: Method, args: list[Value], keywords: dict[str, Value], state: State, node: ast.AST
    ) -> Value:
        receiver = func.receiver
        if isinstance(receiver, Unknown) or (
            isinstance(receiver, Ref) and isinstance(self.held(receiver, state), Instance)
        ):
            guess = External(f"?.{func.name}", receiver.taint, True)
            answer = self.external_effects(guess, args, keywords, state, node, receiver)
            if answer is not None:
                return answer
            entry = self.models.lookup(guess.path)
            if entry is not None and entry.opaque and isinstance(receiver, Unknown):
                return UNKNOWN
        if not receiver.taint and (receiver == NOTHING or isinstance(receiver, Unknown)):
            found = self.by_name(func.name, args, keywords, state, node)
            if found is not None:
                return found
        return self.method(receiver, func.name, args, keywords, state, node)
