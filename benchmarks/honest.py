"""False alarms: the guards over honest requests that real applications get, through routes that really use the values.

Names like O'Brien, prose with SQL words, code, paths, addresses, JSON and Markdown in many scripts, as parameters, in forms, in JSON, in
raw bodies and in headers; used in SQL (bound, escaped by hand, and merely put in quotes where the value holds none), for the
shell, as file names, in templates, in addresses that are asked for, in redirects and in answers' headers.

Run: python benchmarks/honest.py [REQUESTS]
"""

from __future__ import annotations

import hashlib
import http.server
import json
import logging
import random
import shlex
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections import Counter
from pathlib import Path
from typing import Any
from urllib.parse import quote

from flask import Flask, Response, redirect, render_template_string, request
from markupsafe import escape
from sqlalchemy import create_engine, literal_column, select, text
from werkzeug.utils import secure_filename

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

from fumehood import Fumehood, public
from honest import honest_values

_COSTLY = 100  # one in so many of the routes that start a process or connect


def application(folder: Path, port: int) -> Flask:
    """Return an application with the hood, whose guards block, and routes that use a value ``q`` in every way."""
    app = Flask("honest", instance_path=str(folder / "instance"))
    app.config.update(FUMEHOOD_MODE="development", PROPAGATE_EXCEPTIONS=True)
    hood = Fumehood(app)
    hood.declare("*", public)
    _databases(app, folder)
    _calls(app, folder, port)
    return app


def _value() -> str:
    """The value, from wherever the request has it."""
    if request.is_json:
        return str(request.get_json()["deep"][0]["q"])
    if request.mimetype == "text/plain":
        return request.get_data(as_text=True)
    return request.values.get("q") or request.headers.get("X-Note", "")


def _databases(app: Flask, folder: Path) -> None:
    file = folder / "notes.db"
    with sqlite3.connect(file) as connection:
        connection.execute("CREATE TABLE note (id INTEGER PRIMARY KEY, name TEXT, city TEXT)")
    engine = create_engine(f"sqlite:///{file}")

    def run(statement: str, *values: Any) -> str:
        connection = sqlite3.connect(file)
        try:
            return str(len(connection.execute(statement, values).fetchall()))
        finally:
            connection.close()

    @app.route("/bound", methods=["GET", "POST"])
    @hoodless
    def bound() -> str:
        return run(
            "SELECT name, city FROM note WHERE name = ? AND city LIKE ? ORDER BY name LIMIT 10",
            _value(),
            f"%{_value()}%",
        )

    @app.route("/escaped", methods=["GET", "POST"])
    @hoodless
    def escaped() -> str:
        return run(
            "SELECT name FROM note WHERE name = '"
            + _value().replace("\0", "").replace("'", "''")
            + "' AND city != 'Oslo'"
        )

    @app.route("/quoted", methods=["GET", "POST"])
    @hoodless
    def quoted() -> str:
        return run(f"SELECT name FROM note WHERE name = '{_value().translate(_NO_QUOTES)}' OR city = 'Rome'")

    @app.route("/number", methods=["GET", "POST"])
    @hoodless
    def number() -> str:
        return run(f"SELECT name FROM note WHERE id = {len(_value())} AND city != 'x'")

    @app.route("/orm", methods=["GET", "POST"])
    @hoodless
    def orm() -> str:
        name = literal_column("name")
        with engine.connect() as connection:
            connection.execute(text("SELECT id, name FROM note WHERE name = :name"), {"name": _value()})
            return str(
                connection.execute(
                    select(name).select_from(text("note")).where(name.contains(_value()))
                ).first()
            )


_NO_QUOTES = {ord("'"): "\u2019", 0: None}


def hoodless(view: Any) -> Any:
    """Take a form from anybody: the requests here are made without a token."""
    return Fumehood.csrf_exempt(view)


def _calls(app: Flask, folder: Path, port: int) -> None:
    files = folder / "files"
    files.mkdir()

    @app.route("/shell", methods=["GET", "POST"])
    @hoodless
    def shell() -> str:
        return subprocess.getoutput(f"echo {shlex.quote(_value().replace(chr(0), ''))}")

    @app.route("/words", methods=["GET", "POST"])
    @hoodless
    def words() -> str:
        return subprocess.check_output(["echo", _value().replace("\0", "")]).decode()

    @app.route("/file", methods=["GET", "POST"])
    @hoodless
    def file() -> str:
        path = files / (secure_filename(_value())[:80] or "x")
        path.write_text(_value())
        return path.read_text()

    @app.route("/hashed", methods=["GET", "POST"])
    @hoodless
    def hashed() -> str:
        path = files / hashlib.sha256(_value().encode()).hexdigest()[:2]
        with path.open("a") as stream:
            stream.write(_value())
        return "kept"

    @app.route("/template", methods=["GET", "POST"])
    @hoodless
    def template() -> str:
        return render_template_string("<p>{{ q }}</p>{% if q %}{{ q|length }}{% endif %}", q=_value())

    @app.route("/escaped-template", methods=["GET", "POST"])
    @hoodless
    def escaped_template() -> str:
        value = str(escape(_value())).replace("{", "&#123;")
        return render_template_string(f"<p>{value}</p>{{{{ 1 + 1 }}}}")

    @app.route("/fetch", methods=["GET", "POST"])
    @hoodless
    def fetch() -> str:
        with urllib.request.urlopen(
            f"http://127.0.0.1:{port}/search?q={quote(_value())}", timeout=10
        ) as answer:
            return answer.read().decode()

    @app.route("/redirect", methods=["GET", "POST"])
    @hoodless
    def elsewhere() -> Any:
        return redirect(f"/search?q={quote(_value())}")

    @app.route("/header", methods=["GET", "POST"])
    @hoodless
    def header() -> Response:
        return Response(
            "ok",
            headers={
                "X-Note": quote(_value()),
                "Content-Disposition": f'attachment; filename="{secure_filename(_value())}"',
            },
        )


class _Service(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"ok")

    def log_message(self, *_: object) -> None:
        pass


def parts(number: int, value: str) -> dict[str, Any]:
    """Return how the value is sent: by turns in the query, a form, JSON, a raw body and a header."""
    ways: list[dict[str, Any]] = [
        {"query_string": {"q": value, "page": str(number), "sort": "name"}},
        {"method": "POST", "data": {"q": value, "city": "Oslo"}},
        {
            "method": "POST",
            "data": json.dumps({"deep": [{"q": value, "tags": ["a", value[:20]]}]}),
            "content_type": "application/json",
        },
        {"method": "POST", "data": value.encode(), "content_type": "text/plain"},
        {"headers": {"X-Note": quote(value)[:2000]}},
    ]
    return ways[number % len(ways)]


def main(count: int) -> int:
    logging.disable(logging.CRITICAL)
    with (
        tempfile.TemporaryDirectory() as folder,
        http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Service) as service,
    ):
        threading.Thread(target=service.serve_forever, daemon=True).start()
        app = application(Path(folder), service.server_port)
        routes = sorted(
            rule.rule
            for rule in app.url_map.iter_rules()
            if rule.endpoint in app.view_functions and rule.rule.count("/") == 1 and "<" not in rule.rule
        )
        routes = [route for route in routes if route.lstrip("/") in _ROUTES]
        client = app.test_client()
        blocked: Counter[str] = Counter()
        statuses: Counter[int] = Counter()
        started = time.perf_counter()
        for number, value in enumerate(honest_values(random.Random(1), count)):
            route = routes[number % len(routes)]
            if route in _SLOW and number % _COSTLY:
                route = "/bound"
            status = client.open(route, **parts(number // len(routes), value)).status_code
            statuses[status] += 1
            if status not in {200, 302}:
                blocked[f"{route} {status}"] += 1
                if sum(blocked.values()) <= 20:
                    print(f"not answered: {route} {parts(number // len(routes), value)}")
        service.shutdown()
    print(
        f"{count} honest requests in {time.perf_counter() - started:.0f} s: {statuses[403]} blocked, {dict(statuses)}"
    )
    for what, times in blocked.most_common():
        print(f"  {what}: {times}")
    return 1 if blocked else 0


_SLOW = {"/shell", "/words", "/fetch"}
_ROUTES = {
    "bound",
    "escaped",
    "quoted",
    "number",
    "orm",
    "shell",
    "words",
    "file",
    "hashed",
    "template",
    "escaped-template",
    "fetch",
    "redirect",
    "header",
}

if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000))
