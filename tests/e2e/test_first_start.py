"""The starter's first start, cut off at its worst moments, is made good by the next one."""

from __future__ import annotations

import contextlib
import http.client
import os
import signal
import sqlite3
import ssl
import subprocess
import sys
from pathlib import Path

from servers.process import free_port, until
from servers.starter import Started, start_starter


def kept(folder: Path) -> int:
    """How many files the starter has made so far."""
    return sum(path.is_file() for path in folder.rglob("*"))


def start_and_kill(folder: Path, files: int) -> str:
    """Start, kill every process at once when so many files are there, return what was printed."""
    log = folder.parent / "killed.log"
    with log.open("w") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "fumehood", "run", "--port", str(free_port())],
            cwd=folder.parent,
            env={
                **os.environ,
                "FUMEHOOD_INSTANCE": str(folder),
                "XDG_DATA_HOME": str(folder.parent / "data"),
            },
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        until(
            lambda: kept(folder) >= files or "Ctrl-C" in log.read_text() or process.poll() is not None,
            "files to appear",
            every=0.001,
        )
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    assert process.returncode == -signal.SIGKILL, log.read_text()
    return log.read_text()


def sign_in_page(started: Started) -> int:
    trusted = started.folder / "data" / "fumehood" / "ca" / "fumehood-development-ca.crt"
    tls = ssl.create_default_context(cafile=str(trusted))
    connection = http.client.HTTPSConnection("127.0.0.1", started.port, context=tls, timeout=30)
    with contextlib.closing(connection):
        try:
            connection.request("GET", "/login")
            return connection.getresponse().status
        except OSError as error:
            raise AssertionError(f"{error}; the server said:\n{started.said}") from error


def test_killed_at_any_moment_the_next_start_is_whole(tmp_path: Path) -> None:
    instance = tmp_path / "instance"
    said = "".join(start_and_kill(instance, files) for files in (1, 3, 6))
    with start_starter(tmp_path) as started:
        assert sign_in_page(started) == 200
        said += started.said
    assert said.count("Sign in as its administrator") >= 1
    with contextlib.closing(sqlite3.connect(instance / "notebook.sqlite3")) as database:
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_a_second_start_keeps_everything_and_prints_no_password(tmp_path: Path) -> None:
    with start_starter(tmp_path) as started:
        assert "password" in started.said
        first = {
            path: path.read_bytes()
            for path in tmp_path.rglob("*")
            if path.suffix in {".pem", ".crt", ".json", ".key"}
        }
    (tmp_path / "output.log").unlink()
    with start_starter(tmp_path) as started:
        assert sign_in_page(started) == 200
        assert "password" not in started.said
    assert {path: path.read_bytes() for path in first} == first
