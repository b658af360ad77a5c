"""Runs the live engine in a child process: the application is imported there, with a time limit, and only facts come back."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
import queue
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from fumehood.engines.live.facts import Answer, LiveApp, Project, from_json, to_json
from fumehood.engines.live.target import TargetError
from fumehood.findings import NotCovered

__all__ = ["Recorded", "main", "record_in_child"]


@dataclass(slots=True)
class Recorded:
    """The facts, what was not covered, and seconds by phase."""

    app: LiveApp
    not_covered: list[NotCovered] = field(default_factory=list)
    timings: dict[str, float] = field(default_factory=dict)


def record_in_child(
    root: Path,
    target: str,
    *,
    project: Project | None = None,
    timeout: float = 120.0,
    progress: Callable[[str, int, int], None] = lambda *_: None,
) -> Recorded:
    """Import an application in a child process and record it.

    Parameters:
        root: the project's folder.
        target: ``MODULE[:ATTR]``.
        project: what its files say.
        timeout: seconds for everything; the child is killed after them, and what it told until then is used.
        progress: told what is being done.

    Raises:
        TargetError: when the application cannot be imported or made, or does not finish importing in time.
    """
    progress(f"importing {target}", 0, 0)
    with tempfile.TemporaryFile() as errors:
        process = subprocess.Popen(  # noqa: S603 - this Python, this module
            [sys.executable, "-P", "-m", "fumehood.engines.live.child", str(root.resolve()), target],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=errors,
            cwd=root if root.is_dir() else root.parent,
            env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1", "PYTHONIOENCODING": "utf-8"},
        )
        try:
            return _listen(process, errors, target, project or Project(), timeout, progress)
        finally:
            if process.poll() is None:
                process.kill()
            process.wait()
            if process.stdout:
                process.stdout.close()


def _listen(
    process: subprocess.Popen[bytes],
    errors: IO[bytes],
    target: str,
    project: Project,
    timeout: float,
    progress: Callable[[str, int, int], None],
) -> Recorded:
    lines: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
    threading.Thread(target=_pump, args=(process.stdout, lines), daemon=True).start()
    app: LiveApp | None = None
    answers: list[Answer] = []
    recorded = Recorded(LiveApp("", "", "", "", ""))
    asking, done = "", False
    for line in _until(lines, time.monotonic() + timeout):
        kind, value = json.loads(line)
        if kind == "error":
            raise TargetError(value)
        if kind == "app":
            app = from_json(LiveApp, value)
            progress(f"asking {app.name} for its pages", 0, 0)
        elif kind == "asking":
            asking = value
            progress(f"asking for {value}", len(answers), 0)
        elif kind == "answer":
            answers.append(from_json(Answer, value))
        elif kind == "not_covered":
            recorded.not_covered.append(from_json(NotCovered, value))
        elif kind == "done":
            recorded.timings, done = value, True
    if app is None:
        raise TargetError(_no_app(process, errors, target, timeout))
    if not done:
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(timeout=1)  # its output ends a moment before it does
        ended = process.poll() is not None
        why = "the application ended the process" if ended else f"no answer within the audit's {timeout:g} s"
        recorded.not_covered.append(
            NotCovered("route", asking or "all pages", f"{why}; nothing after it was asked", fatal=True)
        )
    recorded.app = dataclasses.replace(app, answers=tuple(answers), project=project)
    return recorded


def _pump(stream: IO[bytes] | None, lines: queue.SimpleQueue[bytes | None]) -> None:
    with contextlib.suppress(ValueError, OSError):
        for line in stream or ():
            lines.put(line)
    lines.put(None)


def _until(lines: queue.SimpleQueue[bytes | None], deadline: float) -> Any:
    while True:
        try:
            line = lines.get(timeout=max(0.01, deadline - time.monotonic()))
        except queue.Empty:
            return
        if line is None:
            return
        yield line


def _no_app(process: subprocess.Popen[bytes], errors: IO[bytes], target: str, timeout: float) -> str:
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(timeout=1)
    if process.poll() is None:
        return f"importing {target} did not finish within {timeout:g} s"
    errors.seek(0)
    said = errors.read().decode("utf-8", "replace").strip().splitlines()
    last = f": {said[-1][:300]}" if said else ""
    return f"importing {target} ended the process with status {process.returncode}{last}"


def _settle(app: Any) -> None:
    """Let a hood open its own database now, which it does at its first use: the pages are then answered as ever."""
    installation = app.extensions.get("fumehood")
    with contextlib.suppress(Exception), app.app_context():
        installation.engine.connect().close()


def main(root: Path, target: str) -> None:
    """The child: what it finds goes out line by line, as JSON, on what was its standard output."""
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # what the application prints must not mix with the facts
    sys.dont_write_bytecode = True

    def tell(kind: str, value: Any) -> None:
        out.write(json.dumps([kind, value]) + "\n")
        out.flush()

    from fumehood.engines.live.ask import Asking
    from fumehood.engines.live.readonly import ReadOnly
    from fumehood.engines.live.record import record_answers, record_parts
    from fumehood.engines.live.target import load

    read_only = ReadOnly(root)
    read_only.install()
    started = time.perf_counter()
    try:
        app = load(root, target)
    except TargetError as error:
        tell("error", str(error))
        return
    imported = time.perf_counter()
    tell("app", to_json(record_parts(app, root, target)))
    _settle(app)
    read_only.watch_sqlalchemy()
    asking = Asking(protect=read_only.on, refused=read_only.refused, begin=lambda what: tell("asking", what))
    looked = time.perf_counter()
    for item in record_answers(app, asking):
        tell("not_covered" if isinstance(item, NotCovered) else "answer", to_json(item))
    ended = time.perf_counter()
    tell("done", {"import": imported - started, "look": looked - imported, "ask": ended - looked})
    out.close()
    os._exit(0)  # threads and exit hooks of the application have nothing more to do here


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
