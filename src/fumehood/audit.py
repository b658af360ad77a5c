"""Runs the engines with the practices' rules, and merges what they found into one verdict per practice."""

from __future__ import annotations

import enum
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from fumehood.findings import (
    PRACTICES,
    Certainty,
    Finding,
    NotCovered,
    Practice,
    Rule,
    Severity,
    Unknown,
    discover,
    practice_of,
)
from fumehood.findings.configuration import AuditConfiguration, WrongConfiguration
from fumehood.findings.merge import merge
from fumehood.findings.suppressions import Suppressed, suppress

if TYPE_CHECKING:
    from fumehood.engines.address import Site
    from fumehood.engines.attack.run import AttackOptions
    from fumehood.practices.https.observatory import Scorecard

__all__ = ["ENGINES", "Address", "AuditError", "AuditResult", "Verdict", "VerdictKind", "all_rules", "audit"]

ENGINES = ("code", "live", "versions", "attack", "address")

PROBES = 1_500  # requests to a live address, at most
PAUSE = 0.05  # seconds between two of them

AccessMap = dict[str, dict[str, bool]]
Progress = Callable[[str, int, int], None]  # what is done, how much of it, out of how many (0: not known)


class AuditError(Exception):
    """The audit cannot be made. The message says what, where and what to do."""


@dataclass(frozen=True, slots=True)
class Address:
    """A site to look at, at a live address.

    Parameters:
        url: its address.
        probe: whether its parameters may be probed; else it is only asked for its pages.
    """

    url: str
    probe: bool = False


class VerdictKind(enum.Enum):
    HOLDS = "holds"
    FAILS = "does not hold"
    UNKNOWN = "cannot tell"


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether one practice holds. ``why`` says what stood in the way of telling; ``looked`` counts the rules that judged."""

    practice: Practice
    kind: VerdictKind
    findings: int = 0
    looked: int = 0
    why: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class AuditResult:
    """All that one audit found, and all that it could not look at."""

    root: Path
    target: str
    engines: tuple[str, ...]
    rules: tuple[Rule, ...]
    findings: tuple[Finding, ...]
    verdicts: tuple[Verdict, ...]
    unknowns: tuple[Unknown, ...] = ()
    not_covered: tuple[NotCovered, ...] = ()
    suppressed: tuple[Suppressed, ...] = ()
    known: tuple[Finding, ...] = ()  # in the baseline: not counted
    notes: tuple[str, ...] = ()  # suppressions that are stale, expired or without a reason
    timings: dict[str, float] = field(default_factory=dict)  # seconds, by engine and phase
    access: AccessMap = field(
        default_factory=dict
    )  # who was let in, by route and person; from the attack engine
    scorecard: Scorecard | None = None  # MDN's Observatory, of a site at a live address

    @property
    def subject(self) -> str:
        """What was audited, for a title: the project's name, or the site's address."""
        return self.target if "address" in self.engines else self.root.resolve().name

    def rule(self, rule_id: str) -> Rule:
        return next(rule for rule in self.rules if rule.id == rule_id)


def all_rules() -> tuple[Rule, ...]:
    """Return every rule of the ten practices."""
    import fumehood.practices

    return discover(fumehood.practices)


def audit(
    root: Path,
    *,
    target: str = "",
    engines: Iterable[str] = (),
    rules: Sequence[Rule] | None = None,
    configuration: AuditConfiguration | None = None,
    cache: bool = True,
    timeout: float = 120.0,
    attack: AttackOptions | None = None,
    address: Address | None = None,
    progress: Progress | None = None,
    today: date | None = None,
) -> AuditResult:
    """Audit a project.

    Parameters:
        root: the project's folder, or one file.
        target: ``MODULE[:ATTR]`` of the application to import; empty to read only.
        engines: any of "code", "live", "versions", "attack", "address"; by default all that can look ("live" and "attack" need a target),
            and "address" alone when there is one.
        rules: by default all.
        configuration: by default what ``[tool.fumehood]`` in the project's ``pyproject.toml`` says.
        cache: whether the code engine may keep what it learned between runs.
        timeout: seconds that importing and asking the application may take together.
        attack: bounds and people of the attack engine, which runs only when this is given and a target is named.
        address: a site at a live address.
        progress: told what is being done.
        today: the date for suppressions that end; by default the current one.

    Raises:
        AuditError: when the root does not exist, ``[tool.fumehood]`` is wrong, or the application cannot be imported.
    """
    if not root.exists():
        raise AuditError(f"{root} does not exist")
    rules = all_rules() if rules is None else tuple(rules)
    try:
        configuration = configuration or AuditConfiguration.load(root)
    except WrongConfiguration as error:
        raise AuditError(str(error)) from None
    chosen = _chosen(tuple(engines) or (("address",) if address else ()), target, attack is not None, address)
    run = _Run(
        root, target, rules, configuration, cache, timeout, progress or (lambda *_: None), attack, address
    )
    for engine in chosen:
        started = time.perf_counter()
        run.engine(engine)
        run.timings[engine] = time.perf_counter() - started
    if {"code", "live"}.issubset(chosen):
        run.leave_to_other_engines(_missing(chosen))
    merged = merge(run.findings, {rule.id: rule.weakness for rule in rules})
    judged = suppress(merged, root, configuration, rules, run.judged, today or datetime.now(UTC).date())
    return AuditResult(
        root=root,
        target=address.url if address else target,
        engines=chosen,
        rules=tuple(rules),
        findings=judged.findings,
        verdicts=tuple(_verdicts(judged.findings, run, chosen)),
        unknowns=tuple(run.unknowns),
        not_covered=tuple(run.not_covered),
        suppressed=judged.suppressed,
        notes=() if chosen == ("address",) else judged.notes,  # comments in source that was not looked at
        timings=run.timings,
        access=run.access,
        scorecard=run.scorecard,
    )


def _chosen(wanted: tuple[str, ...], target: str, attacks: bool, address: Address | None) -> tuple[str, ...]:
    for name in wanted:
        if name not in ENGINES:
            raise AuditError(f"{name!r} is not an engine; there are {', '.join(ENGINES)}")
    if "live" in wanted and not target:
        raise AuditError("the live engine needs to know the application: --app MODULE[:ATTR]")
    if attacks and not target:
        raise AuditError("an attack needs to know the application: --app MODULE[:ATTR]")
    if "address" in wanted and address is None:
        raise AuditError("the address engine needs to know the site: --url https://...")
    if "attack" in wanted and not attacks:
        raise AuditError("the attack engine runs only when it is asked for: --attack")
    able = {
        "code": True, "live": bool(target), "versions": True, "attack": attacks, "address": address is not None,
    }  # fmt: skip
    return tuple(name for name in ENGINES if (not wanted or name in wanted) and able[name])


class _Run:
    """One run of the engines: what they found so far."""

    def __init__(
        self,
        root: Path,
        target: str,
        rules: Sequence[Rule],
        configuration: AuditConfiguration,
        cache: bool,
        timeout: float,
        progress: Progress,
        attack: AttackOptions | None = None,
        address: Address | None = None,
    ) -> None:
        self.root, self.target, self.rules = root, target, rules
        self.configuration, self.cache, self.timeout, self.progress = configuration, cache, timeout, progress
        self.attack, self.address = attack, address
        self.scorecard: Scorecard | None = None
        self.access: AccessMap = {}
        self.findings: list[Finding] = []
        self.unknowns: list[Unknown] = []
        self.not_covered: list[NotCovered] = []
        self.timings: dict[str, float] = {}
        self.judged: set[str] = set()  # ids of the rules that some engine judged
        self.left: set[str] = set()  # ids of the rules that only an attack or a look from outside can judge

    def engine(self, name: str) -> None:
        try:
            getattr(self, f"_{name}")()
        except AuditError:
            raise
        except Exception as error:  # noqa: BLE001 - one engine's fault must not take the others' findings away
            why = f"the {name} engine failed with {type(error).__name__}: {error}; please report this"
            self.not_covered.append(NotCovered("engine", str(self.root), why, fatal=True))

    def leave_to_other_engines(self, which: str) -> None:
        """Name the rules that reading and looking cannot judge: with the source and the application at hand, a practice does not wait for them."""
        from fumehood.engines.code import CodeCheck, FlowCheck
        from fumehood.engines.live import LiveCheck, ProjectCheck

        for rule in self.rules:
            if rule.id not in self.judged and not isinstance(
                rule, CodeCheck | FlowCheck | LiveCheck | ProjectCheck
            ):
                self.left.add(rule.id)
                self.not_covered.append(NotCovered("rule", f"{rule.id} {rule.name}", f"needs {which}"))

    def _take(
        self, rule: Rule, answers: Iterator[Finding | Unknown], most: Certainty = Certainty.CONFIRMED
    ) -> None:
        self.judged.add(rule.id)
        for answer in answers:
            if isinstance(answer, Unknown):
                self.unknowns.append(answer)
            else:
                self.findings.append(replace(answer, certainty=min(answer.certainty, most)))

    def _code(self) -> None:
        from fumehood.engines.code import CodeCheck, FlowCheck, Options, analyse

        rules = [rule for rule in self.rules if isinstance(rule, CodeCheck | FlowCheck)]
        options = Options(
            cache=self.cache,
            exclude=self.configuration.exclude,
            sanitizers=self.configuration.sanitizers,
            progress=self.progress,
        )
        result = analyse(self.root, rules, options)
        self.findings.extend(result.findings)
        self.not_covered.extend(result.not_covered)
        self.unknowns.extend(Unknown(item.rule, item.why) for item in result.unknowns)
        self.timings.update({f"code: {phase}": seconds for phase, seconds in result.timings.items()})
        self.judged.update(rule.id for rule in rules)

    def _versions(self) -> None:
        from fumehood.engines.live import ProjectCheck
        from fumehood.engines.live.project import read_project

        self.progress("reading the project's files", 0, 0)
        project = replace(
            read_project(self.root, self.configuration.exclude, places=False), imported=bool(self.target)
        )
        for rule in self.rules:
            if isinstance(rule, ProjectCheck):
                self._take(rule, rule.project(project), Certainty.READ)

    def _live(self) -> None:
        from fumehood.engines.live import LiveCheck
        from fumehood.engines.live.child import record_in_child
        from fumehood.engines.live.project import read_project
        from fumehood.engines.live.target import TargetError

        project = read_project(self.root, self.configuration.exclude)
        try:
            recorded = record_in_child(
                self.root, self.target, project=project, timeout=self.timeout, progress=self.progress
            )
        except TargetError as error:
            raise AuditError(str(error)) from None
        self.not_covered.extend(recorded.not_covered)
        self.timings.update({f"live: {phase}": seconds for phase, seconds in recorded.timings.items()})
        for rule in self.rules:
            if isinstance(rule, LiveCheck):
                self._take(rule, rule.live(recorded.app))

    def _attack(self) -> None:
        from fumehood.engines.attack.run import attack, judged
        from fumehood.engines.attack.sandbox import CopyError
        from fumehood.engines.live.target import TargetError

        try:
            attacked = attack(self.root, self.target, self.rules, self.attack, self.progress)
        except (TargetError, CopyError) as error:
            raise AuditError(str(error)) from None
        self.findings.extend(attacked.findings)
        self.unknowns.extend(attacked.unknowns)
        self.not_covered.extend(attacked.not_covered)
        self.access = attacked.access
        self.timings.update({f"attack: {phase}": seconds for phase, seconds in attacked.timings.items()})
        self.judged.update(rule.id for rule in judged(self.rules))

    def _address(self) -> None:
        from fumehood.engines.address import AddressCheck, OutsideCheck
        from fumehood.engines.address.connection import AddressError, Connection
        from fumehood.engines.address.outside import probe
        from fumehood.engines.address.visit import at, visit

        assert self.address is not None  # noqa: S101 - as chosen
        files = [file for rule in self.rules if isinstance(rule, AddressCheck) for file in rule.files]
        try:
            with Connection(at(self.address.url)[1]) as connection:
                site = visit(self.address.url, files, connection, self.progress)
                self._judge(site)
                if self.address.probe:
                    connection.left, connection.pause = PROBES, PAUSE
                    for item in probe(site, self.rules, connection, self.progress):
                        (self.not_covered if isinstance(item, NotCovered) else self.findings).append(item)  # type: ignore[arg-type]
                    self.judged.update(rule.id for rule in self.rules if isinstance(rule, OutsideCheck))
        except AddressError as error:
            raise AuditError(str(error)) from None

    def _judge(self, site: Site) -> None:
        """Let every rule judge what was recorded of a site, also those that the live engine has."""
        from fumehood.engines.address import AddressCheck
        from fumehood.engines.address.visit import as_live_app
        from fumehood.engines.live import LiveCheck
        from fumehood.practices.https.observatory import score

        app = as_live_app(site)
        for rule in self.rules:
            if isinstance(rule, LiveCheck) and rule.from_answers:
                self._take(rule, rule.live(app))
            if isinstance(rule, AddressCheck):
                self._take(rule, rule.address(site))
        if site.why_no_tls:
            self.not_covered.append(NotCovered("tls", site.url, site.why_no_tls))
        self.scorecard = score(site)


def _verdicts(findings: Sequence[Finding], run: _Run, engines: Sequence[str]) -> Iterator[Verdict]:
    for practice in PRACTICES:
        broken = [
            item for item in findings if practice_of(item.rule) == practice and item.severity > Severity.INFO
        ]
        mine = [rule.id for rule in run.rules if rule.practice == practice and rule.id not in run.left]
        looked = sum(rule_id in run.judged for rule_id in mine)
        why = dict.fromkeys(item.why for item in run.unknowns if practice_of(item.rule) == practice)
        if looked < len(mine):
            why |= {f"{len(mine) - looked} of {len(mine)} rules need {_missing(engines)}": None}
        if not mine:
            why |= {"there is no rule for it": None}
        if broken:
            kind = VerdictKind.FAILS
        else:
            kind = VerdictKind.UNKNOWN if why else VerdictKind.HOLDS
        yield Verdict(practice, kind, len(broken), looked, tuple(why))


def _missing(engines: Sequence[str]) -> str:
    if tuple(engines) == ("address",):
        return "the project itself"
    names = {
        "code": "the source (engine code)",
        "live": "the running application (--app)",
        "versions": "the project's requirements (engine versions)",
        "attack": "an attack (--attack)",
        "address": "the site at its address (--url)",
    }
    return (
        " or ".join(said for name, said in names.items() if name not in engines)
        or "an engine that is not there"
    )


def severity_counts(findings: Iterable[Finding]) -> Mapping[Severity, int]:
    """Count findings by severity, the worst first."""
    counts = dict.fromkeys(sorted(Severity, reverse=True), 0)
    for finding in findings:
        counts[finding.severity] += 1
    return counts
