"""What the sinks cost: a page with 50 queries without guards, with ours, and with aikido_zen, side by side in one run.

They take turns, a few requests at a time, and the median of the CPU time is compared: ours with the hood whose sinks are off, in one
process, where connections without guards are made before the guards; aikido_zen, which patches the whole of a process, with a bare
Flask application in another. aikido_zen runs without its
token, so without its background process.

Run: python benchmarks/sinks.py [ROUNDS]
"""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from statistics import median
from typing import Any

_QUERIES = 50
_BATCH = 10  # requests between two switches
# What stands beside what, and in one process; "again" says how much chance there is in the figures.
_HOODS = ("guards off", "off again", "ours")
_BARE = ("no guards", "aikido_zen")
_MANY = {f"field{number}": f"O'Brien, or somebody like him; number {number}" for number in range(28)}
_PAGES = {"SQLAlchemy": "/core", "sqlite3": "/raw"}
_REQUESTS = {
    "2 parameters": {"q": "O'Brien; or somebody like him", "page": "2"},
    "30 parameters": {"q": "Ada", "page": "2", **_MANY},
}


def _application(kind: str) -> Any:
    from flask import Flask, request

    app = Flask(__name__)
    import sqlite3

    from sqlalchemy import create_engine, text
    from sqlalchemy.pool import StaticPool

    engine = create_engine("sqlite://", poolclass=StaticPool, connect_args={"check_same_thread": False})
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE person (id INTEGER PRIMARY KEY, name TEXT)"))
        connection.execute(text("INSERT INTO person (name) VALUES ('ada')"))
    statement = text("SELECT name FROM person WHERE id = :id")
    raw = sqlite3.connect(":memory:", check_same_thread=False)
    raw.execute("CREATE TABLE person (id INTEGER PRIMARY KEY, name TEXT)")

    @app.get("/core")
    def core() -> str:
        with engine.connect() as connection:
            found = [connection.execute(statement, {"id": number}).scalar() for number in range(_QUERIES)]
        return f"{request.args['q']}{len(found)}"

    @app.get("/raw")
    def plain() -> str:
        found = [
            raw.execute("SELECT name FROM person WHERE id = ?", (number,)).fetchone()
            for number in range(_QUERIES)
        ]
        return f"{request.args['q']}{len(found)}"

    if kind in _HOODS:
        from fumehood import Fumehood, public

        app.config.update(FUMEHOOD_SINKS="block" if kind == "ours" else "off", FUMEHOOD_MODE="development")
        app.instance_path = tempfile.mkdtemp()
        Fumehood(app).declare("*", public)
    return app


def serve(kinds: list[str]) -> None:
    """Answer, for each line of standard input, with the CPU seconds that a batch of one kind's requests took."""
    answer = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what a guard prints must not mix with the times
    if "aikido_zen" in kinds:
        import aikido_zen

        aikido_zen.protect()
    clients = {kind: _application(kind).test_client() for kind in kinds}
    for line in sys.stdin:
        kind, path, query = json.loads(line)
        client = clients[kind]
        started = time.thread_time()
        for _ in range(_BATCH):
            assert client.get(path, query_string=query).status_code == 200
        answer.write(f"{(time.thread_time() - started) / _BATCH}\n")
        answer.flush()


class Server:
    """Some kinds of guards in one process."""

    def __init__(self, *kinds: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, __file__, "serve", *kinds],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env={**os.environ, "AIKIDO_BLOCK": "1", "PYTHONHASHSEED": "0"},
        )

    def ask(self, kind: str, path: str, query: dict[str, str]) -> float:
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(json.dumps([kind, path, query]) + "\n")
        self.process.stdin.flush()
        return float(self.process.stdout.readline())

    def close(self) -> None:
        assert self.process.stdin
        self.process.stdin.close()
        self.process.wait(20)


def main(rounds: int) -> None:
    servers = {kind: server for server in [Server(*_HOODS)] for kind in _HOODS}
    if importlib.util.find_spec("aikido_zen"):
        servers |= {kind: Server(kind) for kind in _BARE}
    try:
        for page, path in _PAGES.items():
            for name, query in _REQUESTS.items():
                print(f"50 queries with {page}, {name}:")
                pages = {kind: _asking(server, kind, path, query) for kind, server in servers.items()}
                _compare(pages, rounds)
    finally:
        for server in {*servers.values()}:
            server.close()
    if "aikido_zen" not in servers:
        print("aikido_zen is not installed: pip install --group bench")


def _asking(server: Server, kind: str, path: str, query: dict[str, str]) -> Callable[[], float]:
    return lambda: server.ask(kind, path, query)


def _compare(pages: dict[str, Callable[[], float]], rounds: int) -> None:
    taken: dict[str, list[float]] = {name: [] for name in pages}
    for ask in pages.values():
        for _ in range(5):
            ask()
    for number in range(rounds):
        names = list(pages)
        for name in names if number % 2 else reversed(names):
            taken[name].append(pages[name]())
    # Each round's times stand beside one another on the same, busy or idle, machine.
    for name, times in taken.items():
        beside = taken[_BARE[0] if name in _BARE else _HOODS[0]]
        ratio = median(mine / bare for mine, bare in zip(times, beside, strict=True))
        print(f"  {name:12} {median(times) * 1e6:9.1f} us  {ratio:6.3f}")


if __name__ == "__main__":
    if sys.argv[1:2] == ["serve"]:
        serve(sys.argv[2:])
    else:
        main(int(sys.argv[1]) if len(sys.argv) > 1 else 200)
