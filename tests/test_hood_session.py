"""Flask's session, read only when it is touched, signed with keys that rotate."""

from __future__ import annotations

import datetime as dt
import json
import uuid
from datetime import timedelta

import pytest
from flask import Flask, flash, get_flashed_messages, session
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from itsdangerous import BadSignature

from fumehood import public
from fumehood.practices.secrets.session import Session, UnreadSession
from hooded import HOST, HTTPS, browser, hooded_app

COOKIE = "__Host-session"


@pytest.fixture
def app(tmp_path):
    app = hooded_app(tmp_path)

    def enter():
        session["user_id"] = 7
        return "in"

    app.add_url_rule("/in", "in", public(enter))
    app.add_url_rule("/out", "out", public(lambda: session.clear() or "out"))
    app.add_url_rule("/who", "who", public(lambda: str(session.get("user_id"))))
    app.add_url_rule("/page", "page", public(lambda: "page"))
    app.add_url_rule("/flash", "flash", public(lambda: flash("saved") or "x"))
    app.add_url_rule("/flashed", "flashed", public(lambda: ", ".join(get_flashed_messages())))

    def stay():
        session.permanent = True
        session["user_id"] = 7
        return "in"

    app.add_url_rule("/stay", "stay", public(stay))
    return app


@pytest.fixture
def client(app):
    return browser(app)


def get(client, path):
    return client.get(path, base_url=HTTPS)


def cookie(client):
    return client.get_cookie(COOKIE, domain=HOST)


class TestAsEver:
    def test_it_is_kept_from_one_request_to_the_next(self, client):
        get(client, "/in")
        assert get(client, "/who").text == "7"

    def test_its_cookie_is_the_hosts_own(self, client):
        (sent,) = get(client, "/in").headers.getlist("Set-Cookie")
        assert sent.startswith(f"{COOKIE}=")
        assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} == set(sent.split("; ")[1:])

    def test_it_is_gone_when_it_was_emptied(self, client):
        get(client, "/in")
        get(client, "/out")
        assert cookie(client) is None

    def test_flashes_are_shown_once(self, client):
        get(client, "/flash")
        assert get(client, "/flashed").text == "saved"
        assert get(client, "/flashed").text == ""

    def test_a_permanent_one_expires_and_is_refreshed_when_used(self, app, client):
        get(client, "/stay")
        first = cookie(client).expires
        assert first - dt.datetime.now(dt.UTC) > timedelta(days=30)
        assert COOKIE in get(client, "/who").headers["Set-Cookie"]
        app.config["SESSION_REFRESH_EACH_REQUEST"] = False
        assert "Set-Cookie" not in get(client, "/who").headers

    def test_a_test_can_look_into_it_and_change_it(self, client):
        with client.session_transaction(base_url=HTTPS) as inside:
            inside["user_id"] = 9
        assert get(client, "/who").text == "9"
        with client.session_transaction(base_url=HTTPS) as inside:
            assert inside["user_id"] == 9

    def test_tests_need_not_say_https(self, app):
        client = app.test_client()
        client.get("/in")
        with client.session_transaction() as inside:
            assert inside["user_id"] == 7

    def test_types_of_its_own_survive(self, app):
        kept = {
            "at": dt.datetime(2026, 11, 24, tzinfo=dt.UTC),
            "id": uuid.UUID(int=7),
            "pair": (1, b"2"),
        }
        interface = app.session_interface
        value = interface.get_signing_serializer(app).dumps(kept | {"nested": {" t": [1]}})
        assert interface._loads(value, app) == kept | {"nested": {" t": [1]}}

    def test_plain_http_on_this_machine_has_a_session_that_https_does_not_believe(self, app):
        local = browser(app, peer="127.0.0.1")
        (sent,) = local.get("/in", base_url="http://localhost").headers.getlist("Set-Cookie")
        assert sent.startswith("session=")
        assert "Secure" not in sent
        assert local.get("/who", base_url="http://localhost").text == "7"
        assert local.get("/who", base_url="https://localhost").text == "None"


class TestOnlyWhenTouched:
    def test_a_page_that_does_not_look_costs_and_says_nothing(self, app, client, monkeypatch):
        get(client, "/in")
        monkeypatch.setattr(
            type(app.session_interface), "_loads", lambda *args: pytest.fail("the cookie was read")
        )
        sent = get(client, "/page").headers
        assert "Vary" not in sent
        assert "Set-Cookie" not in sent

    def test_a_page_that_looks_varies_with_the_cookie(self, client):
        assert get(client, "/who").headers["Vary"] == "Cookie"

    @pytest.mark.parametrize(
        "touch",
        [
            lambda s: s["user_id"],
            lambda s: s.get("user_id"),
            lambda s: next(iter(s)) and 7,
            lambda s: dict(s)["user_id"],
            lambda s: dict(**s)["user_id"],
            lambda s: {**s}["user_id"],
            lambda s: next(iter(s.values())),
            lambda s: s.copy()["user_id"],
            lambda s: (s | {})["user_id"],
            lambda s: ({} | s)["user_id"],
            lambda s: s.pop("user_id"),
            lambda s: s.popitem()[1],
            lambda s: s.setdefault("user_id", 8),
            lambda s: json.loads(json.dumps(dict(s)))["user_id"],
            lambda s: len(s) * 7,
            lambda s: 7 if s else 0,
            lambda s: 7 if "user_id" in s else 0,
            lambda s: 7 if s == {"user_id": 7} else 0,
            lambda s: 7 if repr(s).find("'user_id': 7") >= 0 else 0,
            lambda s: 7 if s.permanent is False and s["user_id"] else 0,
        ],
    )
    def test_every_way_of_looking_reads_it(self, app, touch):
        unread = UnreadSession(lambda request: {"user_id": 7}, None)
        assert touch(unread) == 7
        assert type(unread) is Session
        assert unread.accessed

    def test_changing_it_unread_keeps_what_was_in_it(self):
        unread = UnreadSession(lambda request: {"user_id": 7}, None)
        unread["colour"] = "red"
        assert unread == {"user_id": 7, "colour": "red"}
        assert unread.modified

    def test_looking_is_not_changing(self):
        unread = UnreadSession(lambda request: {"user_id": 7}, None)
        assert unread["user_id"] == 7
        assert not unread.modified

    def test_saying_that_it_changed_writes_it(self, app, client):
        get(client, "/in")

        def nested():
            session.modified = True
            return "x"

        app.view_functions["page"] = public(nested)
        app.extensions["fumehood"].guards["access"]._policies.clear()
        assert COOKIE in get(client, "/page").headers["Set-Cookie"]


class TestSignature:
    def test_a_changed_cookie_is_nobodys(self, client):
        get(client, "/in")
        value = cookie(client).value
        for forged in (
            value[:-2] + "AA",
            "x" + value,
            value.replace(".", "", 1),
            "..",
            "",
            "é.é.é",
            value[::-1],
        ):
            client.set_cookie(COOKIE, forged, domain=HOST)
            assert get(client, "/who").text == "None"

    def test_a_cookie_of_flasks_own_signature_is_nobodys(self, app, client):
        plain = Flask("plain")
        plain.secret_key = app.secret_key
        from flask.sessions import SecureCookieSessionInterface

        forged = SecureCookieSessionInterface().get_signing_serializer(plain).dumps({"user_id": 1})
        client.set_cookie(COOKIE, forged, domain=HOST)
        assert get(client, "/who").text == "None"

    def test_an_old_cookie_is_nobodys(self, app, client):
        get(client, "/in")
        app.permanent_session_lifetime = timedelta(seconds=-1)
        assert get(client, "/who").text == "None"

    def test_nobody_is_logged_out_by_new_keys(self, app, client):
        keyring = app.extensions["fumehood"].keyring
        get(client, "/in")
        before = cookie(client).value
        for _ in range(3):
            keyring.rotate(announce=0)
            assert get(client, "/who").text == "7"
        get(client, "/in")
        assert cookie(client).value.rpartition(".")[2] != before.rpartition(".")[2]

    def test_a_session_of_another_worker_with_a_newer_key_is_known(self, app, client, tmp_path):
        get(client, "/page")  # this worker knows the keys of now
        other = hooded_app(tmp_path)
        other.extensions["fumehood"].keyring.rotate(announce=0)
        signed = other.session_interface.get_signing_serializer(other).dumps({"user_id": 8})
        client.set_cookie(COOKIE, signed, domain=HOST)
        assert get(client, "/who").text == "8"

    @given(
        st.dictionaries(
            st.text(), st.none() | st.booleans() | st.integers() | st.text() | st.binary(), max_size=5
        )
    )
    @hypothesis_settings(
        max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
    )
    def test_reads_what_itsdangerous_reads(self, app, data):
        serializer = app.session_interface.get_signing_serializer(app)
        value = serializer.dumps(data)
        assert serializer.read(value, 60) == serializer.loads(value, max_age=60) == data

    @given(st.text(max_size=60))
    @hypothesis_settings(
        max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
    )
    def test_refuses_what_itsdangerous_refuses(self, app, value):
        serializer = app.session_interface.get_signing_serializer(app)
        with pytest.raises(BadSignature):
            serializer.read(value, 60)


class TestCookieOfTheApp:
    def test_a_name_of_its_own_gets_the_prefix(self, tmp_path):
        assert hooded_app(tmp_path, SESSION_COOKIE_NAME="lab").config["SESSION_COOKIE_NAME"] == "__Host-lab"

    def test_one_that_subdomains_share_cannot_be_the_hosts_own(self, tmp_path):
        app = hooded_app(tmp_path, SESSION_COOKIE_DOMAIN=HOST)
        assert app.config["SESSION_COOKIE_NAME"] == "__Secure-session"

    def test_unsafe_flags_are_mended(self, tmp_path):
        app = hooded_app(tmp_path, SESSION_COOKIE_HTTPONLY=False, SESSION_COOKIE_SECURE=False)
        assert app.config["SESSION_COOKIE_HTTPONLY"]
        assert app.config["SESSION_COOKIE_SECURE"]
        assert app.config["SESSION_COOKIE_SAMESITE"] == "Lax"

    def test_a_stricter_one_stays(self, tmp_path):
        assert (
            hooded_app(tmp_path, SESSION_COOKIE_SAMESITE="Strict").config["SESSION_COOKIE_SAMESITE"]
            == "Strict"
        )

    def test_a_session_interface_of_its_own_stays(self, tmp_path):
        from flask.sessions import SecureCookieSessionInterface

        from fumehood import Fumehood
        from hooded import bare_app

        class Own(SecureCookieSessionInterface):
            pass

        app = bare_app(tmp_path)
        app.session_interface = Own()
        Fumehood(app)
        assert isinstance(app.session_interface, Own)
