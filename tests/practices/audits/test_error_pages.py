"""Error pages: an id for whoever reports the error, never a trace; an application's own pages win."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from flask import Blueprint, Flask, abort, redirect, url_for
from werkzeug.exceptions import HTTPException, NotFound, TooManyRequests
from werkzeug.test import TestResponse

from fumehood.practices.access.declarations import public
from fumehood.practices.audits.pages import incident_of
from fumehood.practices.interface import installed
from hooded import HTTPS, browser, hooded_app

SECRET = "hunter2-in-a-message"


def app_with_errors(folder: Path, **config: object) -> Flask:
    app = hooded_app(folder, **config)

    @app.get("/boom")
    @public
    def boom() -> str:
        raise ValueError(SECRET)

    @app.get("/abort/<int:code>")
    @public
    def aborts(code: int) -> str:
        abort(code)

    @app.get("/said/<int:code>")
    @public
    def said(code: int) -> str:
        abort(code, "<script>No such note</script>")

    @app.get("/wait")
    @public
    def wait() -> str:
        raise TooManyRequests(retry_after=7)

    @app.get("/only-get")
    @public
    def only_get() -> str:
        return "fine"

    @app.get("/away")
    @public
    def away() -> str:
        abort(redirect("/only-get"))

    return app


def ask(app: Flask, path: str, accept: str = "text/html", method: str = "GET") -> TestResponse:
    headers = {"Accept": accept, "Sec-Fetch-Site": "same-origin"}
    return browser(app).open(path, method=method, base_url=HTTPS, headers=headers)


def id_in(page: str) -> str:
    match = re.search(r"<code>([0-9a-f]{16})</code>", page)
    assert match, page
    return match[1]


def test_an_unhandled_error_shows_an_id_and_no_trace(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    app = app_with_errors(tmp_path)
    answer = ask(app, "/boom")
    assert answer.status_code == 500
    for leak in (SECRET, "Traceback", "ValueError", "test_error_pages", "boom"):
        assert leak not in answer.text
    incident = id_in(answer.text)
    assert f"Incident {incident}: exception on '/boom'" in caplog.text
    entry = installed(app).journal.latest(event="error.unhandled")[0]
    assert entry.details["incident"] == incident
    assert entry.details["reason"] == "ValueError"
    assert "test_error_pages.py:" in entry.details["where"]
    assert SECRET not in str(entry)


@pytest.mark.parametrize("code", [400, 401, 403, 404, 405, 409, 410, 413, 415, 418, 422, 429, 500, 501, 503])
def test_each_error_is_a_small_page_that_everybody_can_read(tmp_path: Path, code: int) -> None:
    answer = ask(app_with_errors(tmp_path), f"/abort/{code}")
    assert answer.status_code == code
    assert answer.mimetype == "text/html"
    assert id_in(answer.text)
    for needed in (
        '<html lang="en">',
        "<title>",
        "<h1>",
        "<main>",
        'name="viewport"',
        'content="light dark"',
    ):
        assert needed in answer.text
    for forbidden in ("<script", "<style", "style=", "onclick"):
        assert forbidden not in answer.text


def test_the_pages_style_is_served(tmp_path: Path) -> None:
    app = app_with_errors(tmp_path)
    (style,) = re.findall(r'rel="stylesheet" href="([^"]+)"', ask(app, "/nowhere").text)
    answer = ask(app, style)
    assert answer.status_code == 200
    assert answer.mimetype == "text/css"


@pytest.mark.parametrize(
    "accept", ["application/json", "application/problem+json", "application/json, text/html;q=0.5"]
)
def test_a_client_that_prefers_json_gets_a_problem(tmp_path: Path, accept: str) -> None:
    app = app_with_errors(tmp_path)
    for path, code in (("/boom", 500), ("/nowhere", 404), ("/abort/403", 403)):
        answer = ask(app, path, accept)
        assert answer.mimetype == "application/problem+json"
        assert answer.json["status"] == answer.status_code == code
        assert answer.json["type"] == "about:blank"
        assert answer.json["title"]
        assert re.fullmatch("[0-9a-f]{16}", answer.json["incident"])
        assert SECRET not in answer.text


@pytest.mark.parametrize(
    "accept",
    [
        "text/html",
        "*/*",
        "",
        "text/html, application/json;q=0.9",
        "application/xhtml+xml, application/json;q=0.1",
    ],
)
def test_everybody_else_gets_a_page(tmp_path: Path, accept: str) -> None:
    assert ask(app_with_errors(tmp_path), "/nowhere", accept).mimetype == "text/html"


def test_what_the_application_says_is_shown_escaped(tmp_path: Path) -> None:
    answer = ask(app_with_errors(tmp_path), "/said/404")
    assert "&lt;script&gt;No such note&lt;/script&gt;" in answer.text
    assert "<script" not in answer.text


def test_what_it_says_of_a_server_error_is_not_shown(tmp_path: Path) -> None:
    assert "No such note" not in ask(app_with_errors(tmp_path), "/said/500").text


def test_an_address_is_not_reflected(tmp_path: Path) -> None:
    answer = ask(app_with_errors(tmp_path), "/<script>alert(1)</script>")
    assert "alert" not in answer.text


def test_headers_that_belong_to_an_error_stay(tmp_path: Path) -> None:
    app = app_with_errors(tmp_path)
    assert ask(app, "/wait").headers["Retry-After"] == "7"
    assert "GET" in ask(app, "/only-get", method="PUT").headers["Allow"]
    assert ask(app, "/nowhere").headers["Cache-Control"] == "no-store"


def test_answers_that_are_no_errors_pass(tmp_path: Path) -> None:
    app = app_with_errors(tmp_path)
    assert ask(app, "/only-get").text == "fine"
    assert ask(app, "/away").location == "/only-get"
    assert ask(app, "/only-get", method="HEAD").status_code == 200


def test_the_applications_own_handlers_win(tmp_path: Path) -> None:
    app = app_with_errors(tmp_path)
    app.register_error_handler(404, lambda error: (f"own 404 {incident_of(error)}", 404))
    app.register_error_handler(500, lambda error: (f"own 500 {incident_of(error)}", 500))
    assert re.fullmatch("own 404 [0-9a-f]{16}", ask(app, "/nowhere").text)
    assert re.fullmatch("own 500 [0-9a-f]{16}", ask(app, "/boom").text)
    assert id_in(ask(app, "/abort/403").text)


@pytest.mark.parametrize("kind", [HTTPException, Exception])
def test_a_handler_for_everything_wins(tmp_path: Path, kind: type[Exception]) -> None:
    app = app_with_errors(tmp_path)
    app.register_error_handler(kind, lambda error: ("own", getattr(error, "code", 500)))
    assert ask(app, "/nowhere").text == "own"
    assert ask(app, "/boom").text == "own"


def test_a_blueprints_handler_wins_on_its_own_routes_only(tmp_path: Path) -> None:
    app = hooded_app(tmp_path)
    blueprint = Blueprint("part", __name__, url_prefix="/part")
    blueprint.register_error_handler(404, lambda error: ("part", 404))

    @blueprint.get("/x")
    @public
    def view() -> str:
        raise NotFound

    app.register_blueprint(blueprint)
    assert ask(app, "/part/x").text == "part"
    assert id_in(ask(app, "/nowhere").text)


def test_the_debugger_and_tests_get_the_exception_itself(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=SECRET):
        ask(app_with_errors(tmp_path, TESTING=True, FUMEHOOD_HTTPS=False), "/boom")


def test_an_exception_handed_to_the_server_is_journaled_all_the_same(tmp_path: Path) -> None:
    app = app_with_errors(tmp_path, PROPAGATE_EXCEPTIONS=True)
    with pytest.raises(ValueError, match=SECRET):
        ask(app, "/boom")
    assert installed(app).journal.latest(event="error.unhandled")


def test_a_path_forges_no_log_line(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    app = hooded_app(tmp_path)

    @app.get("/<path:rest>")
    @public
    def view(rest: str) -> str:
        raise ValueError

    ask(app, "/x%0aERROR forged")
    assert "\nERROR forged" not in caplog.messages[-1]
    assert all("\n" not in message for message in caplog.messages)


def test_a_request_for_an_unknown_host_does_not_break_an_own_error_page_that_has_links(
    tmp_path: Path,
) -> None:
    app = app_with_errors(tmp_path)

    @app.errorhandler(HTTPException)
    def own(error: HTTPException) -> tuple[str, int]:
        return f"<a href={url_for('only_get')}>start</a>", error.code or 500

    here = ask(app, "/abort/404")
    assert (here.status_code, here.text) == (404, "<a href=/only-get>start</a>")
    elsewhere = browser(app).get("/only-get", base_url="https://evil.example")
    assert elsewhere.status_code == 400
    assert "does not answer by that name" in elsewhere.text
    assert "Content-Security-Policy" in elsewhere.headers
