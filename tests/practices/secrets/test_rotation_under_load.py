"""Real workers, real load, kill -9: nobody is logged out, and whatever is left starts again."""

from __future__ import annotations

import http.client
import json
import os
import random
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from fumehood.practices.secrets.keyfile import KeyFile
from fumehood.practices.secrets.keyring import ANNOUNCE, Keyring
from servers.process import free_port, listening, running, until

APP = """
import os
from flask import Flask, session
from fumehood import Fumehood

app = Flask("notes", instance_path=os.environ["INSTANCE"])
app.config["TRUSTED_HOSTS"] = ["127.0.0.1"]
hood = Fumehood(app, settings={"https": False})

@app.get("/in/<name>")
@hood.public
def enter(name):
    session["name"] = name
    return name

@app.get("/me")
@hood.public
def me():
    return {"name": session.get("name"), "worker": os.getpid()}
"""

CLIENTS, ROTATIONS = 8, 50


@contextmanager
def served(folder: Path) -> Iterator[tuple[int, subprocess.Popen[bytes]]]:
    """The application on two gunicorn workers."""
    (folder / "served.py").write_text(APP)
    port = free_port()
    command = [
        sys.executable,
        "-m",
        "gunicorn",
        "-w",
        "2",
        "--threads",
        "4",
        "-b",
        f"127.0.0.1:{port}",
        "served:app",
    ]
    environment = {"INSTANCE": str(folder / "instance"), "PYTHONDONTWRITEBYTECODE": "1"}
    with running(command, folder=folder, ready=lambda: answers(port), environment=environment) as process:
        yield port, process


def answers(port: int) -> bool:
    try:
        return Client(port).get("/me")[0] == 200
    except (OSError, http.client.HTTPException):
        return False


class Client(threading.Thread):
    """A person with a browser: signs in, then looks at a page again and again."""

    def __init__(self, port: int, name: str = "", stop: threading.Event | None = None) -> None:
        super().__init__(daemon=True)
        self.port, self.person, self.stop = port, name, stop or threading.Event()
        self.cookie, self.wrong, self.requests = "", list[str](), 0
        self.workers: set[int] = set()

    def get(self, path: str) -> tuple[int, bytes]:
        # One connection a request: the next one may land on the other worker.
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            connection.request("GET", path, headers={"Cookie": self.cookie} if self.cookie else {})
            answer = connection.getresponse()
            if match := re.match(r"[^;]+", answer.getheader("Set-Cookie") or ""):
                self.cookie = match[0]
            return answer.status, answer.read()
        finally:
            connection.close()

    def run(self) -> None:
        turn = 0
        while not self.stop.is_set():
            # Every so often a fresh session, so that each key in turn signs some.
            path = f"/in/{self.person}" if turn % 25 == 0 else "/me"
            try:
                status, body = self.get(path)
            except (OSError, http.client.HTTPException):
                continue  # the worker was killed under this request; no answer is no wrong answer
            turn, self.requests = turn + 1, self.requests + 1
            if status != 200:
                self.wrong.append(f"{path}: {status}")
            elif path == "/me":
                said = json.loads(body)
                self.workers.add(said["worker"])
                if said["name"] != self.person:
                    self.wrong.append(f"{path}: {said['name']} instead of {self.person}")


def test_fifty_rotations_under_load_log_nobody_out(tmp_path: Path) -> None:
    with served(tmp_path) as (port, process):
        stop = threading.Event()
        clients = [Client(port, f"person{number}", stop) for number in range(CLIENTS)]
        for client in clients:
            client.start()
        until(lambda: all(client.requests > 2 for client in clients), "all clients to be signed in")
        before = [client.cookie for client in clients]
        keyring = Keyring(KeyFile(tmp_path / "instance" / "fumehood" / "keys.json"), lambda: 86400.0)
        for number in range(ROTATIONS):
            key = keyring.rotate()
            if number == ROTATIONS // 2:
                # A worker dies in the middle of it; gunicorn starts another, which must know all keys.
                os.kill(next(iter(clients[0].workers)), signal.SIGKILL)
            time.sleep(0.02)  # not a wait for anything: spreads the keys over time so that each one signs
        until(lambda: keyring.current == bytes(key), "the last key to sign", ANNOUNCE + 10)
        counts = [client.requests for client in clients]
        until(
            lambda: all(c.requests > n + 30 for c, n in zip(clients, counts, strict=True)),
            "sessions of the last key",
        )
        stop.set()
        for client in clients:
            client.join(20)
        assert not [wrong for client in clients for wrong in client.wrong]
        assert process.poll() is None
        # Also the sessions from before the first of the fifty.
        for client, cookie in zip(clients, before, strict=True):
            client.cookie = cookie
            assert json.loads(client.get("/me")[1])["name"] == client.person
    assert len(keyring.all()) == ROTATIONS + 1
    assert len(set.union(*(client.workers for client in clients))) >= 3


@pytest.mark.parametrize("delay", [0.25, 0.6, 1.1])
def test_a_server_killed_during_its_first_start_starts_again(tmp_path: Path, delay: float) -> None:
    (tmp_path / "served.py").write_text(APP)
    port = free_port()
    environment = os.environ | {"INSTANCE": str(tmp_path / "instance")}
    command = [sys.executable, "-m", "gunicorn", "-w", "2", "-b", f"127.0.0.1:{port}", "served:app"]
    with (tmp_path / "first.log").open("wb") as log:
        first = subprocess.Popen(
            command, cwd=tmp_path, env=environment, stdout=log, stderr=log, start_new_session=True
        )
        with suppress(subprocess.TimeoutExpired):
            first.wait(delay)
        os.killpg(first.pid, signal.SIGKILL)
        first.wait()
    until(lambda: not listening(port), "the port to be free")
    with served(tmp_path) as (port, _):
        client = Client(port)
        assert client.get("/in/ann")[0] == 200
        assert json.loads(client.get("/me")[1])["name"] == "ann"


ROTATES_FOR_EVER = """
import sys
from pathlib import Path
from fumehood.practices.secrets.keyfile import KeyFile
number = 0
while True:
    first = KeyFile(Path(sys.argv[1]) / str(number) / "keys.json")
    first.open()
    for _ in range(5):
        first.rotate(0, 86400.0)
    number += 1
    print(number, flush=True)
"""


def test_a_process_killed_while_it_writes_leaves_keys_that_open(tmp_path: Path) -> None:
    dice = random.Random(2026)
    for attempt in range(6):
        folder = tmp_path / str(attempt)
        folder.mkdir()
        process = subprocess.Popen(
            [sys.executable, "-c", ROTATES_FOR_EVER, str(folder)], stdout=subprocess.PIPE
        )
        assert process.stdout is not None
        process.stdout.readline()
        with suppress(subprocess.TimeoutExpired):
            process.wait(dice.uniform(0, 0.05))
        process.kill()
        process.wait()
        process.stdout.close()
        for one in folder.iterdir():
            keys = KeyFile(one / "keys.json").open()
            assert all(len(key.text) >= 43 for key in keys)
            assert KeyFile(one / "keys.json").rotate(0, 86400.0)[1:] == keys
            assert not list(one.glob(".keys.json.*"))
