"""Running the rules over a project."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from fumehood.engines.code.buckets import keep
from fumehood.engines.code.cache import Cache
from fumehood.engines.code.checks import CodeCheck, FlowCheck, Program, Route
from fumehood.engines.code.grouping import grouped
from fumehood.engines.code.judging import Judge
from fumehood.engines.code.models import load
from fumehood.engines.code.mounts import rerouted
from fumehood.engines.code.parallel import run
from fumehood.engines.code.project import Project
from fumehood.engines.code.unit import Packed
from fumehood.engines.code.whole import Whole
from fumehood.engines.code.worker import Options
from fumehood.engines.collecting import seldom_collected
from fumehood.findings import Finding, NotCovered, Rule
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
    program: Program | None = field(default=None, compare=False, repr=False)

    @property
    def routes(self) -> tuple[Route, ...]:
        """The routes that were found."""
        return tuple(self.program.routes) if self.program is not None else ()


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
    with seldom_collected():
        return _analysed(root, rules, options or Options())


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
    cache = None
    if options.cache:
        files = [*project.python, *project.templates]
        cache = Cache(
            root, mine, models.digest, files, repr((options.include_tests, sorted(project.published)))
        )
    read = time.perf_counter()
    units = run(root, mine, models, options, project, cache)
    interpreted = time.perf_counter()
    judge = Judge(Whole(units, project), cache.verdicts if cache is not None else {})
    timings = {"read": read - began, "interpret": interpreted - read}
    result = _gathered(units, mine, project, judge, timings)
    if cache is not None:
        cache.save(units, judge.verdicts)
    return result


def _gathered(
    units: Sequence[Packed], rules: Sequence[Rule], project: Project, judge: Judge, timings: dict[str, float]
) -> CodeResult:
    began = time.perf_counter()
    whole = judge.whole
    findings = _of_units(units, whole)
    unknowns: list[CannotTell] = []
    for rule in rules:
        if isinstance(rule, CodeCheck):
            said = judge.program(rule)
            unknowns.extend(said.unknowns)
            for item in said.findings:
                findings.setdefault((item.rule, item.location, item.message), _quoted(item, project))
    by_rule: dict[str, list[Any]] = {}
    for key, finding in findings.items():
        by_rule.setdefault(finding.rule, []).append(key)
    for rule in rules:
        mine = by_rule.get(rule.id, ())
        if mine:
            settled = judge.settle(rule, [findings.pop(key) for key in mine])
            findings.update({(item.rule, item.location, item.message): item for item in settled})
    timings["programs"] = time.perf_counter() - began
    for unit in sorted(units, key=lambda one: -one.seconds)[:10]:
        if unit.seconds:
            timings[f"unit {unit.path}"] = unit.seconds
    not_covered = dict.fromkeys(item for _, seen in whole.of("not_covered") for item in seen)
    ordered = grouped(findings.values(), rules)
    return CodeResult(tuple(ordered), tuple(not_covered), tuple(unknowns), timings, whole.seen_by(set()))


def _of_units(units: Sequence[Packed], whole: Whole) -> dict[Any, Finding]:
    """Return what was found in all units, each once, with the whole addresses of routes."""
    findings: dict[Any, Finding] = {}
    for unit in units:
        seen = unit.get("findings")
        if seen is None:
            continue
        routes = whole.mounts.renamed(unit.get("routes")) if unit.mounted else {}
        for key, finding in seen:
            keep(findings, tuple(key), rerouted(finding, routes))
    return findings


def _quoted(finding: Finding, project: Project) -> Finding:
    """A finding with the code at its place, when the rule knew only the line."""
    place = finding.location
    if place is None or place.code or not place.path.endswith(".py"):
        return finding
    lines = (project.text(place.path) or "").splitlines()
    if not 0 < place.line <= len(lines):
        return finding
    return replace(finding, location=replace(place, code=lines[place.line - 1].strip()))
