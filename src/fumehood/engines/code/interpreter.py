"""The whole interpreter: modules, imports, annotations, and what its parts need of one another."""

from __future__ import annotations

import ast
import builtins
import re
from typing import Any, Final

from fumehood.engines.code import validations
from fumehood.engines.code.addresses import ADDRESSES
from fumehood.engines.code.core import BUDGET, TOO_LONG, Frame, Spent
from fumehood.engines.code.frameworks import PARSERS
from fumehood.engines.code.heap import Instance, State
from fumehood.engines.code.jinja import Unparsable
from fumehood.engines.code.models import Models
from fumehood.engines.code.placeholders import fillers
from fumehood.engines.code.project import Module, Project
from fumehood.engines.code.python import FUNCTIONS
from fumehood.engines.code.records import RECORDS
from fumehood.engines.code.routes import Routes
from fumehood.engines.code.schemas import WTFORMS
from fumehood.engines.code.statements import Statements
from fumehood.engines.code.template_files import Templates
from fumehood.engines.code.values import (
    UNKNOWN,
    Cls,
    Const,
    External,
    Func,
    Mod,
    Ref,
    Unknown,
    Value,
    join,
    options,
    union,
)
from fumehood.findings import NotCovered

__all__ = ["Interpreter"]

_EMPTY: Final = Const(None)
_AHEAD: Final = 3_000  # statements of a function that is interpreted for what it leaves in its module
_BUILTINS: Final = frozenset(dir(builtins)) | {"unicode", "raw_input", "reload"}
_FILTER_SET: Final = re.compile(r"""\.filters\[["'](\w+)["']\]\s*=\s*([\w.]+)[ \t]*(?:\n|\Z)""")
_DEFINED: Final = r"\)[ \t]*\n(?:[ \t]*@.*\n)*[ \t]*def (\w+)"
_FILTER_NAMED: Final = re.compile(r"""template_filter\(\s*(?:name\s*=\s*)?["'](\w+)["']\s*""" + _DEFINED)
_FILTER: Final = re.compile(r"template_filter\((?=\s*\)[ \t]*\n(?:[ \t]*@.*\n)*[ \t]*def (\w+))()")
_PLAIN: Final = {"str": "str", "bytes": "bytes", "int": "int", "float": "float", "bool": "bool"}


class Interpreter(Routes, Statements):
    """One worker's interpreter over one project. Modules are interpreted once, when first imported."""

    def __init__(self, project: Project, models: Models, record: Any) -> None:
        self.project = project
        project.libraries = models.libraries | {name.partition(".")[0] for name in WTFORMS}
        self.models = models
        self.record = record
        self.shared = {}
        self.environments = {}
        self.saved = {}
        self.kept = {}
        self.asked = ""
        self.live = {}
        self.outers = {}
        self.memo = {}
        self.undo = {}
        self.imports: dict[str, set[str]] = {}
        self.questions: dict[str, set[str]] = {}
        self.unit = ""
        self.templates = Templates(project)
        self.rendered: set[Any] = set()
        self.properties = {}
        self.invoked = set()
        self.counts = {}
        self.guesses = {}
        self._numbers = {}
        self._frames: list[Frame] = []
        self._loading: set[str] = set()
        self.spent = 0
        self.budget = BUDGET
        self.depth = 0
        self.not_covered: list[NotCovered] = []
        self.troubles: dict[str, NotCovered] = {}  # modules whose top level was not followed to its end
        self.setup_routes()

    def depends(self, path: str) -> None:
        if path != self.frame.module.path:
            self.imports.setdefault(self.frame.module.path, set()).add(path)

    def ask(self, *question: str) -> None:
        """Note a question that was asked of the whole project, on whose answer the module depends: see ``Project.digest``."""
        self.questions.setdefault(self.frame.module.path, set()).add("\0".join(question))

    def behalf(self) -> str:
        """The file on whose behalf something is interpreted: the unit's, or that of a module which is being imported."""
        bottom = self._frames[0]
        return self.unit if bottom.scope == "<unit>" else bottom.module.path

    # Frames.
    def abandon(self) -> None:
        """Leave everything that is being interpreted."""
        while self._frames:
            self.leave()

    def enter(self, node: Any, module: Any, scope: str, func: Func | None, outer: int) -> Frame:
        caller = self._frames[-1] if self._frames else None
        number = self.frame_number(
            caller.id if caller else 0, id(node), id(func.node) if func else module.path
        )
        frame = Frame(number, module, scope, func, outer, caller)
        self._frames.append(frame)
        self.frame = frame
        self.live[number] = frame
        return frame

    def leave(self) -> None:
        frame = self._frames.pop()
        self.live.pop(frame.id, None)
        if self._frames:
            self.frame = self._frames[-1]

    # Modules.
    def environment(self, path: str) -> dict[str, Value]:
        """Return a module's variables; interprets it when nobody has."""
        known = self.environments.get(path)
        if known is not None:
            return known
        variables: dict[str, Value] = {}
        self.environments[path] = variables
        module = self.project.module(path)
        if module is None:
            return variables
        variables["__name__"] = Unknown(type="str")
        variables["__file__"] = Const(module.path)
        state = State(variables, {})
        saved = self.spent, self.depth, self.counts
        self.spent, self.depth, self.counts = 0, 0, {}
        frames, self._frames = self._frames, []
        frame = self.enter(module.tree, module, "", None, 0)
        frame.state = state
        try:
            after = self.execute(module.tree.body, state)
            if after is not None:
                for name, value in after.vars.items():
                    variables[name] = (
                        join(variables[name], value)
                        if name in variables and after.vars is not variables
                        else value
                    )
                self.shared.update(after.heap)
                self._filled(module, variables, after)
        except Spent:
            self.troubles[path] = NotCovered("file", f"{path} (its top level)", TOO_LONG)
            self.shared.update(state.heap)
        except RecursionError:
            self.troubles[path] = NotCovered("file", path, "its top level is nested too deeply to follow")
        finally:
            self.leave()
            self._frames = frames
            if frames:
                self.frame = frames[-1]
            self.spent, self.depth, self.counts = saved
        return variables

    def _filled(self, module: Module, variables: dict[str, Value], state: State) -> None:
        """Give names that are ``None`` only until a function of the module has run what it leaves there, or anything."""
        for name, functions in fillers(module.tree).items():
            if variables.get(name) != _EMPTY:
                continue
            for node in functions:
                filler = variables.get(node.name)
                if isinstance(filler, Func) and filler.node is node:
                    self._run_ahead(filler, state)
            if variables[name] == _EMPTY:
                variables[name] = UNKNOWN

    def _run_ahead(self, func: Func, state: State) -> None:
        """Interpret a function of a module that is being loaded for what it does to the module."""
        level = len(self._frames)
        undo, memo, budget = self.undo, self.memo, self.budget
        self.undo, self.memo, self.budget = {}, {}, self.spent + _AHEAD
        try:
            self.invoke(func, [], {}, state, func.node)
        except (Spent, RecursionError):
            while len(self._frames) > level:
                self.leave()
        finally:
            self.undo, self.memo, self.budget = undo, memo, budget

    def import_module(self, dotted: str, level: int) -> Value:
        found = self._resolved(dotted, level)
        if found is None:
            return External(self.models.canonical(dotted))
        if not found.endswith("/"):
            self.environment(found)
        return Mod(found)

    def _resolved(self, dotted: str, level: int) -> str | None:
        importer = self.frame.module.path
        found = self.project.resolve(importer, dotted, level)
        if found is not None:
            self.imports.setdefault(importer, set()).add(found)
        else:
            self.record.imported(dotted, self)
        return found

    def import_name(self, dotted: str, level: int, name: str) -> Value:
        found = self._resolved(dotted, level)
        if found is None:
            return self._library_name(f"{dotted}.{name}" if dotted else name)
        return self._module_name(found, name) or UNKNOWN

    def _library_name(self, path: str) -> Value:
        path = self.models.canonical(path)
        entry = self.models.lookup(path)
        if entry is not None and entry.sources:
            return External(path, self.sourced(entry, path, ast.Pass()))
        return External(path)

    def _module_name(self, path: str, name: str) -> Value | None:
        if not path.endswith("/"):
            environment = self.environment(path)
            if name in environment:
                return environment[name]
            module = self.project.module(path)
            if module is not None and name in module.definitions:
                return self.define(module.definitions[name], module)
        folder = (
            path
            if path.endswith("/")
            else path.removesuffix("__init__.py")
            if path.endswith("__init__.py")
            else ""
        )
        if folder or path == "__init__.py":
            inner = self.project.resolve(folder + "__init__.py", name, 1)
            if inner is not None:
                self.imports.setdefault(self.frame.module.path, set()).add(inner)
                if not inner.endswith("/"):
                    self.environment(inner)
                return Mod(inner)
        return None

    def dotted(self, name: str) -> Value:
        """Return what a string such as ``"config.Config"`` names, for ``config.from_object``."""
        found = self.project.resolve(self.frame.module.path, name)
        if found is not None and not found.endswith("/"):
            return self.import_module(name, 0)
        module, _, last = name.rpartition(".")
        return self.import_name(module, 0, last) if module else UNKNOWN

    def star(self, dotted: str, level: int) -> dict[str, Value]:
        found = self._resolved(dotted, level)
        if found is None:
            return {name: self._library_name(f"{dotted}.{name}") for name in self.models.exports(dotted)}
        environment = self.environment(found) if not found.endswith("/") else {}
        return {name: value for name, value in environment.items() if not name.startswith("_")}

    def module_attribute(self, module: Mod, name: str) -> Value:
        return self._module_name(module.name, name) or UNKNOWN

    def any_callable(self, module: Mod) -> Value:
        """Return any class or function that a module defines: ``getattr(module, name)`` with an unknown name."""
        found = self.project.module(module.name) if not module.name.endswith("/") else None
        if found is None:
            return UNKNOWN
        environment = self.environment(module.name)
        wanted = [environment.get(name) for name in found.definitions]
        values = [value for value in wanted if isinstance(value, Cls | Func)][:8]
        return union(values) if values else UNKNOWN

    def define(self, node: ast.stmt, module: Module) -> Value:
        """Return a function or class before its module has got there."""
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            return Func(node, module, 0, node.name)
        return UNKNOWN

    def set_elsewhere(self, holder: Value, name: str, value: Value, state: State) -> None:
        if isinstance(holder, Mod):
            self.set_global(holder.name, name, value)
        elif isinstance(holder, Cls):
            content = self.held(holder, state)
            if isinstance(content, Instance):
                self.replace(holder, Instance(None, {**content.attributes, name: value}), state)

    # Templates.
    def render(
        self, name: Value, context: dict[str, Value], state: State, node: ast.AST, *, source: bool = False
    ) -> None:
        """Follow what a view hands to a template."""
        from fumehood.engines.code.templates import Renderer  # with Jinja, which many a file needs not

        for one in options(name):
            if not isinstance(one, Const) or not isinstance(one.value, str):
                continue
            importer = self.frame.module.path
            if source:
                try:
                    template = self.templates.parse(one.value, importer, escaped=True)
                except (Unparsable, RecursionError):
                    continue
            else:
                path = self.templates.resolve(one.value, importer)
                if path is None:
                    continue
                self.depends(path)
                found = self.templates.load(path)
                if found is None:
                    continue
                template = found
            key = (
                template.path if not source else one.value,
                tuple(sorted((k, self.taint_of(v, state)) for k, v in context.items())),
            )
            if not self.frame.loops and key not in self.rendered:
                self.rendered.add(key)
                Renderer(self, self.templates, state, node if source else None).render(
                    template, dict(context)
                )

    def template_filter(self, name: str) -> Value | None:
        """Find the function that the program registers as a filter of its templates."""
        for pattern in (_FILTER_SET, _FILTER_NAMED, _FILTER):
            for path, function in self.registered(name, pattern):
                value = self.environment(path).get((function or name).rpartition(".")[2])
                if isinstance(value, Func | External):
                    return value
        return None

    def registered(self, name: str, pattern: re.Pattern[str]) -> list[tuple[str, str]]:
        """Return the files in which something is registered under a name, each with what it is, as it is written."""
        self.ask("registered", name, pattern.pattern)
        found = self.project.registered(pattern).get(name, [])
        for path, _ in found:
            self.depends(path)
        return found

    # Python.
    def builtin(self, name: str) -> Value:
        if name in _BUILTINS:
            return External(f"builtins.{name}")
        return UNKNOWN

    def python_function(self, path: str) -> Any:
        known = FUNCTIONS.get(path) or PARSERS.get(path) or ADDRESSES.get(path) or RECORDS.get(path)
        return known or validations.function(path)

    def parent(self, owner: Cls, me: Value | None, state: State) -> Value:
        """``super()``: what the bases of a class have, bound to the same object."""
        return Super(owner, me)

    def attribute(self, value: Value, name: str, state: State, node: ast.AST) -> Value:
        if isinstance(value, Super):
            for base in value.owner.bases:
                if isinstance(base, Cls):
                    found = self.class_attribute(base, name, state)
                    if isinstance(found, Func) and value.me is not None:
                        return Func(found.node, found.module, found.frame, found.name, found.owner, value.me)
                    if found is not None:
                        return found
            path = self.external_base(value.owner)
            mine = (("self", value.me),) if isinstance(value.me, Ref) else ()
            return External(f"{path}.{name}", instance=True, detail=mine) if path else UNKNOWN
        return super().attribute(value, name, state, node)

    def annotated(self, func: Func, note: ast.expr) -> Value:
        """Return the class of the program that a function's annotation names."""
        if isinstance(note, ast.Constant) and isinstance(note.value, str):
            name = note.value
        else:
            name = note.id if isinstance(note, ast.Name) else ""
        found = self.environment(func.module.path).get(name)
        return found if isinstance(found, Cls) else UNKNOWN

    def annotation(self, node: ast.expr, state: State) -> Value | None:
        """Return a value of the type that an annotation names, when that is worth knowing."""
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            try:
                node = ast.parse(node.value, mode="eval").body
            except (SyntaxError, ValueError, RecursionError, MemoryError):
                return None
        if isinstance(node, ast.BinOp):
            return self.annotation(node.left, state)
        if isinstance(node, ast.Subscript):
            head = self.evaluate(node.value, state)
            if isinstance(head, External) and head.path in ("typing.Optional", "typing.Annotated"):
                inner = node.slice.elts[0] if isinstance(node.slice, ast.Tuple) else node.slice
                return self.annotation(inner, state)
            return None
        if not isinstance(node, ast.Name | ast.Attribute):
            return None
        kind = self.evaluate(node, state)
        if isinstance(kind, External):
            if kind.path.startswith("builtins."):
                plain = _PLAIN.get(kind.path[9:])
                return Unknown(type=plain) if plain else None
            entry = self.models.lookup(kind.path)
            taint = (
                self.sourced(entry, kind.path, node) if entry is not None and entry.sources else frozenset()
            )
            return External(kind.path, taint, instance=True)
        if isinstance(kind, Cls):
            ref = Ref((id(kind.node) + 1, self.frame.id))
            state.heap.setdefault(ref.address, Instance(kind, {}))
            return ref
        return None


class Super(Value):
    """The value of ``super()``."""

    __slots__ = ("me", "owner")

    def __init__(self, owner: Cls, me: Value | None) -> None:
        self.taint = frozenset()
        self.owner = owner
        self.me = me
        self._key = (owner, me)
