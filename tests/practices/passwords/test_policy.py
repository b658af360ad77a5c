"""New passwords that somebody else would guess are refused, with a sentence that says why; all others are welcome."""

from __future__ import annotations

import hashlib
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from fumehood import password_problems
from fumehood.settings import ConfigurationError


@pytest.mark.parametrize(
    ("password", "why"),
    [
        ("short", "at least 15 characters"),
        ("x" * 1025, "at most 1024"),
        ("passwordpassword", "known"),
        ("aaaaaaaaaaaaaaaaaaaa", "guess"),
        ("qwertyuiopasdfghjkl", "guess"),
        ("123456789012345678", "guess"),
        ("ada.lovelace@notes", "made from your name"),
        ("notebook-notebook-1", "name of this site"),
    ],
)
def test_what_is_easily_guessed_is_refused(make_app, password, why):
    with make_app().app_context():
        wrong = password_problems(password, "ada.lovelace@notes.example")
    assert any(why in line for line in wrong), wrong


@pytest.mark.parametrize(
    "password",
    [
        "seven herons on a wire",
        "all lowercase and no digits at all",
        "ÅngströmÅngström blåbærsyltetøy",
        "長いパスワードは安全です、たぶん大丈夫",
        "k7#Vq!mz2Lp@x9Rt",
        "spaces  in   odd    places are fine",
        "long " * 40 + "enough, and with an end",
    ],
)
def test_a_good_password_of_any_kind_is_accepted(make_app, password):
    with make_app().app_context():
        assert password_problems(password, "ada@example.org") == []


def test_the_list_of_known_passwords_holds_below_the_default_length_too(make_app):
    with make_app(password_min_length=8).app_context():
        for known in ("password", "Password123!", "iloveyou", "11111111", "baseball1"):
            assert password_problems(known), known


def test_a_shorter_minimum_than_eight_stops_the_start(make_app):
    with pytest.raises(ConfigurationError, match="at least 8"):
        make_app(password_min_length=6)


class _Ranges(BaseHTTPRequestHandler):
    leaked = "seven herons on a wire"
    asked: list[str] = []

    def do_GET(self):
        type(self).asked.append(self.path)
        digest = hashlib.sha1(self.leaked.encode()).hexdigest().upper()
        body = (
            f"{digest[5:]}:42\r\n{'0' * 35}:0\r\n" if self.path.endswith(digest[:5]) else f"{'0' * 35}:0\r\n"
        )
        self.send_response(200)
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, *_given):
        pass


@pytest.fixture
def ranges():
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Ranges)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    _Ranges.asked = []
    yield f"http://127.0.0.1:{server.server_port}/range"
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_leaked_password_is_refused_and_only_five_characters_of_its_hash_leave(make_app, ranges):
    with make_app(breached_passwords_url=ranges).app_context():
        assert any("breach" in line for line in password_problems(_Ranges.leaked))
        assert password_problems("another row of herons") == []
    assert all(len(path) == len("/range/") + 5 for path in _Ranges.asked)
    assert len(_Ranges.asked) == 2


@pytest.mark.parametrize(("setting", "refused"), [("allow", False), ("refuse", True)])
def test_what_happens_while_the_service_is_down_is_a_setting(make_app, setting, refused):
    app = make_app(breached_passwords_url="http://127.0.0.1:9/range", breached_passwords_unreachable=setting)
    with app.app_context():
        assert bool(password_problems("another row of herons")) is refused


def test_the_range_service_is_asked_over_tls_only(make_app):
    with pytest.raises(ConfigurationError, match="https://"):
        make_app(breached_passwords_url="http://ranges.example/range")
