"""The tests that findings come with fail as long as the flaw is there, and pass when it is mended."""

from __future__ import annotations

import os
import re
import runpy
import shlex
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest
from attack_samples import CASES, IDS, RULES, notes, shop
from werkzeug.serving import make_server

from fumehood.cli._attack import write_tests
from fumehood.engines.attack.curl import curl
from fumehood.engines.attack.exchange import Exchange, Wanted
from fumehood.findings import Finding

CONFTEST = """
import pathlib, pytest

@pytest.fixture
def client():
    pathlib.Path("notes.db").unlink(missing_ok=True)
    from app import app
    app.testing = True
    yield app.test_client()
"""


def outcome(root: Path, findings: Iterable[Finding], source: str) -> dict[str, int]:
    """Run the findings' tests against an application, in a project of its own."""
    root.mkdir()
    (root / "app.py").write_text(source)
    (root / "conftest.py").write_text(CONFTEST)
    (root / "pytest.ini").write_text("[pytest]\n")
    assert write_tests(root / "test_flaws.py", findings)
    ran = subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "-p",
            "no:randomly",
            "-p",
            "no:cacheprovider",
            "test_flaws.py",
        ],
        cwd=root,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        timeout=120,
    )
    found = re.findall(r"(\d+) (passed|failed|error)", ran.stdout.splitlines()[-1])
    assert found, ran.stdout + ran.stderr
    counts = {word: int(number) for number, word in found}
    if "error" in counts or (counts.get("passed") and counts.get("failed")):
        pytest.fail(ran.stdout[-6000:])
    return counts


def test_of_single_requests(attacked: Callable[..., Any], tmp_path: Path) -> None:
    findings = attacked(shop(1), *IDS).findings
    assert len({item.route for item in findings}) == len(CASES)
    assert outcome(tmp_path / "weak", findings, shop(1)) == {"failed": len(findings)}
    assert outcome(tmp_path / "sound", findings, shop(2)) == {"passed": len(findings)}


def test_of_what_needs_people(attacked: Callable[..., Any], tmp_path: Path) -> None:
    weak = notes(WHERE_OWNER="", ESCAPE="str", CSRF="pass")
    findings = attacked(weak, *RULES).findings
    assert {item.rule for item in findings} == {"FH443", "FH501", "FH761"}
    tests = sum(item.kind == "test" for finding in findings for item in finding.evidence)
    assert tests == len(findings) - 1  # what somebody else deletes, no single answer shows
    assert outcome(tmp_path / "weak", findings, weak) == {"failed": tests}
    assert outcome(tmp_path / "sound", findings, notes()) == {"passed": tests}


def test_the_curl_line_is_one_command() -> None:
    wanted = Wanted("GET", "/find", {"q": 'it\'s; "quoted" $HOME `x`'}, headers={"X-Word": "a b"})
    words = shlex.split(curl(Exchange(wanted, 200), "http://localhost:1"))
    assert words == ["curl", "-i", "-X", "GET", "-H", "X-Word: a b", "http://localhost:1/find?q=it%27s%3B+%22quoted%22+%24HOME+%60x%60"]  # fmt: skip


# Each view keeps what its dangerous call was given.
SERVED = """
import base64, pickle, sqlite3
from contextlib import closing
import yaml
from flask import Flask, request, render_template_string
from lxml import etree
app = Flask(__name__)
SEEN = app.config["SEEN"] = []

def given(argument):
    SEEN.append(argument)
    return argument

def run(statement):
    with closing(sqlite3.connect(":memory:")) as db:
        return str(db.execute(statement).fetchall())

@app.get("/query")
def query():
    return run(given("SELECT '" + request.args["q"] + "'"))

@app.post("/form")
def form():
    return render_template_string(given("<p>" + request.form["text"]))

@app.post("/json")
def document():
    return run(given("SELECT '" + request.get_json()["inner"]["q"] + "'"))

@app.get("/files/<path:name>")
def file(name):
    with open(given(app.root_path + "/" + name)) as stream:
        return stream.read()

@app.post("/body")
def body():
    return etree.fromstring(given(request.data), etree.XMLParser(resolve_entities=True)).text or ""

@app.post("/upload")
def upload():
    return etree.fromstring(given(request.files["doc"].read()), etree.XMLParser(resolve_entities=True)).text or ""

@app.get("/cookie")
def cookie():
    return str(pickle.loads(given(base64.b64decode(request.cookies["kept"]))))

@app.get("/header")
def header():
    return str(yaml.load(given(request.headers["X-Kind"]), yaml.UnsafeLoader))
"""


def test_each_curl_line_does_to_a_server_what_the_attack_saw(
    attacked: Callable[..., Any], tmp_path: Path
) -> None:
    findings = attacked(SERVED, "FH442", "FH444", "FH447", "FH448", "FH801").findings
    lines = {
        item.route: next(part.text for part in item.evidence if part.kind == "request") for item in findings
    }
    assert set(lines) == {"GET /query", "POST /form", "POST /json", "GET /files/<path:name>", "POST /body", "POST /upload", "GET /cookie", "GET /header"}  # fmt: skip
    app = runpy.run_path(str(tmp_path / "shop" / "app.py"))["app"]
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        for route, line in lines.items():
            app.config["SEEN"].clear()
            command = line.replace("https://localhost", f"http://127.0.0.1:{server.server_port}")
            done = subprocess.run(
                ["/bin/sh", "-c", command], capture_output=True, text=True, timeout=60, check=False
            )
            assert done.returncode == 0, (command, done.stderr)
            (seen,) = app.config["SEEN"]
            seen = seen.decode() if isinstance(seen, bytes) and route != "GET /cookie" else str(seen)
            assert any(
                mark in seen
                for mark in (
                    "fh'\"`;--",
                    "1 OR 1=1",
                    "{{",
                    "fhq7mix",
                    "etc/passwd",
                    "<!ENTITY",
                    "getcwd",
                    "!!%70",
                )
            ), (command, seen)
            if route in {"POST /body", "POST /upload"}:
                assert socket.gethostname().partition(".")[0] in done.stdout
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
