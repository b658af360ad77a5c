"""With accounts, only who asks who is signed in pays for it."""

from __future__ import annotations

import pytest
from flask import render_template_string, request
from flask_login import current_user
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import event

from fumehood import AccountMixin, Fumehood, RoleMixin, create_account, login, public
from hooded import HOST, HTTPS, bare_app, browser


@pytest.fixture
def app(tmp_path):
    (tmp_path / "static").mkdir()
    (tmp_path / "static" / "style.css").write_text("main { color: red }")
    app = bare_app(tmp_path)
    app.static_folder = str(tmp_path / "static")
    app.config |= {"SQLALCHEMY_DATABASE_URI": f"sqlite:///{tmp_path}/people.db"}
    app.config |= {"FUMEHOOD_ARGON2_MEMORY_KIB": 1024, "FUMEHOOD_ARGON2_PASSES": 1}
    db = SQLAlchemy(app)

    class Role(db.Model, RoleMixin):
        pass

    class User(db.Model, AccountMixin):
        pass

    Fumehood(app, db=db, user=User, role=Role)

    @app.get("/in")
    @public
    def enter():
        login(db.session.scalars(db.select(User)).one(), remember="remember" in request.args)
        return "in"

    app.add_url_rule("/page", "page", public(lambda: render_template_string("a page")))
    who = "{{ current_user.email if current_user.is_authenticated }}"
    app.add_url_rule("/who", "who", public(lambda: render_template_string(who)))
    app.add_url_rule("/ask", "ask", public(lambda: str(current_user.is_authenticated)))
    with app.app_context():
        db.create_all()
        create_account(f"ann@{HOST}", "ember-quartz-river-41")
        app.statements = []
        event.listen(db.engine, "before_cursor_execute", lambda *args: app.statements.append(args[2]))
    yield app
    with app.app_context():
        db.engine.dispose()


@pytest.fixture
def ann(app):
    client = browser(app)
    assert client.get("/in", base_url=HTTPS).text == "in"
    app.statements.clear()
    return client


@pytest.mark.parametrize("path", ["/page", "/static/style.css"])
def test_a_page_that_does_not_ask_loads_nobody_and_may_be_kept(app, ann, path):
    with ann.get(path, base_url=HTTPS) as answer:
        assert answer.status_code == 200
        assert "Vary" not in answer.headers
        assert answer.headers.get("Cache-Control") != "no-store"
    assert app.statements == []


def test_a_template_that_asks_is_told(app, ann):
    answer = ann.get("/who", base_url=HTTPS)
    assert answer.text == f"ann@{HOST}"
    assert answer.headers["Cache-Control"] == "no-store"
    assert app.statements


def test_to_be_remembered_works_as_ever(app):
    client = browser(app)
    client.get("/in?remember", base_url=HTTPS)
    assert client.get_cookie("__Host-session", domain=HOST).expires is not None
    assert client.get("/page", base_url=HTTPS).status_code == 200
    assert client.get("/ask", base_url=HTTPS).text == "True"
