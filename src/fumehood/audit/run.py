"""Runs the engines, one after the other, with the rules that each of them can judge."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from fumehood.audit.result import AccessMap, Address, AuditError
from fumehood.findings import Certainty, Finding, NotCovered, Rule, Unknown
from fumehood.findings.configuration import AuditConfiguration

if TYPE_CHECKING:
    from fumehood.engines.address import Site
    from fumehood.engines.attack.run import AttackOptions
    from fumehood.practices.https.observatory import Scorecard

__all__ = ["Progress", "Run"]

PROBES = 1_500  # requests to a live address, at most
PAUSE = 0.05  # seconds between two of them

Progress = Callable[[str, int, int], None]  # what is done, how much of it, out of how many (0: not known)


class Run:
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
