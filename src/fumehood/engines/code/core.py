"""What the parts of the interpreter share: frames, the budget, places, and the heap's reading and writing."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Final

from fumehood.engines.code.facts import retaint, scrub, with_taint
from fumehood.engines.code.heap import Address, Object, State, deep_taint, join_objects
from fumehood.engines.code.taint import CLEAN, Place, without
from fumehood.engines.code.values import (
    Cls,
    Func,
    Mod,
    Ref,
    Taints,
    Tuple,
    Union,
    Value,
    join,
)

if TYPE_CHECKING:
    from fumehood.engines.code.checks import Recorder
    from fumehood.engines.code.models import Models
    from fumehood.engines.code.project import Module, Project

__all__ = ["TOO_LONG", "Core", "Frame", "Spent"]

MAX_DEPTH: Final = 12
BUDGET: Final = 30_000
TOO_LONG: Final = "it takes too long to follow; the rest of it was left out"
MAX_PUBLISHED: Final = 40  # objects that one value takes along


class Spent(Exception):
    """The budget of an entry point is used up."""


class Frame:
    """One activation of a function, or of a module's top level."""

    __slots__ = (
        "argument_taint",
        "call",
        "caller",
        "cls",
        "func",
        "global_names",
        "handlers",
        "id",
        "loops",
        "module",
        "nonlocal_names",
        "outer",
        "returns",
        "route",
        "scope",
        "state",
        "yields",
    )

    def __init__(
        self, number: int, module: Module, scope: str, func: Func | None, outer: int, caller: Frame | None
    ) -> None:
        self.id = number
        self.module = module
        self.scope = scope
        self.func = func
        self.outer = outer  # the frame whose variables a closure sees; 0 for the module's
        self.caller = caller
        self.call: ast.AST | None = None  # where it was called
        self.state: State | None = None
        self.returns: list[tuple[Value, State, ast.AST]] = []
        self.yields: list[Value] = []
        self.loops: list[tuple[list[State], list[State]]] = []  # breaks, continues
        self.handlers: list[list[State]] = []  # states from which an exception leaves
        self.global_names: set[str] = set()
        self.nonlocal_names: set[str] = set()
        self.route: Any = caller.route if caller else None
        self.cls: Any = None
        self.argument_taint: Taints = CLEAN


class Core:
    """State and services of the interpreter. The parts (statements, expressions, calls ...) inherit it."""

    project: Project
    models: Models
    record: Recorder
    frame: Frame
    shared: dict[Address, Object]  # objects made at module level
    environments: dict[str, dict[str, Value]]  # path of a module -> its variables
    properties: dict[int, str]  # id of a function's node -> property, staticmethod, classmethod
    asked: str  # the statement that was run last
    kept: dict[str, Value]  # what is in flask.g
    saved: dict[int, dict[str, Value]]  # frame -> its variables when it ended
    live: dict[int, Frame]  # frames that are running
    spent: int
    budget: int
    depth: int

    # Provided by the parts.
    def evaluate(self, node: ast.expr, state: State) -> Value:
        raise NotImplementedError

    def execute(self, body: Iterable[ast.stmt], state: State) -> State | None:
        raise NotImplementedError

    def call(
        self,
        func: Value,
        args: list[Value],
        keywords: dict[str, Value],
        state: State,
        node: ast.AST,
    ) -> Value:
        raise NotImplementedError

    def bind(self, target: ast.expr, value: Value, state: State, node: ast.AST) -> None:
        raise NotImplementedError

    def attribute(self, value: Value, name: str, state: State, node: ast.AST) -> Value:
        raise NotImplementedError

    def item(self, value: Value, key: Value, state: State, node: ast.AST) -> Value:
        raise NotImplementedError

    def elements(
        self, value: Value, state: State, node: ast.AST
    ) -> tuple[tuple[Value, ...] | None, Value | None]:
        raise NotImplementedError

    def store_item(self, value: Value, key: Value, new: Value, state: State, node: ast.AST) -> None:
        raise NotImplementedError

    def assigned_to(
        self, name: str, value: Value, state: State, node: ast.AST, key: Value | None = None
    ) -> None:
        raise NotImplementedError

    def environment(self, path: str) -> dict[str, Value]:
        raise NotImplementedError

    def define(self, node: ast.stmt, module: Module) -> Value:
        raise NotImplementedError

    def invoke(
        self, func: Func, args: list[Value], keywords: dict[str, Value], state: State, node: ast.AST
    ) -> Value:
        raise NotImplementedError

    def binary(self, operator: ast.operator, left: Value, right: Value, state: State, node: ast.AST) -> Value:
        raise NotImplementedError

    def as_text(self, value: Value, state: State) -> Value:
        raise NotImplementedError

    def truth(self, value: Value, state: State) -> bool | None:
        raise NotImplementedError

    def enter(self, node: Any, module: Any, scope: str, func: Func | None, outer: int) -> Frame:
        raise NotImplementedError

    def leave(self) -> None:
        raise NotImplementedError

    def annotation(self, node: ast.expr, state: State) -> Value | None:
        raise NotImplementedError

    def assume(self, node: ast.expr, state: State, quiet: bool = False) -> tuple[State | None, State | None]:
        raise NotImplementedError

    def as_condition(self, node: ast.expr, state: State) -> Value:
        raise NotImplementedError

    def builtin(self, name: str) -> Value:
        raise NotImplementedError

    def import_module(self, dotted: str, level: int) -> Value:
        raise NotImplementedError

    def import_name(self, dotted: str, level: int, name: str) -> Value:
        raise NotImplementedError

    def star(self, dotted: str, level: int) -> dict[str, Value]:
        raise NotImplementedError

    def module_attribute(self, module: Mod, name: str) -> Value:
        raise NotImplementedError

    def ask(self, *question: str) -> None:
        raise NotImplementedError

    def behalf(self) -> str:
        raise NotImplementedError

    outers: dict[int, int]  # frame -> the frame around it

    # Places and frames.
    def place(self, node: ast.AST) -> Place:
        frame = self.frame
        return (
            frame.module.path,
            getattr(node, "lineno", 1),
            getattr(node, "col_offset", 0) + 1,
            frame.scope,
        )

    def frame_number(self, *key: Any) -> int:
        numbers = self._numbers
        number = numbers.get(key)
        if number is None:
            number = numbers[key] = len(numbers) + 1
        return number

    _numbers: dict[Any, int]

    # The heap.
    def held(self, ref: Ref | Cls, state: State) -> Object | None:
        return state.heap.get(ref.address) or self.shared.get(ref.address)

    def allocate(self, node: ast.AST, content: Object, state: State, salt: int = 0) -> Ref:
        address = (id(node) + salt, self.frame.id)
        existing = state.heap.get(address)
        if existing is not None and self.frame.loops:
            content = join_objects(existing, content)
        state.heap[address] = content
        return Ref(address)

    def replace(self, ref: Ref | Cls, content: Object, state: State) -> None:
        if ref.address in self.shared and self.frame.func is not None:
            before = self.shared[ref.address]
            self.undo.setdefault(("heap", ref.address), before)
            self.shared[ref.address] = join_objects(before, content)
        state.heap[ref.address] = content

    def set_global(self, path: str, name: str, value: Value) -> None:
        """Set a variable of a module from within a function; forgotten when the unit is done."""
        environment = self.environments.setdefault(path, {})
        before = environment.get(name)
        if self.frame.func is not None:
            self.undo.setdefault((path, name), before)
        environment[name] = value if before is None or self.frame.func is None else join(before, value)

    def publish(self, value: Value, state: State) -> None:
        """Keep the objects of a value beyond the function that made them, until the unit is done."""
        if self.frame.func is None:
            return
        todo: list[Value] = [value]
        seen: set[Address] = set()
        while todo and len(seen) < MAX_PUBLISHED:
            one = todo.pop()
            if isinstance(one, Union | Tuple):
                todo.extend(one.options if isinstance(one, Union) else one.items)
            if not isinstance(one, Ref) or one.address in seen:
                continue
            seen.add(one.address)
            content = state.heap.get(one.address)
            if content is None:
                continue
            before = self.shared.get(one.address)
            self.undo.setdefault(("heap" if before is not None else "new", one.address), before)
            self.shared[one.address] = content if before is None else join_objects(before, content)
            todo.extend(content.values())

    def roll_back(self) -> None:
        """Forget what the functions of a unit did to module state, so that no unit depends on which ran before it."""
        for (where, name), before in self.undo.items():
            if where == "new":
                self.shared.pop(name, None)
            elif where == "heap":
                self.shared[name] = before
            elif before is None:
                self.environments[where].pop(name, None)
            else:
                self.environments[where][name] = before
        self.undo.clear()
        self.memo.clear()

    undo: dict[tuple[str, Any], Any]
    memo: dict[Any, tuple[Value, frozenset[Any], Any]]

    def taint_of(self, value: Value, state: State) -> Taints:
        if type(value) in (Ref, Union, Tuple):
            return deep_taint(value, state, self.shared)
        return value.taint

    def taint_all(self, values: Iterable[Value], state: State) -> Taints:
        taint = CLEAN
        for value in values:
            more = self.taint_of(value, state)
            if more:
                taint = taint | more if taint else more
        return taint

    # Facts.
    def checked(self, value: Value, state: State) -> Value:
        """Return a value as the facts of this path leave it."""
        if not state.facts or not value.taint:
            return value
        changed = scrub(value.taint, state.facts)
        return value if changed is None else retaint(value, state.facts)


def cleaned(value: Value, kinds: Iterable[str]) -> Value:
    """Return a value with more kinds of danger removed."""
    gone = frozenset(kinds)
    return with_taint(value, lambda taints: without(taints, gone)) if value.taint else value
