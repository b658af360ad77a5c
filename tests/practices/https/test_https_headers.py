"""Every answer carries the headers that make a browser refuse what an attacker wants of it."""

from __future__ import annotations

import re

import pytest
from flask import Response, abort, jsonify, render_template_string, send_file, session, stream_template_string
from flask.views import MethodView

from fumehood import ConfigurationError, Fumehood, public
from fumehood.practices.https.csp import Policy
from hooded import HTTPS, browser, hooded_app

PAGE = '<script nonce="{{ csp_nonce() }}">1</script><style nonce="{{ csp_nonce() }}"></style>'


@pytest.fixture
def app(tmp_path):
    app = hooded_app(tmp_path)
    app.add_url_rule("/", "page", public(lambda: "hello"))
    app.add_url_rule("/json", "json", public(lambda: jsonify(1)))
    app.add_url_rule("/nonce", "nonce", public(lambda: render_template_string(PAGE)))
    app.add_url_rule("/stream", "stream", public(lambda: Response(stream_template_string("{{ 1 }}" + PAGE))))
    app.add_url_rule("/broken", "broken", public(lambda: abort(500)))
    return app


def get(app, path, **more):
    return browser(app).get(path, base_url=HTTPS, **more)


@pytest.mark.parametrize("path", ["/", "/json", "/nowhere", "/broken"])
def test_every_answer_has_them_all(app, path):
    sent = get(app, path).headers
    policy = sent["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "object-src 'none'; base-uri 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert sent["Strict-Transport-Security"] == "max-age=63072000; includeSubDomains"
    assert sent["X-Content-Type-Options"] == "nosniff"
    assert sent["X-Frame-Options"] == "DENY"
    assert sent["Referrer-Policy"] == "strict-origin-when-cross-origin"
    assert sent["Cross-Origin-Opener-Policy"] == "same-origin"
    assert sent["Cross-Origin-Resource-Policy"] == "same-origin"
    assert sent["Cross-Origin-Embedder-Policy"] == "credentialless"
    assert "camera=()" in sent["Permissions-Policy"]
    assert "require-trusted-types-for 'script'" in sent["Content-Security-Policy-Report-Only"]


def test_no_header_is_sent_twice(app):
    names = [name.lower() for name, _ in get(app, "/nonce").headers]
    assert sorted(names) == sorted(set(names))


class TestNonce:
    def test_is_named_in_the_policy_of_a_page_that_asked(self, app):
        answer = get(app, "/nonce")
        (nonce,) = set(re.findall('nonce="([^"]+)"', answer.text))
        assert answer.headers["Content-Security-Policy"].count(f"'self' 'nonce-{nonce}'") == 2

    def test_differs_in_every_answer(self, app):
        assert get(app, "/nonce").text != get(app, "/nonce").text

    def test_is_not_made_for_those_who_did_not_ask(self, app):
        assert "nonce" not in get(app, "/").headers["Content-Security-Policy"]

    def test_reaches_a_template_that_is_written_after_the_headers(self, app):
        answer = get(app, "/stream")
        (nonce,) = set(re.findall('nonce="([^"]+)"', answer.text))
        assert f"'nonce-{nonce}'" in answer.headers["Content-Security-Policy"]


class TestOverrides:
    def test_one_route_may_load_pictures_from_elsewhere(self, app):
        @app.get("/gallery")
        @Fumehood.headers(csp={"img-src": ["'self'", "https://img.example"]})
        @public
        def gallery():
            return "x"

        policy = get(app, "/gallery").headers["Content-Security-Policy"]
        assert "img-src 'self' https://img.example;" in policy
        assert "script-src 'self';" in policy
        assert "img.example" not in get(app, "/").headers["Content-Security-Policy"]

    def test_one_route_may_be_framed_by_the_site_itself(self, app):
        app.add_url_rule("/framed", "framed", Fumehood.headers(frame_ancestors="'self'")(public(lambda: "x")))
        sent = get(app, "/framed").headers
        assert "frame-ancestors 'self'" in sent["Content-Security-Policy"]
        assert sent["X-Frame-Options"] == "SAMEORIGIN"

    def test_one_method_of_a_view_class(self, app):
        class Widget(MethodView):
            decorators = [public]

            @Fumehood.headers(corp="cross-origin")
            def get(self):
                return "x"

            def post(self):
                return "x"

        app.add_url_rule("/widget", view_func=Widget.as_view("widget"))
        assert get(app, "/widget").headers["Cross-Origin-Resource-Policy"] == "cross-origin"
        answer = browser(app).post("/widget", base_url=HTTPS, headers={"Sec-Fetch-Site": "same-origin"})
        assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"

    def test_a_header_that_the_view_set_itself_stays(self, app):
        app.add_url_rule("/own", "own", public(lambda: ("x", {"content-security-policy": "sandbox"})))
        assert get(app, "/own").headers.getlist("Content-Security-Policy") == ["sandbox"]

    def test_an_async_view(self, app):
        @app.get("/async")
        @Fumehood.headers(referrer_policy="no-referrer")
        @public
        async def later():
            return "x"

        assert get(app, "/async").headers["Referrer-Policy"] == "no-referrer"


class TestCaching:
    @pytest.fixture
    def person(self, app):
        def enter():
            session["user_id"] = 1
            return "x"

        app.add_url_rule("/in", "in", public(enter))
        app.add_url_rule("/mine", "mine", public(lambda: str(session.get("user_id"))))
        app.add_url_rule("/file", "file", public(lambda: send_file(__file__) if session else ""))
        app.add_url_rule(
            "/kept", "kept", public(lambda: (str(len(session)), {"Cache-Control": "private, max-age=60"}))
        )
        decided = Fumehood.headers(cache_control="private, max-age=300")(
            public(lambda: str(session.get("user_id")))
        )
        app.add_url_rule("/route", "route", decided)
        client = browser(app)
        client.get("/in", base_url=HTTPS)
        return client

    @pytest.mark.parametrize("path", ["/mine", "/file"])
    def test_a_page_of_somebody_signed_in_is_kept_nowhere(self, person, path):
        with person.get(path, base_url=HTTPS) as answer:
            assert answer.headers.getlist("Cache-Control") == ["no-store"]

    def test_a_page_that_did_not_look_at_the_session_may_be_kept(self, person):
        answer = person.get("/", base_url=HTTPS)
        assert "Cache-Control" not in answer.headers
        assert "Vary" not in answer.headers

    def test_a_view_may_decide_otherwise(self, person):
        assert person.get("/kept", base_url=HTTPS).headers["Cache-Control"] == "private, max-age=60"

    def test_a_route_may_decide_otherwise(self, person):
        assert person.get("/route", base_url=HTTPS).headers["Cache-Control"] == "private, max-age=300"


class TestSettings:
    def test_report_only_for_the_first_days(self, tmp_path):
        app = hooded_app(tmp_path, {"csp_report_only": True})
        sent = get(app, "/x").headers
        assert "Content-Security-Policy" not in sent
        assert "default-src 'none'" in sent["Content-Security-Policy-Report-Only"]

    def test_values_come_from_the_environment_too(self, tmp_path, monkeypatch):
        monkeypatch.setenv(
            "FLASK_FUMEHOOD_CSP", '{"font-src": "\'self\' https://fonts.example", "media-src": null}'
        )
        monkeypatch.setenv("FLASK_FUMEHOOD_HSTS_SECONDS", "0")
        from hooded import bare_app

        app = bare_app(tmp_path)
        app.config.from_prefixed_env()
        Fumehood(app)
        sent = get(app, "/x").headers
        assert "font-src 'self' https://fonts.example;" in sent["Content-Security-Policy"]
        assert "media-src" not in sent["Content-Security-Policy"]
        assert "Strict-Transport-Security" not in sent

    @pytest.mark.parametrize(
        ("settings", "says"),
        [
            ({"csp": {"scrpt-src": "'self'"}}, "did you mean 'script-src'"),
            ({"csp": {"script-src": ["self"]}}, "with its quotes"),
            ({"csp": {"img-src": ["https://a.example; script-src *"]}}, "without spaces"),
            ({"csp": {"script-src": ["'nonce-abc'"]}}, "csp_nonce"),
            ({"hsts_preload": True, "hsts_subdomains": False}, "FUMEHOOD_HSTS_SUBDOMAINS"),
            ({"permissions_policy": {"camera": "self"}}, "parentheses"),
            ({"csp_report_url": "http://collector.example"}, "https://"),
            ({"coop": "none"}, "one of"),
            ({"health_paths": ["healthz"]}, "begin with"),
        ],
    )
    def test_what_no_browser_understands_stops_the_start(self, tmp_path, settings, says):
        with pytest.raises(ConfigurationError, match=says):
            hooded_app(tmp_path, settings)

    def test_a_decorator_is_checked_where_it_stands(self):
        with pytest.raises(ConfigurationError, match="with its quotes"):
            Fumehood.headers(csp={"script-src": "unsafe-inline"})

    def test_unsafe_inline_by_name_is_not_undone_by_a_nonce(self):
        policy = Policy({"style-src": "'self' 'unsafe-inline'"})
        assert "style-src 'self' 'unsafe-inline';" in policy.with_nonce("abc")
        assert "script-src 'self' 'nonce-abc';" in policy.with_nonce("abc")

    def test_none_gives_way_to_a_nonce(self):
        assert "script-src 'nonce-abc';" in Policy({"script-src": "'none'"}).with_nonce("abc")


def test_plain_http_carries_neither_hsts_nor_upgrades(tmp_path):
    app = hooded_app(tmp_path)
    sent = browser(app, peer="127.0.0.1").get("/", base_url="http://localhost").headers
    assert "Strict-Transport-Security" not in sent
    assert "upgrade-insecure-requests" not in sent["Content-Security-Policy"]


class TestCookiesOfViews:
    @pytest.mark.parametrize(
        ("flags", "sent"),
        [
            ({}, "Path=/; Secure; SameSite=Lax"),
            ({"samesite": "Strict", "httponly": True}, "HttpOnly; Path=/; SameSite=Strict; Secure"),
            ({"secure": True, "samesite": "None"}, "Secure; Path=/; SameSite=None"),
            ({"path": "/secure/samesite"}, "Path=/secure/samesite; Secure; SameSite=Lax"),
        ],
    )
    def test_flags_that_a_view_forgot_are_completed(self, app, flags, sent):
        def view():
            response = Response("x")
            response.set_cookie("secure_samesite", "1", **flags)
            return response

        app.add_url_rule("/cookie", "cookie", public(view))
        assert get(app, "/cookie").headers["Set-Cookie"] == f"secure_samesite=1; {sent}"

    def test_plain_http_here_gets_no_secure_cookie(self, app):
        app.add_url_rule("/cookie", "cookie", public(lambda: ("x", {"Set-Cookie": "a=1"})))
        local = browser(app, peer="127.0.0.1")
        assert local.get("/cookie", base_url="http://localhost").headers["Set-Cookie"] == "a=1; SameSite=Lax"
