"""Methods by name: where a call leads whose object is not known, when the program defines that method but a few times."""

from __future__ import annotations

import ast
import datetime as dt
import io
import re
from functools import lru_cache
from typing import Final

from fumehood.engines.code.facts import with_taint
from fumehood.engines.code.heap import Instance, State
from fumehood.engines.code.methods import Methods
from fumehood.engines.code.taint import Taints, without
from fumehood.engines.code.values import Cls, Func, Ref, Value, union

__all__ = ["Members", "is_abstract"]

MAX_MEMBERS: Final = 3  # of more definitions than these a name says too little
MAX_GUESSES: Final = 4  # times that one name is followed for one entry
MAX_NESTED: Final = 2  # of a name that was followed from within another
MAX_GUESSED: Final = 20  # names that are followed for one entry
_SETTLED: Final = frozenset(
    {"*", "via:unknown", "via:exception"}
)  # harmless, or a guess: no guess is built upon another
_OF_MANY_LIBRARIES: Final = frozenset(
    [
        "add",
        "all",
        "apply",
        "begin",
        "commit",
        "connect",
        "cursor",
        "delete",
        "execute",
        "fetch",
        "fetchall",
        "fetchone",
        "filter",
        "filter_by",
        "first",
        "flush",
        "json",
        "one",
        "options",
        "order_by",
        "post",
        "put",
        "query",
        "refresh",
        "render",
        "request",
        "rollback",
        "run",
        "session",
        "set",
        "start",
        "stop",
        "submit",
        "wait",
    ]
)


class Members(Methods):
    """Finding the program's methods by their name alone."""

    guesses: dict[str, int]  # name -> how often it was followed, for this entry
    guessing: int = 0  # how many names are being followed

    def by_name(
        self, name: str, args: list[Value], keywords: dict[str, Value], state: State, node: ast.AST
    ) -> Value | None:
        """Call the methods of a name with what a request chose; None when the name says too little."""
        if name in _of_python() or name in _OF_MANY_LIBRARIES or name.startswith("_"):
            return None
        return self.overriding(name, args, keywords, state, node, guessed=True)

    def overriding(
        self,
        name: str,
        args: list[Value],
        keywords: dict[str, Value],
        state: State,
        node: ast.AST,
        *,
        guessed: bool = False,
    ) -> Value | None:
        taints = self.taint_all((*args, *keywords.values()), state)
        if not any(taint.source.kind == "request" and not _SETTLED & taint.removed for taint in taints):
            return None
        self.guesses[name] = self.guesses.get(name, 0) + 1
        if self.guesses[name] > MAX_GUESSES or len(self.guesses) > MAX_GUESSED or self.guessing >= MAX_NESTED:
            return None
        places = self.project.members(name)
        self.ask("def", name)
        if not 0 < len(places) <= MAX_MEMBERS * 3:
            return None
        found = [func for path, cls in places if (func := self._member(path, cls, name, state)) is not None]
        fitting = [func for func in found if _fits(func, len(args), keywords) and not is_abstract(func.node)]
        if not 0 < len(fitting) <= MAX_MEMBERS:
            return None
        if guessed and (len(fitting) > 1 or "_" not in name):
            args = [self.doubted(value) for value in args]
            keywords = {key: self.doubted(value) for key, value in keywords.items()}
        self.guessing += 1
        try:
            return union(
                self.invoke(self._bound(func, state, node), args, keywords, state, node) for func in fitting
            )
        finally:
            self.guessing -= 1

    def doubted(self, value: Value) -> Value:
        return with_taint(value, _doubtful) if value.taint else value

    def _member(self, path: str, name: str, method: str, state: State) -> Func | None:
        cls = self.environment(path).get(name)
        self.depends(path)
        if not isinstance(cls, Cls):
            return None
        content = self.held(cls, state)
        found = content.attributes.get(method) if isinstance(content, Instance) else None
        return (
            Func(found.node, found.module, found.frame, found.name, cls) if isinstance(found, Func) else None
        )

    def _bound(self, func: Func, state: State, node: ast.AST) -> Func:
        """The method on an object as ``__init__`` leaves it."""
        cls = func.owner
        kind = self.kind_of_method(func)
        if cls is None or kind == "staticmethod":
            return func
        if kind == "classmethod":
            return Func(func.node, func.module, func.frame, func.name, cls, cls)
        ref = Ref((id(cls.node) + 4, 0))
        if self.held(ref, state) is None:
            state.heap[ref.address] = Instance(cls, {})
            init = self.class_attribute(cls, "__init__", state)
            if isinstance(init, Func) and init.node is not func.node:
                begun = Func(init.node, init.module, init.frame, init.name, init.owner, ref)
                self.invoke(begun, [], {}, state, node)
        return Func(func.node, func.module, func.frame, func.name, cls, ref)

    def kind_of_method(self, func: Func) -> str:
        raise NotImplementedError

    def class_attribute(self, cls: Cls, name: str, state: State, depth: int = 0) -> Value | None:
        raise NotImplementedError

    def depends(self, path: str) -> None:
        """Note that what is found depends on a file."""
        raise NotImplementedError


def _doubtful(taints: Taints) -> Taints:
    return without(taints, ("via:unknown",))


def _fits(func: Func, count: int, keywords: dict[str, Value]) -> bool:
    """Whether a method takes that many arguments, and these keywords."""
    spec = func.node.args
    names = [parameter.arg for parameter in (*spec.posonlyargs, *spec.args)]
    decorated = isinstance(func.node, ast.FunctionDef | ast.AsyncFunctionDef) and any(
        isinstance(one, ast.Name) and one.id == "staticmethod" for one in func.node.decorator_list
    )
    names = names if decorated else names[1:]
    if count > len(names) and spec.vararg is None:
        return False
    known = {*names, *(parameter.arg for parameter in spec.kwonlyargs)}
    if spec.kwarg is None and any(key not in known and key != "**" for key in keywords):
        return False
    needed = names[: len(names) - len(spec.defaults)] if spec.defaults else names
    return "**" in keywords or all(name in keywords for name in needed[count:])


def is_abstract(node: ast.AST) -> bool:
    """Whether a function does nothing but say that others are to do it."""
    if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        return False
    body = [
        item
        for item in node.body
        if not (isinstance(item, ast.Expr) and isinstance(item.value, ast.Constant))
    ]
    return not body or (
        len(body) == 1 and isinstance(body[0], ast.Pass | ast.Raise) and _unimplemented(body[0])
    )


def _unimplemented(node: ast.stmt) -> bool:
    if not isinstance(node, ast.Raise) or node.exc is None:
        return isinstance(node, ast.Pass)
    named = node.exc.func if isinstance(node.exc, ast.Call) else node.exc
    return isinstance(named, ast.Name) and named.id in ("NotImplementedError", "NotImplemented")


@lru_cache(maxsize=1)
def _of_python() -> frozenset[str]:
    """The names of the methods of Python's own classes that are met everywhere."""
    import logging

    kinds = (str, bytes, list, dict, set, int, Exception, io.TextIOWrapper, dt.datetime)
    return frozenset(
        name for kind in (*kinds, logging.Logger, re.Pattern, re.Match, object) for name in dir(kind)
    )
