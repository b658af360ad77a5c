"""Running the interpreter over a project: which functions are entered, with what, and what comes out."""

from __future__ import annotations

import ast
import os
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from fumehood.engines.code.checks import CodeCheck, FlowCheck, Program, Route
from fumehood.engines.code.core import Spent
from fumehood.engines.code.heap import Instance, State
from fumehood.engines.code.interpreter import Interpreter
from fumehood.engines.code.literals import Literal, literals
from fumehood.engines.code.models import Models, load
from fumehood.engines.code.project import Project
from fumehood.engines.code.recorder import Bucket, Collector
from fumehood.engines.code.routes import Entry
from fumehood.engines.code.values import UNKNOWN, Cls, Func, Ref, Value
from fumehood.findings import Finding, Location, NotCovered, Rule
from fumehood.findings import Unknown as CannotTell

__all__ = ["Options", "CodeResult", "Unit", "Worker", "analyse"]

_RECURSION: Final = 6_000
_STRICT: Final = bool(os.environ.get("FUMEHOOD_STRICT_ENGINE"))  # let the engine's own mistakes out
_PRACTICES: Final = Path(__file__).parents[2] / "practices"  # their models are data


@dataclass(frozen=True, slots=True)
class Options:
    """How to read.

    Parameters:
        cache: keep what was learned of each file in the user's cache folder, and use it.
        exclude: globs of files and folders that are left out, relative to the root.
        sanitizers: the project's own functions, by qualified name, each with the kinds of danger that it removes ("*": all).
        progress: told (what is done, how much of it, out of how many).
        include_tests: read tests too.
        jobs: processes; 0 is one for each core.
        models: more models as (text of a models.toml, where it is from).
    """

    cache: bool = True
    exclude: tuple[str, ...] = ()
    sanitizers: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    progress: Callable[[str, int, int], None] | None = None
    include_tests: bool = False
    jobs: int = 0
    models: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class CodeResult:
    """What was found, what could not be looked at, what a rule could not tell, and where the time went (seconds)."""

    findings: tuple[Finding, ...] = ()
    not_covered: tuple[NotCovered, ...] = ()
    unknowns: tuple[CannotTell, ...] = ()
    timings: dict[str, float] = field(default_factory=dict)
    routes: tuple[Route, ...] = ()


@dataclass(slots=True)
class Unit:
    """What came out of one file. Plain data: it is what the cache keeps."""

    path: str
    bucket: Bucket
    imports: tuple[str, ...] = ()
    not_covered: tuple[NotCovered, ...] = ()
    seconds: float = 0.0


class Worker:
    """Interprets units of one project in one process."""

    def __init__(self, root: Path, rules: Sequence[Rule], models: Models, options: Options, project: Project | None = None) -> None:
        self.project = project or Project(root, include_tests=options.include_tests, exclude=options.exclude)
        self.rules = rules
        self.collector = Collector(rules, self._line)
        self.interpreter = Interpreter(self.project, models, self.collector)
        sys.setrecursionlimit(max(sys.getrecursionlimit(), _RECURSION))

    def _line(self, path: str, number: int) -> str:
        module = self.project.module(path)
        return module.line(number) if module is not None else ""

    def unit(self, path: str) -> Unit:
        """Interpret one file: its top level, the entries that it registers, then what nothing has called."""
        began = time.perf_counter()
        core = self.interpreter
        known = len(self.project.not_covered)
        core.not_covered.clear()
        self.collector.unit = path
        core.environment(path)
        module = self.project.module(path)
        if module is not None:
            done: set[Any] = set()
            while True:
                entries = [e for e in core.entries if e.place[0] == path and e not in done]
                functions = [
                    func
                    for func in self.collector.functions.get(path, ())
                    if func not in done and id(func.node) not in core.invoked
                ]
                if not entries and not functions:
                    break
                for entry in entries:
                    done.add(entry)
                    self._run(entry.func, entry)
                if entries and core.undo:  # what one request left in the module, the next one finds
                    core.memo.clear()
                    for entry in entries:
                        self._run(entry.func, entry)
                if not entries:
                    done.update(functions)
                    for func in functions:
                        if id(func.node) not in core.invoked:
                            self._run(func, None)
        core.roll_back()
        bucket = self.collector.buckets.pop(path, None) or Bucket()
        if module is not None:
            bucket.literals = literals(module.tree, path, module.lines)
        own = [item for item in self.project.not_covered[known:] if item.where == path] + core.not_covered
        if module is None and not own:
            own = [item for item in self.project.not_covered if item.where == path]
        return Unit(path, bucket, tuple(sorted(self._closure(path))), tuple(own), time.perf_counter() - began)

    def _closure(self, path: str) -> set[str]:
        seen: set[str] = set()
        todo = [path]
        while todo:
            for found in self.interpreter.imports.get(todo.pop(), ()):
                if found not in seen:
                    seen.add(found)
                    todo.append(found)
        seen.discard(path)
        return seen

    def _run(self, func: Func, entry: Entry | None) -> None:
        core = self.interpreter
        core.spent = 0
        core.depth = 0
        frame = core.enter(func.module.tree, func.module, "<unit>", None, 0)
        frame.scope = "<unit>"
        frame.route = entry
        state = State({}, {})
        frame.state = state
        try:
            if entry is not None:
                arguments = core.entry_arguments(entry, state)
            else:
                arguments = self._receiver(func, state)
            core.invoke(func, [], arguments, state, func.node)
        except Spent:
            where = f"{func.module.path}:{func.node.lineno}"
            core.not_covered.append(
                NotCovered("function", where, f"{func.name} takes too long to follow; the rest of it was left out")
            )
        except RecursionError:
            where = f"{func.module.path}:{func.node.lineno}"
            core.not_covered.append(NotCovered("function", where, f"{func.name} is nested too deeply to follow"))
        except Exception as error:
            if _STRICT:
                raise
            where = f"{func.module.path}:{func.node.lineno}"
            why = f"the engine failed in {func.name}: {type(error).__name__}: {error}; please report it"
            core.not_covered.append(NotCovered("function", where, why, fatal=True))
        finally:
            while len(core._frames) > 1:
                core.leave()
            core.leave()
        if entry is not None:
            self.collector.finished(entry, core)

    def _receiver(self, func: Func, state: State) -> dict[str, Value]:
        """Return ``self`` for a method that nothing has called: an object as ``__init__`` leaves it."""
        names = [parameter.arg for parameter in (*func.node.args.posonlyargs, *func.node.args.args)]
        if func.owner is None or not names:
            return {}
        core = self.interpreter
        kind = core.properties.get(id(func.node))
        if kind == "staticmethod":
            return {}
        if kind == "classmethod":
            return {names[0]: func.owner}
        ref = Ref((id(func.owner.node) + 3, 0))
        state.heap[ref.address] = Instance(func.owner, {})
        init = core.class_attribute(func.owner, "__init__", state)
        if isinstance(init, Func) and init.node is not func.node:
            bound = Func(init.node, init.module, init.frame, init.name, init.owner, ref)
            core.invoke(bound, [], {}, state, func.node)
        return {names[0]: ref}


def analyse(root: Path, rules: Sequence[Rule], options: Options | None = None) -> CodeResult:
    """Read a project and return what its rules find. Nothing of it is imported or run.

    Parameters:
        root: the project's folder, or one Python file.
        rules: all rules; those that inherit ``FlowCheck`` or ``CodeCheck`` are asked.
        options: how to read.

    Raises:
        FileNotFoundError: when there is no such folder or file.
        ModelError: when a models.toml cannot be used.
    """
    options = options or Options()
    began = time.perf_counter()
    if not root.exists():
        raise FileNotFoundError(f"{root} does not exist")
    only = None
    if root.is_file():
        root, only = root.parent, root.name
    mine = [rule for rule in rules if isinstance(rule, FlowCheck | CodeCheck)]
    models = load(_PRACTICES, options.models)
    models.declare(options.sanitizers)
    project = Project(root, include_tests=options.include_tests, exclude=options.exclude, only=only)
    read = time.perf_counter()
    from fumehood.engines.code.parallel import run

    units = run(root, mine, models, options, project)
    interpreted = time.perf_counter()
    return _gathered(units, mine, project, {"read": read - began, "interpret": interpreted - read})


def _gathered(units: Sequence[Unit], rules: Sequence[Rule], project: Project, timings: dict[str, float]) -> CodeResult:
    began = time.perf_counter()
    findings: dict[Any, Finding] = {}
    routes: dict[Any, Route] = {}
    settings: dict[str, dict[Any, tuple[Any, Location]]] = {}
    calls: dict[str, set[Any]] = {}
    imports: set[str] = set()
    not_covered: dict[NotCovered, None] = {}
    named: list[Literal] = []
    for unit in units:
        named.extend(unit.bucket.literals)
        for key, finding in unit.bucket.findings.items():
            known = findings.get(key)
            if known is None or (finding.certainty, bool(finding.route)) > (known.certainty, bool(known.route)):
                findings[key] = finding
        for route in unit.bucket.routes:
            routes.setdefault((route.location, route.route, route.kind), route)
        for name, values in unit.bucket.settings.items():
            for value, location in values:
                settings.setdefault(name, {})[(repr(value), location)] = (value, location)
        for name, places in unit.bucket.calls.items():
            calls.setdefault(name, set()).update(places)
        imports |= unit.bucket.imports
        not_covered.update(dict.fromkeys(unit.not_covered))
    program = Program(
        routes=tuple(route for route in routes.values() if route.kind == "route"),
        hooks=tuple(route for route in routes.values() if route.kind != "route"),
        settings={name: tuple(values.values()) for name, values in settings.items()},
        calls={name: tuple(Location(p[0], p[1], p[2], scope=p[3]) for p in sorted(places)) for name, places in calls.items()},
        imports=frozenset(imports),
        templates=_Texts(project, project.templates),
        files=_Texts(project, project.settings_files()),
        literals=tuple(named),
    )
    unknowns: list[CannotTell] = []
    for rule in rules:
        if isinstance(rule, CodeCheck):
            for item in rule.program(program):
                if isinstance(item, CannotTell):
                    unknowns.append(item)
                else:
                    findings.setdefault((item.rule, item.location, item.message), item)
    timings["programs"] = time.perf_counter() - began
    for unit in sorted(units, key=lambda one: -one.seconds)[:10]:
        timings[f"unit {unit.path}"] = unit.seconds
    ordered = sorted(findings.values(), key=lambda f: (f.location.path if f.location else "", f.location.line if f.location else 0, f.rule))
    return CodeResult(tuple(ordered), tuple(not_covered), tuple(unknowns), timings, program.routes)


class _Texts(dict[str, str]):
    """The texts of files by their path."""

    def __init__(self, project: Project, paths: Sequence[str]) -> None:
        super().__init__()
        for path in paths:
            try:
                self[path] = project.read(path).decode("utf-8", "replace")
            except OSError:
                continue


_ = (UNKNOWN, Cls, ast)
