"""A real server as a child process: its own folder, a free loopback port, stopped by its own process id."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NoReturn

import pytest

__all__ = ["free_port", "listening", "lose", "program", "running", "temporary_folder", "until"]

START_SECONDS = 40.0  # generous: both cores may be busy with other tests
STOP_SECONDS = 15.0


def lose(part: str, why: str) -> NoReturn:
    """Skip the test because a real part is missing; under CI=true, fail it."""
    message = f"{part} is not here: {why}"
    if os.environ.get("CI") == "true":
        pytest.fail(message + " (under CI=true nothing may be skipped)", pytrace=False)
    pytest.skip(message)


def program(name: str, *places: str, package: str) -> str:
    """Return the path of a program, looked for on PATH, in the sbin folders and in ``places``."""
    path = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin", "/sbin", *places])
    found = shutil.which(name, path=path)
    if found is None:
        lose(name, f"install Debian's package {package}, or run `make test` as root")
    return found


def free_port() -> int:
    """Return a loopback port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def listening(port: int) -> bool:
    """Tell whether something accepts connections on a loopback port."""
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def until(
    condition: Callable[[], object], what: str, seconds: float = START_SECONDS, every: float = 0.02
) -> None:
    """Wait until a condition holds, or fail with what was waited for."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(f"waited {seconds:g} s for {what}")
        time.sleep(every)


@contextlib.contextmanager
def temporary_folder(name: str, owner: str | None = None) -> Iterator[Path]:
    """A short path (UNIX sockets have a limit of 108 bytes), removed at the end; given to ``owner`` when we are root."""
    folder = Path(tempfile.mkdtemp(prefix=f"fumehood-{name}-"))
    if owner is not None:
        shutil.chown(folder, owner, owner)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def running(
    command: Sequence[str | Path],
    *,
    folder: Path,
    ready: Callable[[], object],
    user: str | None = None,
    environment: Mapping[str, str] | None = None,
    seconds: float = START_SECONDS,
) -> Iterator[subprocess.Popen[bytes]]:
    """Run a server in the foreground until the block ends.

    Parameters:
        command: the program and its arguments; it must stay in the foreground.
        folder: where its output goes, to ``output.log``.
        ready: tells whether it serves.
        user: run as this user; only when we are root.
        environment: variables besides our own.
        seconds: how long it may take to start.

    Raises:
        RuntimeError: when it stops or is not ready in time, with the end of its output.
    """
    log = folder / "output.log"
    with log.open("ab") as output:
        process = subprocess.Popen(
            [str(part) for part in command],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd=folder,
            env={**os.environ, **(environment or {})},
            user=user,
            group=user,
            extra_groups=[] if user else None,
            start_new_session=True,  # a Ctrl-C in the terminal is for pytest, which then stops us
        )
    try:
        try:
            until(lambda: process.poll() is not None or ready(), f"{command[0]} to serve", seconds)
        except TimeoutError as late:
            raise RuntimeError(f"{late}; it said:\n{_end_of(log)}") from None
        if process.poll() is not None:
            raise RuntimeError(
                f"{command[0]} stopped with status {process.returncode}; it said:\n{_end_of(log)}"
            )
        yield process
    finally:
        stop(process)


def stop(process: subprocess.Popen[bytes]) -> None:
    """Stop one child: politely, then for good."""
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _end_of(log: Path) -> str:
    return log.read_text(errors="replace")[-2000:]
