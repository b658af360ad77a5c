"""Sends probes to every place of every route, and turns what the sinks saw into findings.

A harmless word goes first: which calls it reaches, and where the answer repeats it, decides what is worth trying there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from fumehood.engines.attack import kept
from fumehood.engines.attack.aim import Target, aim, document_with, fits, targets
from fumehood.engines.attack.checks import AnswerCheck, SinkCheck
from fumehood.engines.attack.exchange import Exchange
from fumehood.engines.attack.ground import Ground
from fumehood.engines.attack.hints import Hints
from fumehood.engines.attack.known import Known
from fumehood.engines.attack.proof import REFUSED, prove
from fumehood.engines.attack.surface import Entry, removes
from fumehood.engines.attack.touch import CANARY, MIXED
from fumehood.engines.sinks.observation import Observation
from fumehood.findings import Certainty, Finding, Location, Rule

__all__ = ["inject"]

_LEADS = re.compile(
    r"next|url|uri|redir|return|goto|dest|target|continue|forward|back|link|to$|location", re.IGNORECASE
)
_THERE, _NOT_THERE = "passwd", "passfh"  # of the same length
# Sinks that a plain word does not reach: it is no document, no address, no object.
_UNTOUCHED = frozenset({"object", "xml", "url"})


def inject(ground: Ground, rules: Sequence[Rule], part: tuple[int, int] = (0, 1)) -> Iterator[Finding]:
    """Probe for everything that sinks, or single answers, can show; routes that change state come last.

    One flaw is one finding: the same rule at the same line of the application, or at the same parameter of the same
    route, is told once, with the first request that showed it.

    Parameters:
        part: which of how many shares of the routes.
    """
    judge = _Judge(ground, rules)
    number, shares = part
    for entry in ground.entries:
        if entry.changes_state and not removes(entry):
            ground.visitor_for(
                entry
            )  # what honest visitors make, and folders that come with it, is there from now on
    ground.known = Known.read(ground.scratch)
    for changing in (False, True):
        for target in targets(ground, changing=changing, share=(number, shares)):
            for answer, probe in _tried(ground, target, judge):
                yield from judge.findings(target, answer, probe)
    if number == 0:
        for entry, name, answer in kept.observed(ground, MIXED, judge.probes_of({"path"})):
            yield from judge.observed(entry, answer, parameter=name)


def _tried(ground: Ground, target: Target, judge: _Judge) -> Iterator[tuple[Exchange, str]]:
    """Yield each answer to a probe, with the probe."""
    sent: set[str] = set()

    def send(value: str) -> Iterator[tuple[Exchange, str]]:
        if value not in sent and fits(target, value):
            sent.add(value)
            yield ground.send(aim(target, value)), value

    touched: set[str] = set()
    repeated = led = False
    for value in (CANARY, MIXED):
        for answer, probe in send(value):
            touched |= answer.touched | {item.sink for item in answer.observations}
            repeated |= value[:5] in answer.body.lower()
            led |= 300 <= answer.status < 400
            yield answer, probe
    for value in judge.probes_of(touched | (_UNTOUCHED & judge.hints.of(target.entry))):
        for answer, probe in send(value):
            yield _told_apart(ground, target, answer, probe), probe
    if target.content and "xml" in judge.hints.of(target.entry):
        files = {**target.honest.files, target.name: document_with("file:///etc/hostname")}
        yield ground.send(target.honest.having(files=files)), ""
    for value in judge.echoes(target, repeated=repeated, led=led):
        yield from send(value)


def _told_apart(ground: Ground, target: Target, answer: Exchange, probe: str) -> Exchange:
    """Take looking for a file outside as seen when the answer differs for a file that is not there."""
    if not answer.stats or answer.observations or not probe.endswith(_THERE) or ":" in probe:
        return answer
    other = ground.send(aim(target, probe.replace(_THERE, _NOT_THERE)))
    same = other.status == answer.status and other.body.replace(_NOT_THERE, _THERE) == answer.body
    return answer if same else replace(answer, observations=answer.stats[:1])


class _Judge:
    """Knows the rules, and which findings were told already."""

    def __init__(self, ground: Ground, rules: Sequence[Rule]) -> None:
        self.ground, self.hints = ground, Hints(Path.cwd())
        self.by_sink = {sink: rule for rule in rules if isinstance(rule, SinkCheck) for sink in rule.sink}
        self.judges = [rule for rule in rules if isinstance(rule, AnswerCheck)]
        self._told: set[tuple[str, str]] = set()

    def probes_of(self, sinks: set[str] | frozenset[str]) -> list[str]:
        """Return the values that rules send to these sinks."""
        found: dict[str, None] = {}
        for sink, rule in self.by_sink.items():
            if sink in sinks and isinstance(rule, SinkCheck):
                found.update(dict.fromkeys(rule.probes))
        return list(found)

    def echoes(self, target: Target, *, repeated: bool, led: bool) -> list[str]:
        """Return what rules send to see it in the answer: where answers repeat what was sent, or lead elsewhere."""
        leads = led or _LEADS.search(target.parameter.name) is not None
        found: dict[str, None] = {}
        for rule in self.judges:
            assert isinstance(rule, AnswerCheck)  # noqa: S101 - as chosen
            if repeated or (leads and rule.leads):
                found.update(dict.fromkeys(rule.marked(text, target.number) for text in rule.echoes))
        return list(found)

    def findings(self, target: Target, answer: Exchange, probe: str) -> Iterator[Finding]:
        """Yield what an answer proves for the first time."""
        yield from self.observed(target.entry, answer)
        name = target.name
        for rule in self.judges:
            assert isinstance(rule, AnswerCheck)  # noqa: S101 - as chosen
            echoes = [rule.marked(text, target.number) for text in rule.echoes]
            if echoes and (probe not in echoes or name == "Host"):
                continue  # nobody can make another's browser send another host
            shown = rule.shown(answer, probe)
            if shown and self._is_new(rule, f"{target.entry}{name if rule.echoes else ''}"):
                yield rule.finding(
                    f"{target.parameter.source} parameter {name!r}: {shown}",
                    certainty=Certainty.CONFIRMED,
                    location=self.ground.location(target.entry),
                    route=str(target.entry),
                    parameter=name if rule.echoes else "",
                    evidence=prove(answer, shown, rule.marked(rule.mended, target.number)),
                )

    def observed(self, entry: Entry, answer: Exchange, parameter: str = "") -> Iterator[Finding]:
        """Yield what the sinks saw for the first time. A file that is opened for an address is the address's flaw."""
        addresses = {item.site for item in answer.observations if item.sink == "url"}
        for observation in answer.observations:
            rule = self.by_sink.get(observation.sink)
            if observation.sink == "path" and observation.site in addresses:
                continue
            if rule is not None and self._is_new(
                rule, str(observation.site or f"{entry}{observation.parameter}")
            ):
                yield finding(rule, entry, answer, observation, parameter=parameter)

    def _is_new(self, rule: Rule, where: str) -> bool:
        key = (rule.id, where)
        if key in self._told:
            return False
        self._told.add(key)
        return True


def finding(
    rule: Rule, entry: Entry, answer: Exchange, observation: Observation, *, parameter: str = ""
) -> Finding:
    """Return the finding that an observation proves."""
    source, name = observation.source, parameter or observation.parameter
    what = f"{source} parameter {name!r}" if source != "stored" else f"what was kept of parameter {name!r}"
    return rule.finding(
        f"{what} changes what {observation.call} does: {observation.why}",
        certainty=Certainty.CONFIRMED,
        location=_location(observation),
        route=str(entry),
        parameter=name,
        evidence=prove(
            answer,
            f"{observation.call} was given: {observation.argument[:300]}",
            "" if source == "stored" else REFUSED,  # one request does not show what another has kept
            sink=observation.sink,
        ),
    )


def _location(observation: Observation) -> Location | None:
    site = observation.site
    if site is None:
        return None
    path, base = Path(site.path), Path.cwd().resolve()
    shown = path.resolve().relative_to(base) if path.resolve().is_relative_to(base) else path
    return Location(shown.as_posix(), site.line, code=_line(path, site.line), scope=site.function)


def _line(path: Path, number: int) -> str:
    try:
        lines: list[Any] = path.read_text("utf-8", "replace").splitlines()
    except OSError:
        return ""
    return str(lines[number - 1]).strip() if 0 < number <= len(lines) else ""
