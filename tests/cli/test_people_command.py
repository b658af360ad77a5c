"""``fumehood people``: the first administrator, roles and forgotten passwords, from a terminal."""

from __future__ import annotations

import re
import sys
import textwrap

import pytest
from click.testing import CliRunner

from fumehood.cli.people import command

APP = """
    from flask import Flask
    from flask_sqlalchemy import SQLAlchemy
    from fumehood import AccountMixin, Fumehood, RoleMixin

    db = SQLAlchemy()

    class Role(db.Model, RoleMixin):
        pass

    class User(db.Model, AccountMixin):
        pass

    app = Flask(__name__, instance_path={folder!r})
    app.testing = True
    app.config["SQLALCHEMY_DATABASE_URI"] = "sqlite:///{folder}/people.sqlite3"
    app.config["FUMEHOOD_DATABASE_URL"] = "sqlite:///{folder}/hood.sqlite3"
    app.config["FUMEHOOD_ARGON2_MEMORY_KIB"] = 1024
    db.init_app(app)
    hood = Fumehood(app, db=db, user=User, role=Role)

    @app.get("/shelves")
    @hood.allow("librarian")
    def shelves():
        return "shelves"

    if {tables}:
        with app.app_context():
            db.create_all()
"""


@pytest.fixture
def shop(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    names = []

    def shop(tables=True):
        name = f"people_shop_{'with' if tables else 'without'}_tables"
        (tmp_path / f"{name}.py").write_text(textwrap.dedent(APP).format(folder=str(tmp_path), tables=tables))
        monkeypatch.syspath_prepend(str(tmp_path))
        names.append(name)

        def run(*arguments, **more):
            first, *rest = arguments
            return CliRunner().invoke(command, [first, "--app", f"{name}:app", *rest], **more)

        return run

    yield shop
    for name in names:
        module = sys.modules.pop(name, None)
        if module is not None:
            with module.app.app_context():
                module.db.session.remove()
                module.db.engine.dispose()


def test_the_first_administrator_is_made_and_can_sign_in(shop):
    run = shop()
    made = run("create", "ada@example.org", "--role", "admin", "--new-role")
    assert made.exit_code == 0, made.output
    password = re.search(r"shown only now: (\S+)", made.output)[1]
    app = sys.modules["people_shop_with_tables"].app
    answer = app.test_client().post(
        "/login",
        data={"email": "ada@example.org", "password": password},
        base_url="https://localhost",
        headers={"Sec-Fetch-Site": "same-origin"},
    )
    assert answer.status_code == 302
    assert run("list").output == "ada@example.org  admin\n"


def test_roles_are_given_and_taken(shop):
    run = shop()
    run("create", "ada@example.org")
    assert (
        run("grant", "ada@example.org", "editor", "--new-role").output == "ada@example.org is editor now.\n"
    )
    assert run("grant", "ada@example.org", "editor").output == "ada@example.org was editor already.\n"
    # A route lets it in, so it need not be made by name.
    assert run("grant", "ada@example.org", "librarian").output == "ada@example.org is librarian now.\n"
    assert run("revoke", "ada@example.org", "librarian").exit_code == 0
    assert run("revoke", "ada@example.org", "editor").output == "ada@example.org is no longer editor.\n"
    assert run("list").output == "ada@example.org  -\n"


def test_a_password_is_reset_by_asking_for_one(shop):
    run = shop()
    run("create", "ada@example.org")
    done = run(
        "reset-password", "ada@example.org", "--ask", input="eleven quiet otters\neleven quiet otters\n"
    )
    assert done.exit_code == 0
    assert "eleven" not in done.output
    weak = run("reset-password", "ada@example.org", "--ask", input="password\npassword\n")
    assert weak.exit_code == 2
    assert "at least 15 characters" in weak.output


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("create", "not an address"), "is not an e-mail address"),
        (("create", "ada@example.org"), "has an account already"),
        (("grant", "nobody@example.org", "admin"), "nobody has the address"),
        (("revoke", "ada@example.org", "pope"), "no role 'pope'"),
        (("grant", "ada@example.org", "libarian"), "no role 'libarian'; there are librarian. A new one"),
        (("create", "bob@example.org", "--role", "libarian"), "no role 'libarian'"),
    ],
)
def test_what_cannot_be_done_says_why(shop, arguments, says):
    run = shop()
    run("create", "ada@example.org")
    done = run(*arguments)
    assert done.exit_code == 2
    assert says in done.output
    assert "Traceback" not in done.output


def test_a_database_without_tables_says_what_to_do(shop):
    done = shop(tables=False)("create", "ada@example.org")
    assert done.exit_code == 2
    assert "migrations" in done.output


def test_an_app_without_accounts_says_so(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "bare_shop.py").write_text("from flask import Flask\napp = Flask(__name__)\n")
    done = CliRunner().invoke(command, ["list", "--app", "bare_shop:app"])
    assert done.exit_code == 2
    assert "has no accounts" in done.output
