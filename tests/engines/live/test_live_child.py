"""Importing and asking an application is bounded in time, changes nothing, and tells what it could not look at."""

from __future__ import annotations

import sqlite3
import textwrap

import pytest

from fumehood.engines.live.child import record_in_child
from fumehood.engines.live.target import TargetError


@pytest.fixture
def project(tmp_path):
    def write(source, name="shop.py"):
        (tmp_path / name).write_text(textwrap.dedent(source))
        return tmp_path

    return write


def test_what_is_recorded(project):
    root = project(
        """
        from functools import wraps
        from flask import Flask, session

        app = Flask(__name__)
        app.config.update(SECRET_KEY=b"bytes", PERMANENT_SESSION_LIFETIME=60, ODD=object())
        print("noise on standard output")

        def guard(view):
            @wraps(view)
            def asks(*args, **kwargs):
                return view(*args, **kwargs)
            return asks

        @app.get("/")
        @guard
        def index():
            return session.get("name", "nobody")

        @app.route("/item/<int:number>", methods=["GET", "POST"])
        def item(number):
            return str(number)
        """
    )
    recorded = record_in_child(root, "shop")
    app = recorded.app
    index = next(route for route in app.routes if route.rule == "/")
    assert [wrapper.name for wrapper in index.view.wrappers] == ["guard"]
    assert (index.view.location.path, index.view.location.line, index.view.own) == ("shop.py", 17, True)
    assert "session" in index.view.names
    assert app.config["ODD"] == "<builtins.object>"
    assert app.config["SECRET_KEY"] == "bytes"
    assert {"plain", "missing", "foreign-host", "error"} <= {answer.purpose for answer in app.answers}
    assert [item.where for item in recorded.not_covered] == ["GET /item/<int:number>"]
    assert not list(root.rglob("__pycache__")), "the audit leaves nothing behind"


@pytest.mark.parametrize(
    ("source", "target", "said"),
    [
        ("app = 1", "nothing", "there is no module 'nothing'"),
        ("app = 1", "shop", "has no Flask application"),
        ("app = 1", "shop:app", "is a int, not a Flask application"),
        ("app = 1", "shop:other", "has no 'other'"),
        ("import missing_library", "shop", "failed at shop.py:1: it needs the module 'missing_library'"),
        ("raise RuntimeError('no database')", "shop", "at shop.py:1 with RuntimeError: no database"),
        ("import sys\nsys.exit(3)", "shop", "at shop.py:2 with SystemExit: 3"),
        ("def broken(:\n", "shop", "at shop.py:1 with SyntaxError: "),
        ("import os\nos._exit(9)", "shop", "ended the process with status 9"),
        ("def create_app(name): ...", "shop", "missing a required argument: 'name'"),
        ("def create_app(): return 3", "shop", "is a int"),
        ("def create_app(): raise KeyError('DATABASE')", "shop", "at shop.py:1 with KeyError: 'DATABASE'"),
        ("from flask import Flask\na = Flask('a')\nb = Flask('b')", "shop", "--app shop:a or --app shop:b"),
        ("x = 1", "shop:x(", "is not an attribute"),
        ("def f(x): ...\ny = 1", "shop:f(y)", "must be literals"),
    ],
)
def test_one_clear_error(project, source, target, said):
    with pytest.raises(TargetError) as error:
        record_in_child(project(source), target, timeout=20)
    assert said in str(error.value)
    assert "Traceback" not in str(error.value)
    assert "\n" not in str(error.value)


def test_a_factory_with_literal_arguments(project):
    root = project("from flask import Flask\ndef make(name, *, debug=False):\n    return Flask(name)\n")
    assert record_in_child(root, "shop:make('lab', debug=True)").app.name == "lab"


def test_an_import_that_hangs_is_ended(project):
    with pytest.raises(TargetError, match="did not finish within 2 s"):
        record_in_child(project("import threading\nthreading.Event().wait()\n"), "shop", timeout=2)


def test_an_application_that_ends_the_process_loses_only_what_comes_after(project):
    root = project(
        """
        import os
        from flask import Flask
        app = Flask(__name__)

        @app.get("/a")
        def a():
            return "fine"

        @app.get("/b")
        def b():
            os._exit(1)
        """
    )
    recorded = record_in_child(root, "shop")
    assert [answer.path for answer in recorded.app.answers] == ["/a"]
    (lost,) = recorded.not_covered
    assert (lost.where, lost.fatal) == ("GET /b", True)


WRITER = """
    import os
    import sqlite3
    import subprocess
    from flask import Flask

    app = Flask(__name__)
    early = sqlite3.connect("early.db", check_same_thread=False)
    early.execute("CREATE TABLE IF NOT EXISTS seen (page TEXT)")
    early.execute("INSERT INTO seen VALUES ('start')")
    early.commit()

    @app.get("/reads")
    def reads():
        return str(early.execute("SELECT count(*) FROM seen").fetchone())

    @app.get("/inserts")
    def inserts():
        early.execute("INSERT INTO seen VALUES ('start')")
        early.commit()
        return "done"

    @app.get("/connects")
    def connects():
        with sqlite3.connect("early.db") as late:
            late.execute("DELETE FROM seen")
        return "done"

    @app.get("/makes-database")
    def makes_database():
        sqlite3.connect("late.db").close()
        return "done"

    @app.get("/memory")
    def memory():
        sqlite3.connect(":memory:").close()
        sqlite3.connect("file:early.db?mode=ro", uri=True).close()
        return "done"

    @app.get("/writes-file")
    def writes_file():
        with open("trace.txt", "w") as file:
            file.write("here")
        return "done"

    @app.get("/removes-file")
    def takes_away():
        os.remove("shop.py")
        return "done"

    @app.get("/starts-program")
    def starts_program():
        subprocess.run(["touch", "trace.txt"])
        return "done"
"""


def test_nothing_is_changed_while_pages_are_asked_for(project):
    root = project(WRITER)
    recorded = record_in_child(root, "shop")
    with sqlite3.connect(root / "early.db") as database:
        assert database.execute("SELECT count(*) FROM seen").fetchone() == (1,)
    assert not (root / "trace.txt").exists()
    assert (root / "shop.py").exists()
    assert not (root / "late.db").exists()
    read = {
        answer.path for answer in recorded.app.answers if answer.purpose == "page" and answer.status == 200
    }
    assert read >= {"/reads", "/memory"}
    refused = {item.where for item in recorded.not_covered if "would have changed" in item.why}
    assert refused >= {
        "GET /inserts",
        "GET /connects",
        "GET /makes-database",
        "GET /writes-file",
        "GET /starts-program",
    }


def test_a_page_that_hangs_is_left(project, monkeypatch):
    from fumehood.engines.live.ask import Asking
    from fumehood.engines.live.record import record_answers
    from fumehood.engines.live.target import load

    root = project(
        """
        import threading
        from flask import Flask
        app = Flask(__name__)

        @app.get("/slow")
        def slow():
            threading.Event().wait()
        """,
        "slow_shop.py",
    )
    monkeypatch.syspath_prepend(str(root))
    answers = list(record_answers(load(root, "slow_shop"), Asking(seconds=0.2)))
    assert "no answer within 0.2 s" in {getattr(item, "why", "") for item in answers}
