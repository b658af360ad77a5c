"""A site is looked at over the network: the starter behind nginx is found to be sound, weak ones are told what is weak."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from flask import Flask, Response, redirect, render_template_string, request, session
from markupsafe import escape

from fumehood.audit import Address, AuditResult, audit
from fumehood.cli import fumehood
from fumehood.findings import Certainty
from servers.proxies import Start
from servers.starter import start_starter

Serve = Callable[[Flask], str]


def look(url: str, *, probe: bool = False) -> AuditResult:
    return audit(Path(), address=Address(url, probe))


def run(*arguments: str) -> Result:
    return CliRunner().invoke(fumehood, ["audit", *arguments], prog_name="fumehood")


def flaws(result: AuditResult) -> set[tuple[str, str, str]]:
    return {
        (item.rule, item.route, item.parameter)
        for item in result.findings
        if item.certainty is Certainty.CONFIRMED
    }


def test_the_starter_behind_nginx_has_no_flaw_and_the_best_grade(
    nginx: Start, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with start_starter(
        tmp_path,
        "--proxies",
        "1",
        FUMEHOOD_HOSTS="localhost",
    ) as starter:
        site = nginx(starter.address, domain="localhost")
        monkeypatch.setenv("SSL_CERT_FILE", str(site.authority))
        for url in (site.url, f"http://localhost:{site.http_port}"):
            result = look(url, probe=True)
            # Who may be told of a flaw, the starter cannot know.
            assert [item.rule for item in result.findings] == ["FH1006"]
            assert result.scorecard is not None
            assert (result.scorecard.grade, result.scorecard.points) == ("A+", 160)
            assert [item for item in result.not_covered if item.what == "tls"] == []


def test_old_tls_and_a_certificate_that_nobody_vouches_for_are_told(weak_tls: str) -> None:
    result = look(weak_tls)
    said = {(item.rule, item.message) for item in result.findings}
    assert ("FH361", "The server accepts TLS 1.0.") in said
    assert ("FH361", "The server accepts TLS 1.1.") in said
    assert ("FH361", "The server accepts cipher suites with no forward secrecy.") in said
    assert any(rule == "FH321" and "is not trusted" in message for rule, message in said)
    assert result.scorecard is not None
    assert result.scorecard.grade == "F"


def weak() -> Flask:
    app = Flask("weak")
    app.secret_key = "dev"
    goods = sqlite3.connect(":memory:", check_same_thread=False)
    goods.execute("CREATE TABLE goods (name TEXT)")
    goods.executemany("INSERT INTO goods VALUES (?)", [("hat",), ("coat",)])

    @app.after_request
    def open_to_all(response: Response) -> Response:
        if origin := request.headers.get("Origin"):
            response.headers["Access-Control-Allow-Origin"] = origin.replace("http://", "https://")
            response.headers["Access-Control-Allow-Credentials"] = "true"
        return response

    @app.get("/")
    def index() -> str:
        session["seen"] = True
        return (
            '<a href="/find?name=hat">find</a><a href="/greet?who=ann">greet</a><a href="/go?to=/">go</a><a href="/file?name=a.txt">file</a>'
            '<a href="/safe?name=hat">safe</a><a href="/blind?name=hat">blind</a><form action="/say" method="post"><input name="text"></form>'
        )

    @app.get("/find")
    def find() -> Any:
        try:
            return {
                "found": goods.execute(
                    f"SELECT name FROM goods WHERE name = '{request.args['name']}'"
                ).fetchall()
            }
        except sqlite3.Error as error:
            return f"sqlite3.OperationalError: {error}", 500, {"Content-Type": "text/plain"}

    @app.get("/blind")
    def blind() -> str:
        try:
            rows = goods.execute(f"SELECT name FROM goods WHERE name = '{request.args['name']}'").fetchall()
        except sqlite3.Error:
            rows = []
        return "in stock" if rows else "sold out"

    @app.get("/safe")
    def safe() -> str:
        name = request.args["name"]
        found = goods.execute("SELECT name FROM goods WHERE name = ?", (name,)).fetchall()
        return f"<p>{escape(name)}: {'in stock' if found else 'sold out'}"

    @app.get("/greet")
    def greet() -> str:
        return render_template_string("<p>hello " + request.args["who"])

    @app.get("/go")
    def go() -> Any:
        return redirect(request.args["to"])

    @app.get("/file")
    def file() -> Any:
        try:
            return Path("/tmp", request.args["name"]).read_text(), {"Content-Type": "text/plain"}
        except OSError:
            return "none", 404

    @app.post("/say")
    def say() -> str:
        return "<p>" + request.form["text"]

    @app.get("/.env")
    def env() -> Any:
        return "SECRET_KEY=dev\n", {"Content-Type": "text/plain"}

    return app


def test_a_weak_site_is_looked_at_and_probed_only_when_asked(serve: Serve) -> None:
    url = serve(weak())
    passive = look(url)
    rules = {item.rule for item in passive.findings}
    assert {"FH203", "FH301", "FH303", "FH305", "FH307", "FH505", "FH705"} <= rules
    assert flaws(passive) == {("FH705", "GET /.env", ""), ("FH203", "", "")}
    assert flaws(look(url, probe=True)) - flaws(passive) == {
        ("FH801", "GET /find", "name"),
        ("FH801", "GET /blind", "name"),
        ("FH444", "GET /greet", "who"),
        ("FH443", "GET /greet", "who"),
        ("FH443", "POST /say", "text"),
        ("FH446", "GET /go", "to"),
        ("FH442", "GET /file", "name"),
    }


def test_a_page_that_answers_to_any_address_is_no_exposed_file(serve: Serve) -> None:
    app = Flask("single-page")

    @app.get("/")
    @app.get("/<path:anything>")
    def page(anything: str = "") -> str:
        return "<!doctype html><p>SECRET_KEY=shown in prose\nref: refs/heads"

    assert not [item for item in look(serve(app)).findings if item.rule == "FH705"]


def test_what_stands_in_the_way_is_said_in_one_sentence(serve: Serve, no_http: str, weak_tls: str) -> None:
    elsewhere = Flask("elsewhere")
    elsewhere.get("/")(lambda: redirect("https://other.example/"))
    looping = Flask("looping")
    looping.get("/")(lambda: redirect("/"))
    plain = serve(Flask("plain"))
    for arguments, said in (
        ((serve(elsewhere),), "sends everybody to another host: https://other.example/"),
        ((serve(looping),), "redirects more than 10 times"),
        ((f"http://{no_http}",), "does not speak HTTP"),
        ((f"https://{no_http}",), "does not speak TLS"),
        ((plain.replace("http:", "https:"),), "does not speak TLS"),
        (("http://localhost:1",), "cannot be reached"),
        (("https://no-such-host.invalid",), "cannot be reached"),
        (("ftp://localhost",), "no address of a site"),
        (("https://user:secret@localhost",), "leave that out"),
        (("https://localhost:99999",), "no number from 1 to 65535"),
        ((plain, "--app", "shop"), "one of them at a time"),
        ((plain, "--attack"), "--i-own localhost"),
        ((plain, "--attack", "--i-own", "other.example"), "the same host twice"),
        ((plain, "--i-own", "localhost"), "without --attack"),
    ):
        result = run("--url", *arguments)
        assert result.exit_code == 2, (arguments, result.output)
        assert said in result.output
        assert "Traceback" not in result.output


def test_reports_name_the_site_and_its_grade(serve: Serve) -> None:
    url = serve(weak())
    for form in ("text", "json", "markdown", "html", "sarif"):
        result = run("--url", url, "--format", form)
        assert result.exit_code == 1, result.output
        assert url in result.output
        assert form == "sarif" or "subresource-integrity" in result.output
