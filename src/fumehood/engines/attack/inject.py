"""Sends probes to every parameter of every route, and turns what the sinks saw into findings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fumehood.engines.attack.checks import AnswerCheck, SinkCheck
from fumehood.engines.attack.exchange import Exchange, Upload, Wanted
from fumehood.engines.attack.ground import Ground
from fumehood.engines.attack.known import PIXEL
from fumehood.engines.attack.ownership import removes
from fumehood.engines.attack.proof import prove
from fumehood.engines.attack.surface import Entry, Parameter
from fumehood.engines.sinks import Observation
from fumehood.findings import Certainty, Finding, Location, Rule

__all__ = ["aim", "inject", "targets"]


@dataclass(frozen=True, slots=True)
class Target:
    """One parameter of one route, and the honest request around it."""

    entry: Entry
    parameter: Parameter
    honest: Wanted


def targets(ground: Ground, *, changing: bool) -> Iterator[Target]:
    """Yield every parameter of every route that changes state, or of every route that does not."""
    for entry in sorted(ground.entries, key=removes):
        if entry.changes_state is not changing:
            continue
        person = ground.visitor_for(entry)
        honest = ground.known.fill(entry, person)
        for parameter in entry.parameters:
            yield Target(entry, parameter, honest)


def aim(target: Target, value: str) -> Wanted:
    """Return the honest request with one parameter replaced."""
    entry, parameter, honest = target.entry, target.parameter, target.honest
    name = parameter.name
    if parameter.source == "path":
        filled = entry.rule
        for other in entry.reads("path"):
            if other.name != name:
                filled = ground_path(filled, other.name, honest.path, entry)
        from fumehood.engines.attack.known import Known

        return honest.having(path=Known.path(filled, name, value, entry))
    if parameter.source == "query":
        return honest.having(query={**honest.query, name: value})
    if parameter.source == "form":
        return honest.having(form={**honest.form, name: value})
    if parameter.source == "json":
        return honest.having(document={**(honest.document or {}), name: value})
    if parameter.source == "cookie":
        return honest.having(cookies={**honest.cookies, name: value})
    if parameter.source == "header":
        return honest.having(headers={**honest.headers, name: value.replace("\n", " ").replace("\r", " ")})
    if parameter.source == "file":
        return honest.having(files={**honest.files, name: Upload(value, PIXEL, "image/png")})
    return honest.having(raw=value.encode(), document=None, form={})


def ground_path(rule: str, name: str, filled: str, entry: Entry) -> str:
    """Put back the honest value of another place of the path."""
    parts, values = entry.rule.strip("/").split("/"), filled.strip("/").split("/")
    for part, value in zip(parts, values, strict=False):
        if part.startswith("<") and part.rstrip(">").rpartition(":")[2].lstrip("<") == name:
            return rule.replace(part, value)
    return rule


def inject(ground: Ground, rules: Sequence[Rule]) -> Iterator[Finding]:
    """Probe for everything that sinks, or single answers, can show; routes that change state come last.

    One flaw is one finding: the same rule at the same line of the application, or at the same parameter of the same
    route, is told once, with the first request that showed it.
    """
    by_sink = {sink: rule for rule in rules if isinstance(rule, SinkCheck) for sink in rule.sink}
    judges = [rule for rule in rules if isinstance(rule, AnswerCheck)]
    probes = list(dict.fromkeys(_probes(rules)))
    told: set[tuple[str, str]] = set()
    for changing in (False, True):
        for target in targets(ground, changing=changing):
            for probe in probes:
                if _fits(target, probe):
                    answer = ground.send(aim(target, probe))
                    for key, found in (
                        *_by_sinks(target, answer, by_sink),
                        *_by_answer(ground, target, probe, answer, judges),
                    ):
                        if key not in told:
                            told.add(key)
                            yield found


def _probes(rules: Sequence[Rule]) -> Iterator[str]:
    for rule in rules:
        if isinstance(rule, SinkCheck):
            yield from rule.probes
        if isinstance(rule, AnswerCheck):
            yield from rule.echoes


def _fits(target: Target, probe: str) -> bool:
    """Tell whether the URL map would bring a probe to the view."""
    return (
        target.parameter.source != "path"
        or "/" not in probe
        or "Path" in target.entry.converters.get(target.parameter.name, "")
    )


def _by_sinks(
    target: Target, answer: Exchange, by_sink: Mapping[str, Rule]
) -> Iterator[tuple[tuple[str, str], Finding]]:
    for observation in answer.observations:
        rule = by_sink.get(observation.sink)
        if rule is not None:
            where = str(observation.site or f"{target.entry}{target.parameter.name}")
            yield (rule.id, where), finding(rule, target.entry, answer, observation)


def _by_answer(
    ground: Ground, target: Target, probe: str, answer: Exchange, judges: Sequence[Rule]
) -> Iterator[tuple[tuple[str, str], Finding]]:
    name = target.parameter.name
    for rule in judges:
        assert isinstance(rule, AnswerCheck)  # noqa: S101 - as chosen
        if rule.echoes and probe not in rule.echoes:
            continue
        if shown := rule.shown(answer, probe):
            yield (
                (rule.id, f"{target.entry}{name if rule.echoes else ''}"),
                rule.finding(
                    f"{target.parameter.source} parameter {name!r}: {shown}",
                    certainty=Certainty.CONFIRMED,
                    location=ground.location(target.entry),
                    route=str(target.entry),
                    parameter=name if rule.echoes else "",
                    evidence=prove(answer, shown, rule.mended),
                ),
            )


def finding(
    rule: Rule, entry: Entry, answer: Exchange, observation: Observation, root: Path | None = None
) -> Finding:
    """Return the finding that an observation proves."""
    return rule.finding(
        f"{observation.source} parameter {observation.parameter!r} changes what {observation.call} does: {observation.why}",
        certainty=Certainty.CONFIRMED,
        location=_location(observation, root),
        route=str(entry),
        parameter=observation.parameter,
        evidence=prove(answer, f"{observation.call} was given: {observation.argument[:300]}"),
    )


def _location(observation: Observation, root: Path | None) -> Location | None:
    site = observation.site
    if site is None:
        return None
    path = Path(site.path)
    base = (root or Path.cwd()).resolve()
    shown = path.resolve().relative_to(base) if path.resolve().is_relative_to(base) else path
    return Location(shown.as_posix(), site.line, code=_line(path, site.line), scope=site.function)


def _line(path: Path, number: int) -> str:
    try:
        lines: list[Any] = path.read_text("utf-8", "replace").splitlines()
    except OSError:
        return ""
    return str(lines[number - 1]).strip() if 0 < number <= len(lines) else ""
