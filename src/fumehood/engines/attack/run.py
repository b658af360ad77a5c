"""The parent of an attack: divides it into phases, and has two workers run them at a time."""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from fumehood.engines.attack.attacked import Attacked, AttackOptions
from fumehood.engines.attack.checks import AnswerCheck, AttackCheck, SinkCheck
from fumehood.engines.attack.phases import SURVEY, phases_of, shares_of
from fumehood.engines.attack.sandbox import remove_left_behind
from fumehood.engines.attack.worker import Worker
from fumehood.findings import NotCovered, Rule

__all__ = ["AttackOptions", "Attacked", "attack", "judged"]

_WORKERS = 2  # at a time
_RESTARTS = 5  # after routes that end the process


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
    attacked = Attacked()
    remove_left_behind()
    rules = judged(rules)
    first, *rest = phases_of(rules)
    crew = _Crew(root, target, rules, options or AttackOptions())
    with ThreadPoolExecutor(_WORKERS) as pool:
        try:
            progress(f"attacking: {first}", 0, len(rest) + 1)
            second = pool.submit(crew.warm, Attacked())  # while the first looks around
            crew.run(first, attacked)
            rest = [share for phase in rest for share in shares_of(phase, attacked.routes)]
            parts = [Attacked(survey=attacked.survey) for _ in rest]
            running = [pool.submit(crew.run, phase, part) for phase, part in zip(rest, parts, strict=True)]
            for number, (phase, task) in enumerate(zip(rest, running, strict=True)):
                progress(f"attacking: {_called(phase, rules)}", number + 1, len(rest) + 1)
                task.result()
            second.result()
        finally:
            crew.stop()
    for part in (*parts, crew.left):
        attacked.add(part)
    return attacked


def _called(phase: str, rules: Sequence[Rule]) -> str:
    return next((f"{rule.id} {rule.name}" for rule in rules if rule.id == phase), phase)


def judged(rules: Sequence[Rule]) -> list[Rule]:
    """Return the rules that an attack can show."""
    return [rule for rule in rules if isinstance(rule, SinkCheck | AnswerCheck | AttackCheck)]


class _Crew:
    """Runs phases with workers that are ready, and ends them all at the end, or when it must."""

    def __init__(self, root: Path, target: str, rules: Sequence[Rule], options: AttackOptions) -> None:
        self.root, self.options = root, options
        self.left = Attacked()  # what could not be cleared away
        self._instructions: dict[str, Any] = {
            "target": target,
            "rules": [[type(rule).__module__, type(rule).__name__] for rule in rules],
        }
        self._skip: list[str] = []  # requests that ended a process that was being prepared
        self._workers: list[Worker] = []
        self._idle: list[Worker] = []
        self._lock = threading.Lock()
        self._stopped = threading.Event()
        self._numbers = itertools.count(1)

    def stop(self) -> None:
        """End the workers, and start no more."""
        self._stopped.set()
        for worker in list(self._workers):
            self._dismiss(worker)

    def warm(self, attacked: Attacked) -> None:
        """Make a worker ready in advance."""
        if worker := self._take(None, attacked):
            self._idle.append(worker)

    def run(self, phase: str, attacked: Attacked) -> None:
        """Run one phase; after a route that ended the process again, without that route."""
        started = time.perf_counter()
        skip: list[str] = []
        kept = len(attacked.findings)
        for _ in range(_RESTARTS):
            worker = self._take(None if phase == SURVEY else attacked.survey, attacked)
            if worker is None:
                return
            del attacked.findings[kept:]
            ended_by = worker.run(phase, [*self._skip, *skip], attacked)
            if worker.is_ready:
                self._idle.append(worker)
            else:
                self._dismiss(worker)
            if not ended_by:
                break
            skip.append(ended_by)
            attacked.not_covered.append(_left_out(ended_by))
        attacked.timings[phase] = time.perf_counter() - started

    def _take(self, learnt: dict[str, Any] | None, attacked: Attacked) -> Worker | None:
        """Return a worker that is ready, with what a survey has learnt; None where there can be none."""
        with self._lock:
            worker = self._idle.pop() if self._idle else None
        for _ in range(_RESTARTS):
            worker = worker or self._start()
            if worker is None:
                return None
            ended_by = worker.prepare(learnt, attacked)
            if worker.is_ready:
                return worker
            self._dismiss(worker)
            worker = None
            if not ended_by:
                return None  # a fault, which was told
            self._skip.append(ended_by)
            attacked.not_covered.append(_left_out(ended_by))
        return None

    def _start(self) -> Worker | None:
        number = next(self._numbers)
        instructions = {**self._instructions, "skip": list(self._skip)}
        with self._lock:
            if self._stopped.is_set():
                return None
            worker = Worker(self.root, f"{self.options.database}_{number}", instructions, self.options)
            self._workers.append(worker)
        return worker

    def _dismiss(self, worker: Worker) -> None:
        with self._lock:
            if worker in self._workers:
                self._workers.remove(worker)
        for why in worker.close():
            self.left.not_covered.append(NotCovered("database", self._instructions["target"], why))


def _left_out(ended_by: str) -> NotCovered:
    return NotCovered(
        "route", ended_by, "it ended the process, or never came back; it was left out of the rest"
    )
