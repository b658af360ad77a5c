"""Nothing of a site crosses a network unencrypted, and nobody is sent to somebody else's host."""

from __future__ import annotations

import logging

import pytest
from flask import request

from fumehood import ConfigurationError, public
from fumehood.practices.https.transport import is_loopback
from hooded import HOST, HTTP, HTTPS, browser, hooded_app


@pytest.fixture
def app(tmp_path):
    return with_views(hooded_app(tmp_path))


def with_views(app):
    @app.route("/", methods=["GET", "POST"])
    @app.get("/healthz", endpoint="healthz")
    @public
    def where():
        return {"address": request.remote_addr, "secure": request.is_secure}

    return app


class TestStopped:
    def test_a_page_asked_for_over_plain_http_is_sent_to_https(self, app):
        answer = browser(app).get("/?page=2", base_url=HTTP)
        assert (answer.status_code, answer.location) == (308, f"{HTTPS}/?page=2")
        assert answer.headers["Cache-Control"] == "no-store"
        assert "Strict-Transport-Security" not in answer.headers

    def test_nobody_is_redirected_to_a_host_that_is_not_ours(self, app):
        answer = browser(app).get("/", base_url="http://evil.example")
        assert answer.status_code == 400
        assert answer.location is None

    def test_without_known_hosts_a_page_is_refused_rather_than_redirected_anywhere(self, tmp_path):
        app = with_views(hooded_app(tmp_path, TRUSTED_HOSTS=None))
        answer = browser(app).get("/", base_url="http://whatever.example")
        assert answer.location is None
        assert answer.status_code in {400, 403}

    def test_data_sent_in_the_clear_is_refused_not_redirected(self, app):
        answer = browser(app).post("/", base_url=HTTP, data={"password": "x"})
        assert answer.status_code == 403
        assert answer.location is None

    def test_credentials_sent_in_the_clear_are_refused_not_redirected(self, app):
        answer = browser(app).get("/", base_url=HTTP, headers={"Authorization": "Bearer x"})
        assert answer.status_code == 403

    def test_a_forged_x_forwarded_proto_is_not_believed(self, app):
        forged = {"X-Forwarded-Proto": "https", "X-Forwarded-Ssl": "on", "Forwarded": "proto=https"}
        assert browser(app).get("/", base_url=HTTP, headers=forged).status_code == 308

    def test_a_host_of_loopback_from_another_machine_does_not_open_plain_http(self, app):
        assert browser(app).get("/", base_url="http://localhost").status_code == 308

    def test_a_proxy_on_this_machine_does_not_make_everybody_local(self, app):
        assert browser(app, peer="127.0.0.1").get("/", base_url=HTTP).status_code == 308

    def test_a_path_of_two_slashes_stays_on_this_host(self, app):
        answer = browser(app).get(
            "/", base_url=HTTP, environ_overrides={"PATH_INFO": "//evil.example/@a\r\nX: y"}
        )
        assert answer.location.startswith(f"{HTTPS}/evil.example/@a%0D%0AX")

    def test_a_client_cannot_write_its_own_address(self, tmp_path):
        app = with_views(hooded_app(tmp_path, {"proxies": 1}))
        heard = {"X-Forwarded-For": "127.0.0.1, 198.51.100.9", "X-Forwarded-Proto": "https"}
        assert (
            browser(app, peer="10.0.0.1").get("/", base_url=HTTP, headers=heard).json["address"]
            == "198.51.100.9"
        )

    def test_a_client_cannot_choose_the_host_through_a_proxy(self, tmp_path):
        app = with_views(hooded_app(tmp_path, {"proxies": 1}))
        heard = {
            "X-Forwarded-For": "198.51.100.9",
            "X-Forwarded-Proto": "http",
            "X-Forwarded-Host": "evil.example",
        }
        answer = browser(app, peer="10.0.0.1").get("/", base_url=HTTP, headers=heard)
        assert answer.location == f"{HTTPS}/"


class TestLetThrough:
    def test_a_page_over_https(self, app):
        answer = browser(app).get("/", base_url=HTTPS)
        assert answer.json == {"address": "192.0.2.7", "secure": True}

    @pytest.mark.parametrize("host", ["http://localhost", "http://127.0.0.1:5000"])
    def test_plain_http_on_this_machine(self, app, host):
        assert browser(app, peer="127.0.0.1").get("/", base_url=host).status_code == 200

    def test_a_test_client_in_testing_whatever_its_host(self, tmp_path):
        app = with_views(hooded_app(tmp_path, TESTING=True))
        assert app.test_client().get("/", base_url=HTTP).status_code == 200

    def test_a_health_check_by_address_over_plain_http(self, tmp_path):
        app = with_views(hooded_app(tmp_path, {"health_paths": ["/healthz"]}))
        probe = browser(app, peer="10.0.0.1")
        assert probe.get("/healthz", base_url="http://10.0.0.7:8000").status_code == 200
        assert probe.get("/", base_url="http://10.0.0.7:8000").status_code == 400

    def test_a_declared_proxy_that_spoke_tls_for_us(self, tmp_path):
        app = with_views(hooded_app(tmp_path, {"proxies": 2}))
        heard = {"X-Forwarded-For": "203.0.113.5, 198.51.100.9", "X-Forwarded-Proto": "https"}
        answer = browser(app, peer="10.0.0.1").get("/", base_url=HTTP, headers=heard)
        assert answer.json == {"address": "203.0.113.5", "secure": True}

    def test_plain_http_where_the_app_asked_for_it_by_name(self, tmp_path):
        app = with_views(hooded_app(tmp_path, {"https": False}))
        assert browser(app).get("/", base_url=HTTP).status_code == 200


def test_a_proxy_that_nobody_declared_is_named_in_the_log(app, caplog):
    with caplog.at_level(logging.WARNING, "fumehood"):
        browser(app, peer="127.0.0.1").post("/", base_url=HTTP, headers={"X-Forwarded-Proto": "https"})
    assert "FUMEHOOD_PROXIES" in caplog.text


@pytest.mark.parametrize(
    "host", ["localhost", "a.localhost:5000", "127.0.0.1", "127.3.2.1:80", "[::1]:8443", "[::ffff:127.0.0.1]"]
)
def test_loopback_is_known_in_all_its_forms(host):
    assert is_loopback(host)


@pytest.mark.parametrize(
    "host",
    ["", "0.0.0.0", "localhost.evil.example", "127.0.0.1.evil.example", "10.0.0.1", "[::]", HOST, "[::1"],
)
def test_what_only_looks_like_loopback_is_not(host):
    assert not is_loopback(host)


class TestDebugMode:
    def test_run_on_an_address_that_others_reach_stops(self, tmp_path):
        app = hooded_app(tmp_path, {"mode": "development"})
        with pytest.raises(ConfigurationError, match=r"debug mode on 0\.0\.0\.0.*127\.0\.0\.1"):
            app.run(host="0.0.0.0", debug=True)

    def test_flask_run_on_such_an_address_stops(self, tmp_path, monkeypatch):
        monkeypatch.setenv("FLASK_RUN_FROM_CLI", "true")
        monkeypatch.setenv("FLASK_RUN_HOST", "0.0.0.0")
        with pytest.raises(ConfigurationError, match="debug mode"):
            hooded_app(tmp_path, DEBUG=True)

    def test_another_machine_is_refused_under_any_server(self, tmp_path):
        app = with_views(hooded_app(tmp_path, DEBUG=True))
        assert browser(app).get("/", base_url=HTTPS).status_code == 403

    def test_this_machine_may_debug(self, tmp_path):
        app = with_views(hooded_app(tmp_path, DEBUG=True))
        assert browser(app, peer="127.0.0.1").get("/", base_url="http://127.0.0.1:5000").status_code == 200

    def test_run_on_loopback_runs(self, tmp_path, monkeypatch):
        ran = []
        monkeypatch.setattr("werkzeug.serving.run_simple", lambda host, *args, **options: ran.append(host))
        hooded_app(tmp_path, {"mode": "development"}).run(debug=True)
        assert ran == ["127.0.0.1"]

    def test_run_without_debug_takes_any_address(self, tmp_path, monkeypatch):
        ran = []
        monkeypatch.setattr("werkzeug.serving.run_simple", lambda host, *args, **options: ran.append(host))
        hooded_app(tmp_path).run(host="0.0.0.0", debug=False)
        assert ran == ["0.0.0.0"]
