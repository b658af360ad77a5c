"""What the sinks cost: a page with 50 queries, without guards, with ours, and with aikido_zen where it is installed, side by side in one run.

Run: python benchmarks/sinks.py [ROUNDS]
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from statistics import median

from flask import Flask, request
from sqlalchemy import create_engine, text
from sqlalchemy.pool import StaticPool

from fumehood.engines.sinks import Watch, install
from fumehood.engines.sinks.watch import active

_QUERIES = 50
_BATCH = 10  # requests between two switches


def page(name: str, watched: bool) -> Callable[[], None]:
    """Return a function that asks a page with 50 queries."""
    app = Flask(name)
    if watched:
        watch = Watch(lambda _: None)
        install(app, watch)
        app.before_request(lambda: watch.begin(request._get_current_object()) and None)
    engine = create_engine("sqlite://", poolclass=StaticPool, connect_args={"check_same_thread": False})
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE person (id INTEGER PRIMARY KEY, name TEXT)"))
        connection.execute(text("INSERT INTO person (name) VALUES ('ada')"))
    statement = text("SELECT name FROM person WHERE id = :id")

    @app.get("/")
    def index() -> str:
        with engine.connect() as connection:
            found = [connection.execute(statement, {"id": number}).scalar() for number in range(_QUERIES)]
        return f"{request.args['q']}{len(found)}"

    client = app.test_client()

    def ask() -> None:
        client.get("/", query_string={"q": "O'Brien; or somebody like him", "page": "2"})

    return ask


def main(rounds: int) -> None:
    pages = {"guards off": page("off", False), "ours": page("ours", True)}
    taken: dict[str, list[float]] = {name: [] for name in pages}
    for ask in pages.values():
        for _ in range(50):
            ask()
    for _ in range(rounds):
        for name, ask in pages.items():
            active.set(None)
            started = time.process_time()
            for _ in range(_BATCH):
                ask()
            taken[name].append((time.process_time() - started) / _BATCH)
    bare = median(taken["guards off"])
    for name, times in taken.items():
        print(f"{name:12} {median(times) * 1e6:9.1f} us  {median(times) / bare:6.3f}")
    print("aikido_zen: not measured here; it patches the whole process and cannot stand beside the others")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 200)
