"""A route opens to whom it names; one that names nobody opens to nobody."""

from __future__ import annotations

import logging
from functools import wraps

import pytest
from flask import Blueprint, Flask
from flask.views import MethodView

from fumehood import Fumehood, Person, allow, permit, public

HOST = "https://localhost"


@pytest.fixture
def app():
    app = Flask("notebook")
    app.testing = True
    app.person = None
    app.hood = Fumehood(app, identity=lambda: app.person)
    return app


def ask(app, path, method="GET", **headers):
    headers = {"Sec-Fetch-Site": "same-origin", **headers}
    answer = app.test_client().open(path, method=method, base_url=HOST, headers=headers, buffered=True)
    answer.close()
    return answer


ADMIN = Person(1, "ada", roles=frozenset({"admin"}), permissions=frozenset({"notes:write", "notes:read"}))
READER = Person(2, "bob", roles=frozenset({"reader"}), permissions=frozenset({"notes:read"}))


# What is stopped.


def test_a_route_that_says_nothing_is_refused_even_to_an_administrator(app):
    app.add_url_rule("/forgotten", view_func=lambda: "secret", endpoint="forgotten")
    app.person = ADMIN
    assert ask(app, "/forgotten").status_code == 403


def test_undeclared_routes_are_named_once_when_the_routes_are_complete(app, caplog):
    app.add_url_rule("/", "home", public(lambda: "home"))
    late = Blueprint("late", __name__)
    late.add_url_rule("/late", "view", lambda: "x")
    app.register_blueprint(late)
    ask(app, "/")
    ask(app, "/")
    warnings = [
        record
        for record in caplog.records
        if record.levelno == logging.WARNING and "late.view" in record.getMessage()
    ]
    assert len(warnings) == 1


def test_the_hint_for_developers_is_in_the_log_and_not_in_the_answer(app, caplog):
    app.add_url_rule("/forgotten", "forgotten", lambda: "secret")
    answer = ask(app, "/forgotten")
    assert "@public" in caplog.text
    assert "@public" not in answer.text
    assert "forgotten" not in answer.text


def test_a_declaration_beneath_a_decorator_that_hides_it_is_refused_and_explained(app, caplog):
    def hides(view):
        def wrapper():
            return view()

        return wrapper

    app.add_url_rule("/hidden", "hidden", hides(public(lambda: "x")))
    assert ask(app, "/hidden").status_code == 403
    assert "functools.wraps" in caplog.text


@pytest.mark.parametrize("person", [None, READER])
def test_a_role_opens_only_to_who_has_it(app, person):
    app.add_url_rule("/reports", "reports", allow("analyst", "admin")(lambda: "reports"))
    app.person = person
    assert ask(app, "/reports", Accept="application/json").status_code == (401 if person is None else 403)


def test_all_permissions_are_needed_and_two_marks_both_hold(app):
    app.add_url_rule("/both", "both", permit("notes:read", "notes:write")(lambda: "both"))
    app.add_url_rule("/two", "two", allow("admin")(permit("notes:read")(lambda: "two")))
    app.person = READER
    assert ask(app, "/both").status_code == 403
    assert ask(app, "/two").status_code == 403
    app.person = ADMIN
    assert ask(app, "/both").status_code == 200
    assert ask(app, "/two").status_code == 200


def test_an_undeclared_method_of_a_view_class_is_refused(app):
    class Notes(MethodView):
        @public
        def get(self):
            return "list"

        def delete(self):
            return "gone"

    app.add_url_rule("/notes", view_func=Notes.as_view("notes"))
    app.person = ADMIN
    assert ask(app, "/notes").status_code == 200
    assert ask(app, "/notes", "HEAD").status_code == 200
    assert ask(app, "/notes", "DELETE").status_code == 403


def test_public_beside_another_condition_is_a_mistake_that_shows_at_once():
    with pytest.raises(TypeError, match="no other condition"):
        public(allow("admin")(lambda: ""))


@pytest.mark.parametrize(
    "wrong", [lambda: permit(), lambda: allow(5), lambda: permit(""), lambda: allow("x", None)]
)
def test_marks_that_name_nothing_are_refused_at_once(wrong):
    with pytest.raises(TypeError):
        wrong()


# What is let through.


def test_a_public_route_never_asks_who_is_there():
    app = Flask("notebook")
    app.testing = True

    def identity():
        raise AssertionError("nobody needed to know")

    Fumehood(app, identity=identity)
    app.add_url_rule("/", "home", public(lambda: "home"))
    assert ask(app, "/").text == "home"
    assert ask(app, "/missing").status_code == 404


def test_static_files_are_public(app, tmp_path):
    (tmp_path / "a.css").write_text("p {}")
    shop = Blueprint("shop", __name__, static_folder=str(tmp_path), static_url_path="/shop-static")
    app.register_blueprint(shop)
    assert ask(app, "/shop-static/a.css").status_code == 200


def test_marks_work_on_async_views_and_through_proper_decorators(app):
    def loud(view):
        @wraps(view)
        def wrapper(*args, **kwargs):
            return view(*args, **kwargs)

        return wrapper

    @app.get("/async")
    @allow
    async def soon():
        return "soon"

    @app.get("/wrapped")
    @loud
    @allow("reader")
    def wrapped():
        return "wrapped"

    app.person = READER
    assert ask(app, "/async").text == "soon"
    assert ask(app, "/wrapped").text == "wrapped"
    app.person = None
    assert ask(app, "/async").status_code == 401


def test_a_view_class_is_marked_as_a_whole_by_decorators_or_by_method(app):
    @allow("admin")
    class Whole(MethodView):
        def get(self):
            return "whole"

        @permit("notes:read")
        def post(self):
            return "post"

    class Decorated(MethodView):
        decorators = [allow("admin")]

        def get(self):
            return "decorated"

    app.add_url_rule("/whole", view_func=Whole.as_view("whole"))
    app.add_url_rule("/decorated", view_func=Decorated.as_view("decorated"))
    app.person = ADMIN
    assert ask(app, "/whole").text == "whole"
    assert ask(app, "/decorated").text == "decorated"
    app.person = READER
    assert ask(app, "/whole").status_code == 403
    assert ask(app, "/decorated").status_code == 403
    assert ask(app, "/whole", "POST").text == "post"


def test_other_peoples_blueprints_are_declared_as_a_whole(app):
    admin = Blueprint("admin", __name__)
    admin.add_url_rule("/panel", "panel", lambda: "panel")
    admin.add_url_rule("/help", "help", lambda: "help")
    app.register_blueprint(admin)
    app.hood.declare(admin, allow("admin"))
    app.hood.declare("admin.help", public)
    assert ask(app, "/panel").status_code == 401
    assert ask(app, "/help").text == "help"
    app.person = ADMIN
    assert ask(app, "/panel").text == "panel"


def test_a_team_that_moves_over_can_be_warned_first(caplog):
    app = Flask("notebook")
    app.testing = True
    Fumehood(app, settings={"undeclared": "warn"})
    app.add_url_rule("/old", "old", lambda: "old")
    assert ask(app, "/old").text == "old"
    assert "open to everybody" in caplog.text


def test_two_apps_in_one_process_keep_their_own_declarations(app):
    other = Flask("other")
    other.testing = True
    Fumehood(other, identity=lambda: ADMIN)
    for one in (app, other):
        one.add_url_rule("/reports", "reports", allow("admin")(lambda: "reports"))
    assert ask(app, "/reports").status_code == 401
    assert ask(other, "/reports").status_code == 200


def test_an_app_that_has_flask_login_already_is_understood():
    from flask_login import LoginManager, UserMixin, login_user

    class Account(UserMixin):
        id = "7"
        username = "ada"
        roles = ("admin",)

    app = Flask("notebook")
    app.testing = True
    manager = LoginManager(app)
    manager.user_loader(lambda _key: Account())
    Fumehood(app)
    app.add_url_rule("/reports", "reports", allow("admin")(lambda: "reports"))
    app.add_url_rule("/enter", "enter", public(lambda: str(login_user(Account()))), methods=["POST"])
    browser = app.test_client()
    assert browser.get("/reports", base_url=HOST).status_code == 401
    browser.post("/enter", base_url=HOST, headers={"Sec-Fetch-Site": "same-origin"})
    assert browser.get("/reports", base_url=HOST).text == "reports"
