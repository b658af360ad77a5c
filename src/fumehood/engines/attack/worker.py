"""The parent's end of one child process: makes its copy of the project, tells it what to do, keeps it in bounds, hears what it found."""

from __future__ import annotations

import dataclasses
import json
import os
import queue
import signal
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from fumehood.engines.attack.attacked import Attacked, AttackOptions
from fumehood.engines.attack.restore import Kept
from fumehood.engines.attack.sandbox import COPIES, copy_project
from fumehood.engines.attack.servers import dropped
from fumehood.engines.live.facts import from_json
from fumehood.engines.live.target import TargetError
from fumehood.findings import Certainty, Finding, NotCovered, Severity, Unknown

__all__ = ["Worker"]

_GRACE = 120.0  # seconds that a child may take beyond its own bounds


class Worker:
    """A child process with a prepared application, on a copy of the project.

    Parameters:
        root: the project's folder.
        database: a name for the attack's own database on a server.
        instructions: target, rules, and requests to leave out.
        options: bounds and people.
    """

    def __init__(
        self, root: Path, database: str, instructions: dict[str, Any], options: AttackOptions
    ) -> None:
        self.root, self.options = root, options
        self.is_ready = False
        self._imported = self._learnt = self._divides = False
        self._doing = "the preparation"
        self._kept: Kept | None = None
        self._databases: list[dict[str, Any]] = []  # that it says it makes on servers, before it makes them
        self._lines: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._closing = threading.Lock()
        self._folder = tempfile.TemporaryDirectory(
            prefix=f"{COPIES}{os.getpid()}-", ignore_cleanup_errors=True
        )
        try:
            self.scratch = Path(self._folder.name).resolve() / "copy"
            self.scratch.mkdir()
            self.copy = copy_project(root if root.is_dir() else root.parent, self.scratch)
            self._asking = Path(self._folder.name, "asking")
            self._asking.touch()
            self._errors = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the process, in close()
            self._process = self._started()
        except BaseException:
            self._folder.cleanup()
            raise
        self._pump = threading.Thread(target=self._read, daemon=True)
        self._pump.start()
        self._say(
            {
                **instructions, "root": str(self.copy), "scratch": str(self.scratch), "database": database, "asking": str(self._asking),
                "requests": options.requests, "seconds": options.seconds, "each": options.each,
                "people": [dataclasses.asdict(account) for account in options.people],
            }
        )  # fmt: skip

    def prepare(self, learnt: dict[str, Any] | None, attacked: Attacked) -> str:
        """Wait until the application is made ready, and have people signed in with what a survey has learnt.

        Returns:
            the request that ended the process, or "".
        """
        ended_by = "" if self.is_ready else self._listen("ready", attacked)
        if self.is_ready and learnt is not None and not self._learnt:
            self._learnt = True
            self._say({"learnt": learnt})
            ended_by = self._listen("ready", attacked)
            if self._kept is not None:  # people have signed up since
                self._kept.keep()
        return ended_by

    def run(self, phase: str, skip: list[str], attacked: Attacked) -> str:
        """Run a phase; put the files back if the process is to run another.

        Returns:
            the request that ended the process of the phase, or "".
        """
        if self._divides and self._kept is None:
            self._kept = Kept(self.scratch, self.scratch.with_name("kept"))
        self._doing = phase
        self._say({"phase": phase, "skip": skip})
        ended_by = self._listen("ended", attacked)
        if self.is_ready and self._kept is not None:
            self._kept.restore()
        return ended_by

    def close(self) -> list[str]:
        """End the process, remove its copy and what it made on servers. Returns what could not be dropped, in words."""
        with self._closing:
            self.is_ready = False
            if self._process.poll() is None:
                with suppress(ProcessLookupError):
                    os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
            self._pump.join(5)  # what it said last may be a database to drop
            for stream in (self._process.stdin, self._process.stdout, self._errors):
                if stream is not None:
                    with suppress(OSError):
                        stream.close()
            whys = [why for made in self._databases if (why := dropped(made))]
            self._databases.clear()
            self._folder.cleanup()
        return whys

    def _started(self) -> subprocess.Popen[bytes]:
        environment = {
            **os.environ,
            "PYTHONDONTWRITEBYTECODE": "1",
            "PYTHONIOENCODING": "utf-8",
            "PYTHONHASHSEED": "0",
            "TMPDIR": str(self.scratch),
        }
        return subprocess.Popen(
            [sys.executable, "-P", "-m", "fumehood.engines.attack.child"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            cwd=self.copy,
            env=environment,
            start_new_session=True,  # so that Ctrl-C reaches the parent, which ends the child in order
        )

    def _say(self, order: dict[str, Any]) -> None:
        assert self._process.stdin is not None  # noqa: S101 - a pipe, as asked for
        os.truncate(self._asking, 0)
        with suppress(OSError):  # the process has ended, which is heard
            self._process.stdin.write(json.dumps(order).encode() + b"\n")
            self._process.stdin.flush()

    def _read(self) -> None:
        with suppress(ValueError, OSError):
            for line in self._process.stdout or ():
                if line.startswith(b'["database"'):
                    self._databases.append(json.loads(line)[1])
                else:
                    self._lines.put(line)
        self._lines.put(None)

    def _listen(self, until: str, attacked: Attacked) -> str:
        """Collect what is told until the child says that it is ready for the next order, or ends. Returns the request that ended it, or ""."""
        deadline = time.monotonic() + self.options.seconds + _GRACE
        self.is_ready = False
        done = False
        while (line := self._next(deadline)) is not None:
            kind, value = json.loads(line.decode().replace(_as_json(self.copy), _as_json(self.root)))
            if kind == "error":
                raise TargetError(value)
            self._imported = True
            done = done or kind in {"done", "ready", "failed"}
            if kind in {"done", "ready"}:
                attacked.requests += value["requests"]
                attacked.refused = sorted({*attacked.refused, *value["refused"]})
                self._divides = value.get("divides", self._divides)
                attacked.routes = value.get("routes", attacked.routes)
            else:
                self._take(kind, value, attacked)
            if kind == until:
                self.is_ready = True
                break
        if not (self._imported or self._asked()):
            raise TargetError(self._no_app())
        return "" if done else self._asked() or "the application's start"

    def _asked(self) -> str:
        """The request that the child was making when it was last heard of."""
        noted = self._asking.read_bytes()
        return noted[4:][: int.from_bytes(noted[:4], "big")].decode("utf-8", "replace")

    def _next(self, deadline: float) -> bytes | None:
        try:
            return self._lines.get(timeout=max(0.01, deadline - time.monotonic()))
        except queue.Empty:
            return None

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
        elif kind == "failed":
            fault = f"a fault of Fumehood; please report it: {value.strip()[-1500:]}"
            attacked.not_covered.append(NotCovered("attack", self._doing, fault))
        elif kind == "people":
            attacked.people = value
        elif kind == "access":
            attacked.access = value
        elif kind == "survey":
            attacked.survey = value
        elif kind == "prepared" and value not in attacked.prepared:
            attacked.prepared.append(value)

    def _no_app(self) -> str:
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(timeout=1)
        self._errors.seek(0)
        said = self._errors.read().decode("utf-8", "replace").strip().splitlines()
        last = f": {said[-1][:300]}" if said else ""
        return self._named(
            f"importing the application ended the sandbox's process with status {self._process.returncode}{last}"
        )

    def _named(self, text: str) -> str:
        """Speak of the project's own folder, not of the copy."""
        return text.replace(str(self.copy), str(self.root))


def _as_json(path: Path) -> str:
    """Return a path as it is written within a text of JSON."""
    return json.dumps(str(path))[1:-1]
