"""Units over the cores, as far as the cache does not have them."""

from __future__ import annotations

import contextlib
import os
import sys
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import msgspec

from fumehood.engines.code.cache import Cache
from fumehood.engines.code.models import Models
from fumehood.engines.code.project import Project
from fumehood.engines.code.unit import Packed, pack
from fumehood.engines.code.worker import Options, Worker
from fumehood.findings import Rule

__all__ = ["run"]

_WORTH_IT: Final = 150_000  # bytes of source below which one process is faster
_CHUNK: Final = 12

_worker: Worker | None = None  # in a child process only


def run(
    root: Path,
    rules: Sequence[Rule],
    models: Models,
    options: Options,
    project: Project,
    cache: Cache | None = None,
) -> list[Packed]:
    """Return what came out of each file, in the order of the files."""
    done: dict[str, Packed] = {}
    for path in project.python if cache is not None else ():
        known = cache.get(path, project.digest) if cache is not None else None
        if known is not None:
            done[path] = known
    todo = [path for path in project.python if path not in done]
    for unit in _units(root, rules, models, options, project, todo):
        done[unit.path] = unit
        if options.progress is not None:
            options.progress("reading code", len(done), len(project.python))
    return [done[path] for path in project.python]


def _units(
    root: Path, rules: Sequence[Rule], models: Models, options: Options, project: Project, todo: Sequence[str]
) -> Iterator[Packed]:
    if not todo:
        return
    jobs = min(options.jobs or _cores(), max(1, len(todo) // 4))
    size = sum(_size(root / path) for path in todo) if jobs > 1 else 0
    if jobs <= 1 or size < _WORTH_IT or not _may_fork():
        worker = Worker(root, rules, models, options, project)
        for path in todo:
            yield pack(worker.unit(path), project.digest)
        return
    import multiprocessing  # brings much along

    context = multiprocessing.get_context("fork")
    chunks = [todo[start : start + _CHUNK] for start in range(0, len(todo), _CHUNK)]
    with context.Pool(jobs, _begin, (root, rules, models, options, project)) as pool:
        for units in pool.imap_unordered(_chunk, chunks):
            yield from msgspec.msgpack.decode(units, type=list[Packed])


def _begin(root: Path, rules: Sequence[Rule], models: Models, options: Options, project: Project) -> None:
    global _worker
    _worker = Worker(root, rules, models, options, project)


def _chunk(paths: Sequence[str]) -> bytes:
    if _worker is None:
        raise RuntimeError("this process has not begun")
    return msgspec.msgpack.encode([pack(_worker.unit(path), _worker.project.digest) for path in paths])


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
