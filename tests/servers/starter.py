"""The starter on its production server, in a process of its own."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from servers.process import free_port, running

__all__ = ["Started", "start_starter"]


@dataclass(frozen=True)
class Started:
    """A running starter: where it listens, the folder that it was started in, and its environment."""

    port: int
    folder: Path
    environment: Mapping[str, str]

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    @property
    def said(self) -> str:
        return (self.folder / "output.log").read_text()

    def command(self, *arguments: str) -> str:
        """Run a command of ``fumehood`` beside it, and return what it printed."""
        done = subprocess.run(
            [sys.executable, "-m", "fumehood", *arguments],
            cwd=self.folder,
            env={**os.environ, **self.environment},
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout


@contextlib.contextmanager
def start_starter(folder: Path, *arguments: str, **environment: str) -> Iterator[Started]:
    """Run ``fumehood run`` with the starter until the block ends.

    Parameters:
        folder: everything that it keeps goes there.
        arguments: more options of ``fumehood run``.
        environment: its settings, as ``FUMEHOOD_HOSTS="notes.example.org"``.
    """
    everything = {
        "FUMEHOOD_INSTANCE": str(folder / "instance"),
        "XDG_DATA_HOME": str(folder / "data"),
        **environment,
    }
    port = free_port()
    command = [sys.executable, "-m", "fumehood", "run", "--port", str(port), *arguments]
    log = folder / "output.log"
    with running(command, folder=folder, environment=everything, ready=lambda: "Ctrl-C" in log.read_text()):
        yield Started(port, folder, everything)
