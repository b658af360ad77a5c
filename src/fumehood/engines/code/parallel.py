"""Units over the cores, as far as the cache does not have them."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import sys
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from fumehood.engines.code.cache import Cache
from fumehood.engines.code.models import Models
from fumehood.engines.code.project import Project
from fumehood.engines.code.unit import Unit
from fumehood.engines.code.worker import Options, Worker
from fumehood.findings import Rule

__all__ = ["run"]

_WORTH_IT: Final = 150_000  # bytes of source below which one process is faster
_CHUNK: Final = 12

_worker: Worker | None = None  # in a child process only


def run(root: Path, rules: Sequence[Rule], models: Models, options: Options, project: Project) -> list[Unit]:
    """Return what came out of each file, in the order of the files."""
    cache = None
    if options.cache:
        cache = Cache(
            root, rules, models.digest, [*project.python, *project.templates], repr(options.include_tests)
        )
    done: dict[str, Unit] = {}
    todo: list[str] = []
    for path in project.python:
        kept = cache.get(path, project.digest) if cache is not None else None
        if kept is None:
            todo.append(path)
        else:
            done[path] = kept
    total = len(project.python)
    for unit in _units(root, rules, models, options, project, todo):
        done[unit.path] = unit
        if cache is not None:
            cache.put(unit, project.digest)
        if options.progress is not None:
            options.progress("reading code", len(done), total)
    if cache is not None:
        cache.save(project.python)
    return [done[path] for path in project.python]


def _units(
    root: Path, rules: Sequence[Rule], models: Models, options: Options, project: Project, todo: Sequence[str]
) -> Iterator[Unit]:
    jobs = min(options.jobs or _cores(), max(1, len(todo) // 4))
    size = sum(_size(root / path) for path in todo) if jobs > 1 else 0
    if jobs <= 1 or size < _WORTH_IT or not _may_fork():
        worker = Worker(root, rules, models, options, project)
        yield from map(worker.unit, todo)
        return
    context = multiprocessing.get_context("fork")
    chunks = [todo[start : start + _CHUNK] for start in range(0, len(todo), _CHUNK)]
    with context.Pool(jobs, _begin, (root, rules, models, options, project)) as pool:
        for units in pool.imap_unordered(_chunk, chunks):
            yield from units


def _begin(root: Path, rules: Sequence[Rule], models: Models, options: Options, project: Project) -> None:
    global _worker
    _worker = Worker(root, rules, models, options, project)


def _chunk(paths: Sequence[str]) -> list[Unit]:
    if _worker is None:
        raise RuntimeError("this process has not begun")
    return [_worker.unit(path) for path in paths]


def _cores() -> int:
    with contextlib.suppress(AttributeError):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _may_fork() -> bool:
    return sys.platform == "linux" and threading.active_count() == 1


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0
