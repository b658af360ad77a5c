"""Interpreting one file: its top level, what requests enter, and what nothing calls."""

from __future__ import annotations

import os
import re
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from fumehood.engines.code.arguments import called_here, unknown_arguments
from fumehood.engines.code.core import BUDGET, TOO_LONG, Spent
from fumehood.engines.code.heap import Instance, State
from fumehood.engines.code.interpreter import Interpreter
from fumehood.engines.code.literals import literals
from fumehood.engines.code.models import Models
from fumehood.engines.code.outlines import classes, outlines
from fumehood.engines.code.project import Project
from fumehood.engines.code.recorder import Bucket, Collector
from fumehood.engines.code.routes import Entry
from fumehood.engines.code.unit import Unit
from fumehood.engines.code.values import External, Func, Ref, Value
from fumehood.findings import NotCovered, Rule

__all__ = ["Options", "Worker"]

_MADE_FOR_FLASK: Final = re.compile(r"^\s*(?:from|import) (?:flask|werkzeug)\b", re.MULTILINE)
_RECURSION: Final = 6_000
# Statements: what a program of many files may take on the whole, and what is left to each file and to each of its entries all the same.
_WHOLE: Final = 5_000_000
_LEAST_UNIT: Final = 15_000
_MOST_UNIT: Final = 400_000
_LEAST_ENTRY: Final = 200
_STRICT: Final = bool(os.environ.get("FUMEHOOD_STRICT_ENGINE"))  # let the engine's own mistakes out


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


class Worker:
    """Interprets units of one project in one process."""

    def __init__(
        self,
        root: Path,
        rules: Sequence[Rule],
        models: Models,
        options: Options,
        project: Project | None = None,
    ) -> None:
        self.project = project or Project(root, include_tests=options.include_tests, exclude=options.exclude)
        self.rules = rules
        self.collector = Collector(rules, self._line)
        self.interpreter = Interpreter(self.project, models, self.collector)
        self._entries: dict[str, list[Entry]] = {}
        self._sorted = 0  # how many of the registered entries are in there
        most = _WHOLE // max(1, len(self.project.python))
        self._budget = min(max(most, _LEAST_UNIT), _MOST_UNIT)  # statements of one file
        self._left = self._budget
        sys.setrecursionlimit(max(sys.getrecursionlimit(), _RECURSION))

    def _line(self, path: str, number: int) -> str:
        if not path.endswith(".py"):
            return self.interpreter.templates.line(path, number)
        module = self.project.module(path)
        return module.line(number) if module is not None else ""

    def unit(self, path: str) -> Unit:
        """Interpret one file. A fault of the engine's own costs that file only, and is told."""
        try:
            return self._unit(path)
        except Exception as error:
            if _STRICT:
                raise
            self.interpreter.abandon()
            self.collector.buckets.pop(path, None)
            why = f"the engine failed: {type(error).__name__}: {error}; please report it"
            return Unit(path, Bucket(), not_covered=(NotCovered("file", path, why, fatal=True),))

    def _unit(self, path: str) -> Unit:
        """Interpret a file's top level, the entries that it registers, then what nothing has called."""
        began = time.perf_counter()
        self._left = self._budget
        core = self.interpreter
        known = len(self.project.not_covered)
        core.not_covered.clear()
        core.rendered.clear()
        core.kept.clear()
        self.collector.unit = core.unit = path
        core.environment(path)
        module = self.project.module(path)
        if module is not None:
            called = called_here(module.tree)
            done: set[Any] = set()
            while True:
                entries = [entry for entry in self._entries_of(path) if entry not in done]
                entries.sort(key=lambda entry: entry.kind != "hook")  # what they leave in flask.g comes first
                functions = [
                    func
                    for func in self.collector.functions.get(path, ())
                    if func not in done and (path, id(func.node)) not in core.invoked
                ]
                if not entries and not functions:
                    break
                for entry in entries:
                    done.add(entry)
                    self._run(entry.func, entry)
                if entries and any(
                    where != "new" for where, _ in core.undo
                ):  # what one request left in the module, the next one finds
                    core.memo.clear()
                    for entry in entries:
                        self._run(entry.func, entry)
                if not entries:
                    done.update(functions)
                    functions.sort(
                        key=lambda func: func.node in called
                    )  # after those that hand them something
                    for func in functions:
                        if (path, id(func.node)) not in core.invoked:
                            self._run(func, None)
        core.roll_back()
        bucket = self.collector.buckets.pop(path, None) or Bucket()
        if module is not None:
            bucket.literals = literals(module.tree, path, module.lines)
            bucket.outlines = outlines(module.tree, path, module.lines)
            bucket.classes = list(classes(module.tree))
        own = [item for item in self.project.not_covered[known:] if item.where == path] + core.not_covered
        if module is None and not own:
            own = [item for item in self.project.not_covered if item.where == path]
        modules = self._closure(path)
        own += [core.troubles[path]] if path in core.troubles else []
        own += [core.templates.troubles[name] for name in sorted(modules) if name in core.templates.troubles]
        depends = sorted(modules.union(*(core.questions.get(name, ()) for name in (path, *modules))))
        return Unit(path, bucket, tuple(depends), tuple(own), time.perf_counter() - began)

    def _entries_of(self, path: str) -> Sequence[Entry]:
        """Return what a file has registered so far; what is new since the last call is put beside what was known."""
        registered = self.interpreter.entries
        for entry in registered[self._sorted :]:
            self._entries.setdefault(entry.unit, []).append(entry)
        self._sorted = len(registered)
        return self._entries.get(path, ())

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
        core.budget = min(BUDGET, max(self._left, _LEAST_ENTRY))
        core.depth = 0
        core.counts = {}
        core.guesses = {}
        core.returned = []
        frame = core.enter(func.module.tree, func.module, "<unit>", None, 0)
        frame.scope = "<unit>"
        frame.route = entry
        state = State({}, {})
        frame.state = state
        try:
            if entry is not None:
                arguments = core.entry_arguments(entry, state)
            else:
                arguments = {**unknown_arguments(func), **self._receiver(func, state)}
            core.invoke(func, [], arguments, state, func.node)
        except Spent:
            where = f"{func.module.path}:{func.node.lineno} {func.name}"
            core.not_covered.append(NotCovered("function", where, TOO_LONG))
        except RecursionError:
            where = f"{func.module.path}:{func.node.lineno} {func.name}"
            core.not_covered.append(NotCovered("function", where, "it is nested too deeply to follow"))
        except Exception as error:
            if _STRICT:
                raise
            where = f"{func.module.path}:{func.node.lineno}"
            why = f"the engine failed in {func.name}: {type(error).__name__}: {error}; please report it"
            core.not_covered.append(NotCovered("function", where, why, fatal=True))
        finally:
            core.abandon()
            self._left -= core.spent
            core.budget = BUDGET
        if entry is not None:
            self.collector.finished(entry, core)

    def _receiver(self, func: Func, state: State) -> dict[str, Value]:
        """Return ``self`` for a method that nothing has called: an object as ``__init__`` leaves it."""
        names = [parameter.arg for parameter in (*func.node.args.posonlyargs, *func.node.args.args)]
        core = self.interpreter
        given: dict[str, Value] = {}
        if "request" in names and _MADE_FOR_FLASK.search("\n".join(func.module.lines)):
            given["request"] = External("flask.request", instance=True)  # a library calls it, as open_session
        if func.owner is None or not names:
            return given
        kind = core.properties.get(id(func.node))
        if kind == "staticmethod":
            return given
        if kind == "classmethod":
            return {**given, names[0]: func.owner}
        ref = Ref((id(func.owner.node) + 3, 0))
        state.heap[ref.address] = Instance(func.owner, {})
        init = core.class_attribute(func.owner, "__init__", state)
        if isinstance(init, Func) and init.node is not func.node:
            bound = Func(init.node, init.module, init.frame, init.name, init.owner, ref)
            core.invoke(bound, [], {}, state, func.node)
        return {**given, names[0]: ref}
