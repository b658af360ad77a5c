"""``fumehood routes`` shows who may come where, and fails while a route does not say."""

from __future__ import annotations

import json
import textwrap

import pytest
from click.testing import CliRunner

from fumehood.cli.routes import command

APP = """
    from flask import Flask
    from flask.views import MethodView
    from fumehood import Fumehood, allow, permit, public

    def create_app():
        app = Flask(__name__)
        app.testing = True
        Fumehood(app)

        class Notes(MethodView):
            @public
            def get(self): ...
            @permit("notes:write", fresh=60)
            def post(self): ...

        app.add_url_rule("/notes", view_func=Notes.as_view("notes"))
        app.add_url_rule("/reports", "reports", allow("analyst", "admin")(lambda: ""))
        app.add_url_rule("/me", "me", allow(lambda: ""))
        {more}
        return app
"""


@pytest.fixture
def run(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))

    def run(name, more="", *options):
        (tmp_path / f"{name}.py").write_text(textwrap.dedent(APP).replace("{more}", more))
        return CliRunner().invoke(command, ["--app", f"{name}:create_app", *options])

    return run


def test_every_route_is_listed_with_who_may_come(run):
    done = run("tidy_shop")
    assert done.exit_code == 0, done.output
    lines = {" ".join(line.split()) for line in done.output.splitlines()}
    assert "✓ /notes GET notes public" in lines
    assert "✓ /notes POST notes permit('notes:write', fresh=60)" in lines
    assert "✓ /reports GET reports allow('analyst', 'admin')" in lines
    assert "✓ /me GET me allow()" in lines
    assert "✗" not in done.output


def test_a_forgotten_route_is_marked_and_fails(run):
    done = run("untidy_shop", 'app.add_url_rule("/forgotten", "forgotten", lambda: "")')
    assert done.exit_code == 1
    assert "✗ /forgotten GET forgotten nobody" in {
        " ".join(line.split()) for line in done.output.splitlines()
    }
    assert "@public" in done.output


def test_programs_read_json(run):
    done = run("json_shop", "", "--format", "json")
    rows = json.loads(done.stdout)
    assert {
        "rule": "/me",
        "methods": ["GET"],
        "endpoint": "me",
        "declaration": "allow()",
        "declared": True,
    } in rows


def test_an_app_that_is_not_there_is_a_usage_error(tmp_path, monkeypatch):
    from fumehood.settings import ConfigurationError

    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(command, ["--app", "no_such_shop"])
    assert isinstance(done.exception, ConfigurationError)
    assert CliRunner().invoke(command, []).exit_code == 2
