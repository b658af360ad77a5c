"""Running the rules over a project."""

from __future__ import annotations

import contextlib
import gc
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from fumehood.engines.code.checks import CodeCheck, FlowCheck, Program, Route
from fumehood.engines.code.grouping import grouped
from fumehood.engines.code.literals import Literal
from fumehood.engines.code.models import load
from fumehood.engines.code.mounts import Mount, Mounts, rerouted
from fumehood.engines.code.outlines import Outline
from fumehood.engines.code.parallel import run
from fumehood.engines.code.project import Project
from fumehood.engines.code.unit import Unit
from fumehood.engines.code.worker import Options
from fumehood.findings import Finding, Location, NotCovered, Rule
from fumehood.findings import Unknown as CannotTell

__all__ = ["CodeResult", "Options", "analyse"]

_PRACTICES: Final = Path(__file__).parents[2] / "practices"  # their models are data


@dataclass(frozen=True, slots=True)
class CodeResult:
    """What was found, what could not be looked at, what a rule could not tell, and where the time went (seconds)."""

    findings: tuple[Finding, ...] = ()
    not_covered: tuple[NotCovered, ...] = ()
    unknowns: tuple[CannotTell, ...] = ()
    timings: dict[str, float] = field(default_factory=dict)
    routes: tuple[Route, ...] = ()


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
    with _seldom_collected():
        return _analysed(root, rules, options or Options())


@contextlib.contextmanager
def _seldom_collected() -> Iterator[None]:
    """Let the garbage collector look less often: syntax trees and facts are many objects and no cycles."""
    before = gc.get_threshold()
    gc.set_threshold(100_000, 20, 20)
    try:
        yield
    finally:
        gc.set_threshold(*before)


def _analysed(root: Path, rules: Sequence[Rule], options: Options) -> CodeResult:
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
    units = run(root, mine, models, options, project)
    interpreted = time.perf_counter()
    return _gathered(units, mine, project, {"read": read - began, "interpret": interpreted - read})


def _gathered(
    units: Sequence[Unit], rules: Sequence[Rule], project: Project, timings: dict[str, float]
) -> CodeResult:
    began = time.perf_counter()
    findings: dict[Any, Finding] = {}
    routes: dict[Any, Route] = {}
    settings: dict[str, dict[Any, tuple[Any, Location]]] = {}
    calls: dict[str, set[Any]] = {}
    imports: set[str] = set()
    not_covered: dict[NotCovered, None] = {}
    named: list[Literal] = []
    functions: list[Outline] = []
    classes: dict[str, frozenset[str]] = {}
    mounts = Mounts(Mount(*item) for unit in units for item in unit.bucket.mounts)
    for unit in units:
        whole = mounts.renamed(unit.bucket.routes)
        named.extend(unit.bucket.literals)
        functions.extend(unit.bucket.outlines)
        for name, written in unit.bucket.classes:
            classes[name] = classes.get(name, frozenset()).union(written)
        for key, finding in unit.bucket.findings.items():
            finding = rerouted(finding, whole)
            known = findings.get(key)
            if known is None or (finding.certainty, bool(finding.route)) > (
                known.certainty,
                bool(known.route),
            ):
                findings[key] = finding
        for route in mounts.placed(unit.bucket.routes):
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
        calls={
            name: tuple(Location(p[0], p[1], p[2], scope=p[3]) for p in sorted(places))
            for name, places in calls.items()
        },
        imports=frozenset(imports),
        templates=_Texts(project, project.templates),
        scripts=_Texts(project, project.scripts),
        files=_Texts(project, project.settings_files()),
        literals=tuple(named),
        functions=tuple(functions),
        classes=classes,
    )
    unknowns: list[CannotTell] = []
    for rule in rules:
        if isinstance(rule, CodeCheck):
            for item in rule.program(program):
                if isinstance(item, CannotTell):
                    unknowns.append(item)
                else:
                    findings.setdefault((item.rule, item.location, item.message), _quoted(item, project))
    for rule in rules:
        if isinstance(rule, CodeCheck | FlowCheck):
            mine = [(key, finding) for key, finding in findings.items() if finding.rule == rule.id]
            settled = rule.settle([finding for _, finding in mine], program) if mine else ()
            for key, _ in mine:
                del findings[key]
            for finding in settled:
                findings[finding.rule, finding.location, finding.message] = finding
    timings["programs"] = time.perf_counter() - began
    for unit in sorted(units, key=lambda one: -one.seconds)[:10]:
        timings[f"unit {unit.path}"] = unit.seconds
    ordered = grouped(findings.values(), rules)
    return CodeResult(tuple(ordered), tuple(not_covered), tuple(unknowns), timings, tuple(program.routes))


def _quoted(finding: Finding, project: Project) -> Finding:
    """A finding with the code at its place, when the rule knew only the line."""
    place = finding.location
    module = (
        project.module(place.path)
        if place is not None and not place.code and place.path.endswith(".py")
        else None
    )
    if place is None or module is None or not 0 < place.line <= len(module.lines):
        return finding
    return replace(finding, location=replace(place, code=module.lines[place.line - 1].strip()))


class _Texts(dict[str, str]):
    """The texts of files by their path."""

    def __init__(self, project: Project, paths: Sequence[str]) -> None:
        super().__init__()
        for path in paths:
            try:
                self[path] = project.read(path).decode("utf-8", "replace")
            except OSError:
                continue
