"""One line secures an application, however the application is made."""

from __future__ import annotations

import asyncio
import subprocess
import sys

import pytest
from flask import Blueprint, Flask, session
from flask.views import MethodView

import fumehood
from fumehood import ConfigurationError, Fumehood, allow, public
from fumehood.findings import PRACTICES
from fumehood.practices.interface import installed
from hooded import HTTPS, SAME_ORIGIN, bare_app, browser, hooded_app


class TestInstallation:
    def test_a_factory_installs_it_later(self, tmp_path):
        hood = Fumehood()
        app = bare_app(tmp_path)
        hood.init_app(app)
        assert "Content-Security-Policy" in browser(app).get("/", base_url=HTTPS).headers

    def test_all_ten_guards_are_there(self, tmp_path):
        app = hooded_app(tmp_path)
        assert {practice.name for practice in PRACTICES} <= set(app.extensions["fumehood"].guards)

    def test_one_hood_serves_several_apps_that_share_nothing(self, tmp_path):
        hood = Fumehood()
        apps = [
            bare_app(tmp_path / name, FUMEHOOD_COOP=coop)
            for name, coop in (("a", "same-origin"), ("b", "unsafe-none"))
        ]
        for app in apps:
            hood.init_app(app)
        one, two = (
            browser(app).get("/", base_url=HTTPS).headers["Cross-Origin-Opener-Policy"] for app in apps
        )
        assert (one, two) == ("same-origin", "unsafe-none")
        keys = {app.extensions["fumehood"].keyring.current for app in apps}
        assert len(keys) == 2

    def test_a_session_of_one_app_is_worth_nothing_in_another(self, tmp_path):
        apps = [hooded_app(tmp_path / name) for name in "ab"]
        for app in apps:
            app.add_url_rule("/in", "in", public(lambda: session.update(user_id=1) or "in"))
            app.add_url_rule("/who", "who", public(lambda: str(session.get("user_id"))))
        here, there = map(browser, apps)
        here.get("/in", base_url=HTTPS)
        cookie = here.get_cookie("__Host-session", domain="notes.example")
        there.set_cookie(cookie.key, cookie.value, domain="notes.example")
        assert there.get("/who", base_url=HTTPS).text == "None"

    def test_the_guards_come_before_the_apps_own_hooks(self, tmp_path):
        app = bare_app(tmp_path)
        seen = []
        app.before_request(lambda: seen.append("the app's"))
        Fumehood(app)
        app.add_url_rule("/", "page", public(lambda: "x"), methods=["POST"])
        assert browser(app).post("/", base_url=HTTPS).status_code == 403
        assert not seen

    def test_routes_made_before_and_after_are_guarded(self, tmp_path):
        app = bare_app(tmp_path)
        app.add_url_rule("/before", "before", lambda: "x")
        Fumehood(app)
        app.add_url_rule("/after", "after", lambda: "x")
        client = browser(app)
        assert [client.get(path, base_url=HTTPS).status_code for path in ("/before", "/after")] == [403, 403]


class TestWrongOrder:
    def test_twice(self, tmp_path):
        app = hooded_app(tmp_path)
        with pytest.raises(ConfigurationError, match="has a hood already"):
            Fumehood(app)

    def test_after_the_first_request(self, tmp_path):
        app = bare_app(tmp_path)
        app.test_client().get("/")
        with pytest.raises(ConfigurationError, match="before the first"):
            Fumehood(app)

    def test_on_something_else(self):
        with pytest.raises(ConfigurationError, match="not a str"):
            Fumehood("app")

    def test_a_hood_that_failed_tells_the_same_again(self, tmp_path):
        app = bare_app(tmp_path, FUMEHOOD_HSTS_PRELOAD=True, FUMEHOOD_HSTS_SECONDS=60)
        for _ in range(2):
            with pytest.raises(ConfigurationError, match="FUMEHOOD_HSTS_PRELOAD"):
                Fumehood(app)

    def test_asking_for_a_hood_that_is_not_there(self, tmp_path):
        with pytest.raises(RuntimeError, match=r"call Fumehood\(app\)"):
            installed(bare_app(tmp_path))


class TestKindsOfViews:
    @pytest.fixture
    def app(self, tmp_path):
        return hooded_app(tmp_path)

    def test_blueprints(self, app):
        shop = Blueprint("shop", __name__, url_prefix="/shop")
        shop.add_url_rule("/open", "open", public(lambda: "x"))
        shop.add_url_rule("/closed", "closed", allow(lambda: "x"))
        app.register_blueprint(shop)
        assert browser(app).get("/shop/open", base_url=HTTPS).status_code == 200
        assert browser(app).get("/shop/closed", base_url=HTTPS).status_code in {302, 303, 401}

    def test_view_classes(self, app):
        class Notes(MethodView):
            decorators = [public]

            def get(self):
                return "got"

            def post(self):
                return "made"

        app.add_url_rule("/notes", view_func=Notes.as_view("notes"))
        client = browser(app)
        assert client.get("/notes", base_url=HTTPS).text == "got"
        assert client.post("/notes", base_url=HTTPS, headers=SAME_ORIGIN).text == "made"
        assert client.post("/notes", base_url=HTTPS).status_code == 403

    def test_async_views(self, app):
        @app.post("/later")
        @Fumehood.public
        async def later():
            await asyncio.sleep(0)
            session["seen"] = True
            return "x"

        assert browser(app).post("/later", base_url=HTTPS, headers=SAME_ORIGIN).text == "x"
        assert browser(app).post("/later", base_url=HTTPS).status_code == 403

    def test_errors_of_the_app_carry_the_headers_too(self, app):
        @app.get("/broken")
        @public
        def broken():
            raise RuntimeError("s3cret")

        answer = browser(app).get("/broken", base_url=HTTPS)
        assert answer.status_code == 500
        assert "s3cret" not in answer.text
        assert "Content-Security-Policy" in answer.headers


class TestPublicNames:
    def test_every_exported_name_is_there(self):
        assert sorted(fumehood.__all__) == list(fumehood.__all__)
        for name in fumehood.__all__:
            assert getattr(fumehood, name) is not None

    def test_every_lazy_name_is_exported(self):
        assert set(fumehood._LAZY) <= set(fumehood.__all__)

    def test_a_name_that_is_not_there_is_not_made_up(self):
        with pytest.raises(AttributeError, match="has no attribute 'publik'"):
            _ = fumehood.publik

    @pytest.mark.parametrize("name", ["public", "allow", "permit", "accepts", "headers", "csrf_exempt"])
    def test_the_decorators_are_on_the_hood_too(self, name):
        assert getattr(Fumehood, name) is getattr(fumehood, name)

    def test_importing_it_stays_light(self):
        code = (
            "import sys, fumehood;"
            "print(*sorted({name.partition('.')[0] for name in sys.modules}"
            " & {'sqlalchemy', 'pydantic', 'nh3', 'cryptography', 'flask_wtf', 'wtforms', 'flask_security', 'libcst', 'rich', 'boto3', 'redis'}))"
        )
        loaded = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True
        ).stdout.split()
        assert loaded == []

    def test_production_loads_no_rule_and_no_engine_but_sinks(self):
        code = "import sys, fumehood; print(*[n for n in sys.modules if '.rules' in n or n.startswith('fumehood.engines.')])"
        loaded = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True
        ).stdout.split()
        assert [
            name
            for name in loaded
            if name.startswith("fumehood") and not name.startswith("fumehood.engines.sinks")
        ] == []


def test_flask_is_all_that_an_app_needs(tmp_path):
    app = Flask("notes", instance_path=str(tmp_path / "instance"))
    hood = Fumehood(app)

    @app.get("/")
    @hood.public
    def home():
        return "hello"

    assert app.test_client().get("/").text == "hello"
