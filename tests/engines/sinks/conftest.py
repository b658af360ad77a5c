"""A small application that makes every mistake, watched but not protected: each test sees what the watch saw."""

from __future__ import annotations

import base64
import contextlib
import pickle
import sqlite3
import subprocess
import urllib.request
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import unquote

import pytest
import yaml
from flask import Flask, Response, request
from jinja2 import Environment

from engines.sinks.careless import add_routes
from fumehood.engines.sinks import Watch, install
from fumehood.engines.sinks.observation import Observation

LISTING = "SELECT name FROM users WHERE city = 'Oslo' ORDER BY name"
NOTED: list[str] = []


class Stopped(Exception):
    pass


@pytest.fixture
def watched(tmp_path: Path) -> Any:
    """Return ``ask(path, **request)`` -> the observations that the request caused; an observed call does not happen."""
    seen: list[Observation] = []

    def listener(observation: Observation) -> None:
        seen.append(observation)
        raise Stopped(observation.why)

    app = Flask("careless", root_path=str(tmp_path))
    watch = Watch(listener)
    install(app, watch)

    @app.before_request
    def begin() -> None:
        watch.begin(request._get_current_object())

    @app.after_request
    def end(response: Response) -> Response:
        watch.end(response)
        return response

    @app.errorhandler(Stopped)
    def stopped(error: Stopped) -> tuple[str, int]:
        return "stopped", 403

    files = tmp_path / "files"
    files.mkdir()
    (files / "plan.txt").write_text("plan")
    (tmp_path / "secret.txt").write_text("secret")
    _sql_routes(app)
    _other_routes(app, files)
    add_routes(app, files)

    def ask(path: str, cookie: tuple[str, str] | None = None, **parts: Any) -> list[Observation]:
        seen.clear()
        client = app.test_client()
        if cookie is not None:
            client.set_cookie(*cookie)
        # The client reads a streamed answer to its end, where its maker may be stopped.
        with contextlib.suppress(Stopped):
            ask.answer = client.open(path, **parts)  # type: ignore[attr-defined]
        return list(seen)

    return SimpleNamespace(ask=ask, watch=watch, files=files, app=app, answer=lambda: ask.answer)  # type: ignore[attr-defined]


def _sql_routes(app: Flask) -> None:
    def run(statement: str, *values: Any) -> str:
        connection = sqlite3.connect(":memory:")
        connection.execute("CREATE TABLE users (id INTEGER, name TEXT, city TEXT)")
        connection.execute("INSERT INTO users VALUES (1, 'Ada', 'Oslo')")
        try:
            return str(connection.execute(statement, values).fetchall())
        except sqlite3.Error as error:
            return f"refused by SQLite: {error}"
        finally:
            connection.close()

    @app.route("/quoted", methods=["GET", "POST"])
    def quoted() -> str:
        source: Any = request.get_json() if request.is_json else request.values
        return run(f"SELECT name FROM users WHERE name = '{source['q']}'")

    @app.get("/number")
    def number() -> str:
        return run(f"SELECT name FROM users WHERE id = {request.args['q']}")

    @app.get("/sorted")
    def in_order() -> str:
        return run(f"SELECT name FROM users ORDER BY {request.args['q']}")

    @app.get("/bound")
    def bound() -> str:
        return run("SELECT name FROM users WHERE name = ? AND city != 'FROM users'", request.args["q"])

    @app.get("/fixed")
    def fixed() -> str:
        return run(LISTING)

    @app.get("/noted")
    def noted() -> str:
        NOTED.append(request.args["q"])  # a program that keeps what visitors say beside its own words
        return run(f"SELECT name FROM users WHERE name = '{request.args['q']}'")

    @app.get("/escaped")
    def escaped() -> str:
        return run("SELECT name FROM users WHERE name = '{}'".format(request.args["q"].replace("'", "''")))

    @app.get("/decoded")
    def decoded() -> str:
        return run(f"SELECT name FROM users WHERE name = '{base64.b64decode(request.args['q']).decode()}'")

    @app.get("/upper")
    def upper() -> str:
        return run(f"SELECT name FROM users WHERE name = '{request.args['q'].upper()}'")

    @app.get("/half")
    def half() -> str:
        return run(f"SELECT name FROM users WHERE name = '{request.args['q'].split(',')[1]}'")

    @app.get("/cookie")
    def cookie() -> str:
        return run(f"SELECT name FROM users WHERE name = '{request.cookies['q']}'")

    @app.get("/header/<name>")
    def header(name: str) -> str:
        return run(f"SELECT name FROM users WHERE id = {request.headers[name]}")

    @app.get("/quoted-header/<name>")
    def quoted_header(name: str) -> str:
        return run(f"SELECT name FROM users WHERE name = '{request.headers[name]}'")

    @app.post("/nested")
    def deep() -> str:
        inner = request.get_json()
        while isinstance(inner, list):
            inner = inner[0]
        return run(f"SELECT name FROM users WHERE name = '{inner}'")

    @app.get("/twice")
    def twice() -> str:
        return run(f"SELECT name FROM users WHERE name = '{request.args['q']}' OR city = '' OR city = ''")


def _other_routes(app: Flask, files: Path) -> None:
    on: Callable[[str], Any] = app.get

    @on("/file")
    def file() -> str:
        return (files / request.args["q"]).read_text()

    @on("/joined")
    def joined() -> str:
        with open(f"{files}/{request.args['q']}") as stream:  # noqa: PTH123
            return stream.read()

    @on("/resolved")
    def resolved() -> str:
        return (files / request.args["q"]).resolve().read_text()

    @on("/shell")
    def shell() -> str:
        return subprocess.run(
            f"echo {request.args['q']}", shell=True, capture_output=True, check=False
        ).stdout.decode()

    @on("/shell-quoted")
    def shell_quoted() -> str:
        return subprocess.run(
            f'echo "{request.args["q"]}"', shell=True, capture_output=True, check=False
        ).stdout.decode()

    @on("/words")
    def words() -> str:
        return subprocess.run(["echo", request.args["q"]], capture_output=True, check=False).stdout.decode()

    @on("/template")
    def template() -> str:
        return (
            Environment(autoescape=True)
            .from_string(f"<p>Hello {request.args['q']}</p>{{{{ 1 + 1 }}}}")
            .render()
        )

    @on("/template-unquoted")
    def template_unquoted() -> str:
        return Environment(autoescape=True).from_string(f"Hello {unquote(request.args['q'])}").render()

    @on("/eval")
    def evaluated() -> str:
        return str(eval(request.args["q"], {"__builtins__": {}}))

    @on("/fetch")
    def fetch() -> str:
        try:
            return urllib.request.urlopen(request.args["q"], timeout=2).read().decode()
        except OSError as error:
            return f"no answer: {error}"

    @on("/pickle")
    def unpickled() -> str:
        return str(pickle.loads(base64.b64decode(request.args["q"])))

    @app.post("/yaml")
    def loaded() -> str:
        return str(yaml.load(request.form["q"], yaml.UnsafeLoader))
