"""What the hood costs: CPU per request through the WSGI callable, as a ratio to the same app on bare Flask.

    python benchmarks/hood.py [--rounds 40] [--requests 200] [--check]

Three installations of one small app run interleaved in one process: bare Flask, the hood with all ten guards and its default settings, and
the usual stack of extensions (left out with a line when they are not installed). The requests are a browser's: its headers, the cookies
that each app gave it, over https. Time is this process's CPU time; a ratio is the median over rounds, so noise of the machine
falls on all three alike.
"""

from __future__ import annotations

import argparse
import gc
import logging
import secrets
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from flask import Flask, abort, jsonify, render_template, request, session
from jinja2 import DictLoader
from werkzeug.test import EnvironBuilder

HOST = "notes.example"
TEMPLATES = {
    "layout.html": (
        "<!doctype html><html lang=en><head><title>{% block title %}{% endblock %}</title>"
        "<link rel=stylesheet href=\"{{ url_for('static', filename='style.css') }}\"></head>"
        "<body><main>{% block main %}{% endblock %}</main></body></html>"
    ),
    "notes.html": (
        '{% extends "layout.html" %}{% block title %}Notes{% endblock %}{% block main %}<h1>Notes</h1><ul>'
        "{% for note in notes %}<li>{{ note.id }}: {{ note.title }}</li>{% endfor %}</ul>{% endblock %}"
    ),
    "mine.html": (
        '{% extends "layout.html" %}{% block title %}Mine{% endblock %}{% block main %}<h1>Notes of {{ person }}</h1><ul>'
        "{% for note in notes %}<li>{{ note.id }}: {{ note.title }}</li>{% endfor %}</ul>{% endblock %}"
    ),
    "form.html": (
        '{% extends "layout.html" %}{% block title %}Write{% endblock %}{% block main %}<form method=post>'
        '{% if csrf_token is defined %}<input type=hidden name=csrf_token value="{{ csrf_token() }}">{% endif %}'
        "<label>Title <input name=title></label><label>Text <textarea name=text rows=9></textarea></label>"
        "<button>Save</button></form>{% endblock %}"
    ),
}
NOTES = [{"id": number, "title": f"Titration {number} <draft>"} for number in range(5)]

Case = tuple[str, str, str, bool, float]
Row = tuple[str, float, dict[str, float], float]

# name, method, path, signed in, highest ratio
CASES = (
    ("page", "GET", "/", False, 1.00),
    ("page, signed in", "GET", "/mine", True, 0.90),
    ("JSON", "GET", "/api/notes/3", False, 1.00),
    ("page with a form", "GET", "/write", False, 1.15),
    ("form post", "POST", "/write", False, 1.05),
    ("static file, signed in", "GET", "/static/style.css", True, 0.90),
    ("404", "GET", "/nowhere", False, 1.00),
)


def app_of(folder: Path, mark: Callable[[Any], Any], sign_in: Callable[[], None]) -> Flask:
    """The app that is measured; ``mark`` declares a view, ``sign_in`` is how a person gets in."""
    (folder / "static").mkdir(parents=True)
    (folder / "static" / "style.css").write_text("main { max-width: 60ch }\n" * 40)
    app = Flask("notes", instance_path=str(folder / "instance"), static_folder=str(folder / "static"))
    app.jinja_loader = DictLoader(TEMPLATES)
    app.secret_key = secrets.token_hex(32)
    app.config["TRUSTED_HOSTS"] = [HOST]

    @app.get("/")
    @mark
    def page() -> str:
        return render_template("notes.html", notes=NOTES)

    @app.get("/in")
    @mark
    def enter() -> str:
        sign_in()
        session["user_id"] = 7
        return "in"

    @app.get("/mine")
    @mark
    def mine() -> str:
        return render_template("mine.html", person=session["user_id"], notes=NOTES)

    @app.get("/api/notes/<int:number>")
    @mark
    def note(number: int) -> Any:
        return jsonify(NOTES[number]) if number < len(NOTES) else abort(404)

    @app.get("/write")
    @mark
    def form() -> str:
        return render_template("form.html")

    @app.post("/write")
    @mark
    def write() -> str:
        return f"{len(request.form['title'])} {len(request.form['text'])}"

    return app


def bare(folder: Path) -> Flask:
    return app_of(folder, lambda view: view, lambda: None)


def hooded(folder: Path) -> Flask:
    from fumehood import Fumehood, public

    app = app_of(folder, public, lambda: None)
    Fumehood(app)
    return app


def stacked(folder: Path, roles: Sequence[str] = ()) -> Flask:
    """Flask-Talisman, Flask-WTF's CSRFProtect, Flask-Limiter and Flask-Security with roles, as their documentation sets them up."""
    from flask_limiter import Limiter
    from flask_limiter.util import get_remote_address
    from flask_security import Security, SQLAlchemyUserDatastore, hash_password, login_user
    from flask_security.models import fsqla_v3
    from flask_sqlalchemy import SQLAlchemy
    from flask_talisman import Talisman
    from flask_wtf.csrf import CSRFProtect

    app = app_of(folder, lambda view: view, lambda: login_user(store.find_user(email="ann@notes.example")))
    app.config.update(
        SQLALCHEMY_DATABASE_URI=f"sqlite:///{folder}/people.db",
        SECURITY_PASSWORD_SALT="146585145368132386173505678016728509634",
        WTF_CSRF_TIME_LIMIT=None,
        SESSION_COOKIE_SAMESITE="Lax",
    )
    db = SQLAlchemy(app)
    fsqla_v3.FsModels.set_db_info(db)

    class Role(db.Model, fsqla_v3.FsRoleMixin):  # type: ignore[name-defined,misc]
        pass

    class User(db.Model, fsqla_v3.FsUserMixin):  # type: ignore[name-defined,misc]
        pass

    store = SQLAlchemyUserDatastore(db, User, Role)
    Security(app, store)
    Talisman(
        app,
        content_security_policy={"default-src": "'self'"},
        content_security_policy_nonce_in=["script-src"],
    )
    CSRFProtect(app)
    Limiter(get_remote_address, app=app, default_limits=["1000000 per minute"], storage_uri="memory://")
    with app.app_context():
        db.create_all()
        store.create_user(
            email="ann@notes.example",
            password=hash_password("ember-quartz-river-41"),
            roles=[store.find_or_create_role(name) for name in roles],
        )
        db.session.commit()
    return app


class Browser:
    """Keeps an app's cookies and makes the environs of its requests."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._client = app.test_client()
        self.token = ""

    def visit(self, path: str) -> str:
        answer = self._client.get(path, base_url=f"https://{HOST}")
        assert answer.status_code < 400, (path, answer.status)
        return answer.get_data(as_text=True)

    def environ(self, method: str, path: str) -> dict[str, Any]:
        sent = {
            "User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
            "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
            "Accept-Language": "en-GB,en;q=0.5",
            "Accept-Encoding": "gzip, deflate, br, zstd",
            "Referer": f"https://{HOST}/",
            "Sec-Fetch-Dest": "document",
            "Sec-Fetch-Mode": "navigate",
            "Sec-Fetch-Site": "same-origin",
        }
        cookies = "; ".join(f"{cookie.key}={cookie.value}" for cookie in self._cookies())
        if cookies:
            sent["Cookie"] = cookies
        data = None
        if method == "POST":
            sent["Origin"] = f"https://{HOST}"
            data = {"csrf_token": self.token, "title": "Titration", "text": "Eight drops of indicator. " * 12}
        builder = EnvironBuilder(
            path=path, method=method, base_url=f"https://{HOST}", headers=sent, data=data
        )
        environ = builder.get_environ()
        builder.close()
        return environ | {"REMOTE_ADDR": "192.0.2.7"}

    def _cookies(self) -> Iterable[Any]:
        # The test client's jar, in the order of the names: what a browser would send.
        return (self._client._cookies or {}).values()


def prepared(app: Flask, method: str, path: str, signed_in: bool) -> dict[str, Any]:
    browser = Browser(app)
    if signed_in:
        browser.visit("/in")
    if path == "/write":
        page = browser.visit("/write")
        browser.token = page.partition('name=csrf_token value="')[2].partition('"')[0]
    return browser.environ(method, path)


def spend(app: Flask, environ: dict[str, Any], requests: int) -> float:
    """Return seconds of CPU for so many requests, each answer read to its end."""
    body = environ["wsgi.input"].getvalue()
    from io import BytesIO

    def start_response(
        status: str, headers: list[tuple[str, str]], exc_info: Any = None
    ) -> Callable[[bytes], object]:
        return lambda written: None

    environs = [environ | {"wsgi.input": BytesIO(body)} for _ in range(requests)]
    gc.collect()
    began = time.process_time()
    for each in environs:
        answer = app(each, start_response)
        for _ in answer:
            pass
        if hasattr(answer, "close"):
            answer.close()
    return time.process_time() - began


def status_of(app: Flask, environ: dict[str, Any]) -> str:
    statuses: list[str] = []

    def start_response(
        status: str, headers: list[tuple[str, str]], exc_info: Any = None
    ) -> Callable[[bytes], object]:
        statuses.append(status)
        return lambda written: None

    b"".join(app(environ, start_response))
    return statuses[0][:3]


def check_same(apps: dict[str, Flask], case: Case) -> None:
    """Refuse to measure answers that differ in what a person gets."""
    _, method, path, signed_in, _ = case
    seen = {}
    for name, app in apps.items():
        seen[name] = status_of(app, prepared(app, method, path, signed_in))
    if len(set(seen.values())) != 1:
        raise SystemExit(f"{case[0]}: the apps do not answer alike: {seen}")


def measure(apps: dict[str, Flask], cases: Sequence[Case], rounds: int, requests: int) -> list[Row]:
    rows = []
    for case in cases:
        name, method, path, signed_in, highest = case
        check_same(apps, case)
        environs = {key: prepared(app, method, path, signed_in) for key, app in apps.items()}
        for key, app in apps.items():
            spend(app, environs[key], requests)
        spent: dict[str, list[float]] = {key: [] for key in apps}
        for turn in range(rounds):
            keys = list(apps) if turn % 2 else list(reversed(apps))
            for key in keys:
                spent[key].append(spend(apps[key], environs[key], requests))
        ratios = {
            key: statistics.median(own / base for own, base in zip(spent[key], spent["bare"], strict=True))
            for key in apps
        }
        rows.append((name, statistics.median(spent["bare"]) / requests * 1e6, ratios, highest))
    return rows


def arguments_of(description: str, *, rounds: int, requests: int) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--rounds", type=int, default=rounds)
    parser.add_argument("--requests", type=int, default=requests, help="requests in one round")
    parser.add_argument("--check", action="store_true", help="exit with 1 when a target is missed")
    return parser.parse_args()


def table(rows: Sequence[Row], check: bool) -> int:
    """Print the rows; return the exit status."""
    print(f"{'':24}{'bare, us':>10}{'hood':>8}{'target':>8}{'stack':>8}")
    missed = 0
    for name, microseconds, ratios, highest in rows:
        stack = f"{ratios['stack']:8.2f}" if "stack" in ratios else f"{'-':>8}"
        late = ratios["hood"] > highest
        missed += late
        print(
            f"{name:24}{microseconds:10.0f}{ratios['hood']:8.2f}{highest:8.2f}{stack}{'  missed' if late else ''}"
        )
    return 1 if missed and check else 0


def main() -> int:
    arguments = arguments_of(
        "What the hood costs, beside bare Flask and the usual stack.", rounds=40, requests=200
    )
    logging.disable(logging.CRITICAL)
    with tempfile.TemporaryDirectory() as folder:
        apps = {"bare": bare(Path(folder, "bare")), "hood": hooded(Path(folder, "hood"))}
        try:
            apps["stack"] = stacked(Path(folder, "stack"))
        except ImportError as missing:
            print(f"The usual stack is left out: {missing}.")
        return table(measure(apps, CASES, arguments.rounds, arguments.requests), arguments.check)


if __name__ == "__main__":
    sys.exit(main())
