"""The parent of an attack: makes the copies, starts the children, keeps them in bounds, collects what they tell."""

from __future__ import annotations

import dataclasses
import itertools
import json
import os
import queue
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from fumehood.engines.attack.checks import AnswerCheck, AttackCheck, SinkCheck
from fumehood.engines.attack.people import Account
from fumehood.engines.attack.phases import phases_of, shares_of
from fumehood.engines.attack.sandbox import COPIES, copy_project, remove_left_behind
from fumehood.engines.attack.servers import dropping, new_name
from fumehood.engines.live.facts import from_json
from fumehood.engines.live.target import TargetError
from fumehood.findings import Certainty, Finding, NotCovered, Rule, Severity, Unknown

__all__ = ["AttackOptions", "Attacked", "attack", "judged"]

_WORKERS = 2  # children at a time
_RESTARTS = 5  # after routes that end the process


@dataclass(frozen=True, slots=True)
class AttackOptions:
    """Bounds of an attack, for each phase.

    Parameters:
        requests: at most so many.
        seconds: for a whole phase.
        each: seconds for one request.
        people: accounts of the application that may be used.
        database: what the names of the attack's own databases on a server begin with.
    """

    requests: int = 50_000
    seconds: float = 600.0
    each: float = 5.0
    people: tuple[Account, ...] = ()
    database: str = field(default_factory=new_name)


@dataclass(slots=True)
class Attacked:
    """What an attack proved, and what it could not try."""

    findings: list[Finding] = field(default_factory=list)
    unknowns: list[Unknown] = field(default_factory=list)
    not_covered: list[NotCovered] = field(default_factory=list)
    people: list[str] = field(default_factory=list)
    access: dict[str, dict[str, bool]] = field(default_factory=dict)
    refused: list[str] = field(default_factory=list)
    requests: int = 0
    timings: dict[str, float] = field(default_factory=dict)
    prepared: list[str] = field(default_factory=list)
    survey: dict[str, Any] = field(default_factory=dict)

    def add(self, part: Attacked) -> None:
        """Take over what another phase found; what two shares of one phase found at the same place is one finding."""
        seen = {_place(finding) for finding in self.findings}
        self.findings += [finding for finding in part.findings if _place(finding) not in seen]
        self.unknowns += part.unknowns
        self.not_covered += [item for item in part.not_covered if item not in self.not_covered]
        self.refused = sorted({*self.refused, *part.refused})
        self.requests += part.requests
        self.timings.update(part.timings)


def attack(
    root: Path,
    target: str,
    rules: Sequence[Rule],
    options: AttackOptions | None = None,
    progress: Callable[[str, int, int], None] = lambda *_: None,
) -> Attacked:
    """Attack an application in throw-away copies of its folder.

    Parameters:
        root: the project's folder. It is read, never written.
        target: ``MODULE[:ATTR]`` of the application.
        rules: those with a :class:`SinkCheck` or an :class:`AttackCheck` are tried.
        options: bounds and people.
        progress: told what is being done.

    Raises:
        TargetError: when the application cannot be imported in the sandbox.
        CopyError: when the folder cannot be copied.
    """
    options = options or AttackOptions()
    attacked = Attacked()
    remove_left_behind()
    rules = judged(rules)
    first, *rest = phases_of(rules)
    progress(f"attacking: {first}", 0, len(rest) + 1)
    crew = _Crew(root, target, rules, options)
    crew.run(first, attacked)
    rest = [share for phase in rest for share in shares_of(phase, attacked.access)]
    parts = [Attacked(survey=attacked.survey) for _ in rest]
    with ThreadPoolExecutor(_WORKERS) as pool:
        running = [pool.submit(crew.run, phase, part) for phase, part in zip(rest, parts, strict=True)]
        try:
            for number, (phase, task) in enumerate(zip(rest, running, strict=True)):
                progress(f"attacking: {phase}", number + 1, len(rest) + 1)
                task.result()
        except BaseException:
            crew.stop()
            raise
    for part in parts:
        attacked.add(part)
    return attacked


def _place(finding: Finding) -> tuple[str, ...]:
    where = finding.location
    if where is None or finding.parameter == "":
        return finding.rule, finding.route, finding.parameter
    return finding.rule, where.path, str(where.line), finding.message.partition(" changes what ")[2]


def judged(rules: Sequence[Rule]) -> list[Rule]:
    """Return the rules that an attack can show."""
    return [rule for rule in rules if isinstance(rule, SinkCheck | AnswerCheck | AttackCheck)]


class _Crew:
    """Runs phases, each in a child of its own on a copy of its own, and ends them all when it must."""

    def __init__(self, root: Path, target: str, rules: Sequence[Rule], options: AttackOptions) -> None:
        self.root, self.target, self.rules, self.options = root, target, rules, options
        self._stopped = threading.Event()
        self._children: list[_Child] = []
        self._numbers = itertools.count(1)

    def stop(self) -> None:
        """End the children that run, and start no more."""
        self._stopped.set()
        for child in list(self._children):
            child.end()

    def run(self, phase: str, attacked: Attacked) -> None:
        """Run one phase; after a route that ended the process again, without that route."""
        started = time.perf_counter()
        skip: list[str] = []
        kept = len(attacked.findings)
        for _ in range(_RESTARTS):
            if self._stopped.is_set():
                return
            del attacked.findings[kept:]
            ended_by = self._once(phase, skip, attacked)
            if not ended_by:
                break
            skip.append(ended_by)
            attacked.not_covered.append(
                NotCovered(
                    "route", ended_by, "it ended the process, or never came back; it was left out of the rest"
                )
            )
        attacked.timings[phase] = time.perf_counter() - started

    def _once(self, phase: str, skip: list[str], attacked: Attacked) -> str:
        root, options = self.root, self.options
        with tempfile.TemporaryDirectory(
            prefix=f"{COPIES}{os.getpid()}-", ignore_cleanup_errors=True
        ) as folder:
            scratch = Path(folder).resolve()
            copy = copy_project(root if root.is_dir() else root.parent, scratch)
            instructions = {
                "root": str(copy), "scratch": str(scratch), "original": str(root), "target": self.target,
                "rules": [[type(rule).__module__, type(rule).__name__] for rule in self.rules],
                "phase": phase, "skip": skip, "requests": options.requests, "seconds": options.seconds, "each": options.each,
                "people": [dataclasses.asdict(account) for account in options.people], "survey": attacked.survey,
                "database": f"{options.database}_{next(self._numbers)}",
            }  # fmt: skip
            child = _Child(instructions, copy, root, options.seconds + 120)
            self._children.append(child)
            with dropping(
                child.databases,
                lambda why: attacked.not_covered.append(NotCovered("database", self.target, why)),
            ):
                try:
                    return child.listen(attacked)
                finally:
                    self._children.remove(child)


class _Child:
    def __init__(self, instructions: dict[str, Any], copy: Path, root: Path, seconds: float) -> None:
        self.copy, self.root, self.seconds = copy, root, seconds
        self.phase: str = instructions["phase"]
        self.databases: list[
            dict[str, Any]
        ] = []  # made on servers, by what the child says before it makes them
        self.errors = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the process, in listen()
        environment = {
            **os.environ,
            "PYTHONDONTWRITEBYTECODE": "1",
            "PYTHONIOENCODING": "utf-8",
            "PYTHONHASHSEED": "0",
            "TMPDIR": instructions["scratch"],
        }
        self.process = subprocess.Popen(
            [sys.executable, "-P", "-m", "fumehood.engines.attack.child"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self.errors,
            cwd=copy,
            env=environment,
            start_new_session=True,  # so that Ctrl-C reaches the parent, which ends the child in order
        )
        assert self.process.stdin is not None  # noqa: S101 - a pipe, as asked for
        self.process.stdin.write(json.dumps(instructions).encode())
        self.process.stdin.close()

    def listen(self, attacked: Attacked) -> str:
        """Collect until the child is done. Returns the request that ended it, or "" when it came to its end."""
        lines: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        pump = threading.Thread(target=self._pump, args=(lines,), daemon=True)
        pump.start()
        deadline = time.monotonic() + self.seconds
        asking, done, imported = "", False, False
        try:
            while (line := _next(lines, deadline)) is not None:
                kind, value = json.loads(line)
                if kind == "error":
                    raise TargetError(self._named(value))
                imported = True
                if kind == "asking":
                    asking = value
                elif kind == "failed":
                    done = True
                    attacked.not_covered.append(
                        NotCovered(
                            "attack",
                            self.phase,
                            f"a fault of Fumehood; please report it: {value.strip()[-1500:]}",
                        )
                    )
                elif kind == "done":
                    done = True
                    attacked.requests += value["requests"]
                    attacked.refused = sorted({*attacked.refused, *value["refused"]})
                else:
                    self._take(kind, value, attacked)
            if not imported:
                raise TargetError(self._no_app())
        finally:
            self.end()
            pump.join(5)  # what it said last may be a database to drop
            if self.process.stdout:
                self.process.stdout.close()
            self.errors.close()
        return "" if done else asking or "the application's start"

    def _pump(self, lines: queue.SimpleQueue[bytes | None]) -> None:
        with suppress(ValueError, OSError):
            for line in self.process.stdout or ():
                if line.startswith(b'["database"'):
                    self.databases.append(json.loads(line)[1])
                else:
                    lines.put(line)
        lines.put(None)

    def _take(self, kind: str, value: Any, attacked: Attacked) -> None:
        if kind == "finding":
            found: Finding = from_json(Finding, value)
            attacked.findings.append(
                dataclasses.replace(
                    found, severity=Severity(found.severity), certainty=Certainty(found.certainty)
                )
            )
        elif kind == "unknown":
            attacked.unknowns.append(from_json(Unknown, value))
        elif kind == "not_covered":
            item = NotCovered(*value)
            if item not in attacked.not_covered:
                attacked.not_covered.append(item)
        elif kind == "people":
            attacked.people = value
        elif kind == "access":
            attacked.access = value
        elif kind == "survey":
            attacked.survey = value
        elif kind == "prepared" and value not in attacked.prepared:
            attacked.prepared.append(value)

    def end(self) -> None:
        """End the process, if it has not ended."""
        if self.process.poll() is None:
            with suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def _no_app(self) -> str:
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(timeout=1)
        self.errors.seek(0)
        said = self.errors.read().decode("utf-8", "replace").strip().splitlines()
        last = f": {said[-1][:300]}" if said else ""
        return self._named(
            f"importing the application ended the sandbox's process with status {self.process.returncode}{last}"
        )

    def _named(self, text: str) -> str:
        """Speak of the project's own folder, not of the copy."""
        return text.replace(str(self.copy), str(self.root))


def _next(lines: queue.SimpleQueue[bytes | None], deadline: float) -> bytes | None:
    try:
        return lines.get(timeout=max(0.01, deadline - time.monotonic()))
    except queue.Empty:
        return None
