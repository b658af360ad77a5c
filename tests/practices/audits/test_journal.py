"""The journal: tampering shows, secrets never enter it, floods do not fill it, and it never breaks a request."""

from __future__ import annotations

import json
import logging
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy
from flask import Flask, request
from itsdangerous import URLSafeTimedSerializer

from fumehood import Fumehood
from fumehood.practices.access.declarations import public
from fumehood.practices.audits.flood import network_of
from fumehood.practices.audits.journal import Journal, event_recorded
from fumehood.practices.interface import installed, refuse
from fumehood.settings import ConfigurationError
from hooded import HTTPS, browser, hooded_app
from servers.process import until


@pytest.fixture(params=["sqlite", "postgresql"])
def app(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Flask]:
    """An application whose journal is in a database of its own."""
    settings = {}
    if request.param == "postgresql":
        settings["database_url"] = request.getfixturevalue("fresh_postgresql_url")
    app = hooded_app(tmp_path, settings)
    yield app
    installed(app).engine.dispose()


def filled(app: Flask) -> Journal:
    journal = installed(app).journal
    for number in range(1, 7):
        journal.record("role.granted", actor="ann", subject=f"person {number}", role="editor")
    return journal


def tampered(app: Flask, statement: str) -> list[str]:
    with installed(app).engine.begin() as connection:
        connection.execute(sqlalchemy.text(statement))
    return [problem.what for problem in installed(app).journal.verify().problems]


def test_an_untouched_journal_verifies(app: Flask) -> None:
    verification = filled(app).verify()
    assert verification.holds
    assert verification.entries == 6


@pytest.mark.parametrize(
    ("statement", "says"),
    [
        ("UPDATE fumehood_journal SET actor = 'bob' WHERE number = 3", ["entry 3 (role.granted"]),
        ("UPDATE fumehood_journal SET details = '{}' WHERE number = 1", ["entry 1 (role.granted"]),
        ("UPDATE fumehood_journal SET at = '2020-01-01' WHERE number = 6", ["entry 6 (role.granted"]),
        ("DELETE FROM fumehood_journal WHERE number = 4", ["entry 4 is missing"]),
        ("DELETE FROM fumehood_journal WHERE number = 1", ["entry 1 is missing"]),
        ("DELETE FROM fumehood_journal WHERE number > 4", ["entries 5 to 6 are missing at the end"]),
        ("DELETE FROM fumehood_journal", ["entries 1 to 6 are missing at the end"]),
        ("DELETE FROM fumehood_journal_head", ["the record of the journal's end is missing"]),
        ("UPDATE fumehood_journal_head SET number = 4", ["the record of the journal's end was changed"]),
        (
            "UPDATE fumehood_journal SET number = 9 WHERE number = 2",
            ["entry 2 is missing", "entries 7 to 8 are missing"],
        ),
        (
            "INSERT INTO fumehood_journal (number, chain, at, event, details, mac) VALUES (7, 1, 'now', 'logout', '{}', 'x')",
            ["entry 7 (logout", "entries after 6 were not written by the journal"],
        ),
        ("UPDATE fumehood_journal_key SET sealed = '00'", ["cannot be verified: its key is gone"]),
    ],
)
def test_tampering_shows_and_names_the_entry(app: Flask, statement: str, says: list[str]) -> None:
    filled(app)
    problems = tampered(app, statement)
    for expected in says:
        assert any(expected in problem for problem in problems), problems


def test_swapped_entries_show(app: Flask) -> None:
    filled(app)
    tampered(app, "UPDATE fumehood_journal SET number = 20 WHERE number = 2")
    tampered(app, "UPDATE fumehood_journal SET number = 2 WHERE number = 3")
    problems = tampered(app, "UPDATE fumehood_journal SET number = 3 WHERE number = 20")
    assert problems[0].startswith("entry 2 ")


def test_one_changed_entry_is_one_problem(app: Flask) -> None:
    filled(app)
    assert len(tampered(app, "UPDATE fumehood_journal SET actor = 'bob' WHERE number = 3")) == 1


def test_an_older_copy_put_back_shows_against_a_head_kept_elsewhere(app: Flask) -> None:
    journal = filled(app)
    head = journal.verify().head
    assert journal.verify(head).holds
    number, _, mac = head.partition(":")
    assert not journal.verify(f"{int(number) + 1}:{mac}").holds
    assert not journal.verify("6:" + "0" * 64).holds


def test_rotated_keys_verify_the_past(app: Flask) -> None:
    journal, keyring = filled(app), installed(app).keyring
    for number in range(3):
        keyring.rotate(announce=0)
        journal.record("key.rotated", subject=str(number))
    keyring.rotate(revoke=True)
    journal.record("key.rotated", subject="revoked")
    verification = journal.verify()
    assert verification.holds
    assert verification.entries == 10


def test_a_lost_key_is_told_not_hidden(tmp_path: Path) -> None:
    filled(hooded_app(tmp_path))
    (tmp_path / "instance" / "fumehood" / "keys.json").unlink()
    journal = filled(hooded_app(tmp_path))
    verification = journal.verify()
    assert [problem.what for problem in verification.problems] == [
        "entry 1 and those after it in chain 1 cannot be verified: its key is gone"
    ]
    assert journal.latest(event="journal.rekeyed")
    assert verification.entries == 7


WRITER = """
import os, sys
from flask import Flask
from fumehood import Fumehood
from fumehood.practices.interface import installed
app = Flask("notes", instance_path=sys.argv[1])
Fumehood(app, settings={"database_url": sys.argv[2]} if sys.argv[2] else {})
for number in range(25):
    installed(app).record("login.succeeded", actor=str(os.getpid()), number=number)
assert installed(app).journal.failures == 0, installed(app).journal.last_failure
"""


def test_workers_that_write_at_once_keep_one_chain(app: Flask, tmp_path: Path) -> None:
    url = installed(app).settings.database_url
    command = [sys.executable, "-c", WRITER, app.instance_path, url]
    workers = [subprocess.Popen(command, stderr=subprocess.PIPE) for _ in range(2)]
    for worker in workers:
        complaint = worker.communicate()[1]
        assert worker.returncode == 0, complaint.decode()
    verification = installed(app).journal.verify()
    assert verification.holds
    assert verification.entries == 50


FORKER = """
import os, sys
from flask import Flask
from fumehood import Fumehood
from fumehood.practices.interface import installed
app = Flask("notes", instance_path=sys.argv[1])
Fumehood(app, settings={"database_url": sys.argv[2]} if sys.argv[2] else {})
installed(app).record("logout", actor="before the fork")
child = os.fork()
for number in range(20):
    installed(app).record("login.succeeded", actor="child" if child == 0 else "parent")
failures = installed(app).journal.failures
if child == 0:
    os._exit(failures)
sys.exit(failures + os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""


def test_workers_forked_from_a_loaded_application_share_no_connection(app: Flask) -> None:
    url = installed(app).settings.database_url
    done = subprocess.run(
        [sys.executable, "-c", FORKER, app.instance_path, url], capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr.decode()
    verification = installed(app).journal.verify()
    assert verification.holds
    assert verification.entries == 41


SECRET = "correct horse battery staple"


@pytest.mark.parametrize(
    "details",
    [
        {"password": SECRET},
        {"new_password": SECRET, "confirm": None},
        {"nested": {"api_key": SECRET}},
        {"rows": [{"token": SECRET}]},
        {"header": f"Bearer {SECRET.replace(' ', '')}"},
        {"note": f"tried password={SECRET.replace(' ', '-')} again"},
        {"url": f"postgresql://me:{SECRET.replace(' ', '')}@db/x"},
        {"token": 123456},
        {"raw": SECRET.encode()},
        {"header": "Cookie: session=correcthorsebattery"},
        {"jwt": "eyJhbGciOi.correcthorse.battery"},
    ],
    ids=repr,
)
def test_no_secret_enters_the_journal(tmp_path: Path, details: dict[str, Any]) -> None:
    journal = installed(hooded_app(tmp_path)).journal
    journal.record("login.failed", **details)
    written = json.dumps(journal.latest()[0].details)
    for part in ("horse", "123456"):
        assert part not in written


def test_what_is_not_secret_stays_readable(tmp_path: Path) -> None:
    journal = installed(hooded_app(tmp_path)).journal
    details = {
        "reason": "the password was wrong three times",
        "token_id": 7,
        "key_name": "build server",
        "path": "/notes/3",
        "count": 12,
        "revoked": True,
        "role": "editor",
        "file": "secret santa.pdf",
    }
    journal.record("token.created", **details)
    assert journal.latest()[0].details == details


def test_a_password_of_the_request_is_found_wherever_it_went(tmp_path: Path) -> None:
    app = hooded_app(tmp_path)

    @app.post("/login")
    @public
    def login() -> str:
        installed().record(
            "login.failed", subject=request.form["password"], note=f"{request.form['password']} x"
        )
        return ""

    headers = {"Sec-Fetch-Site": "same-origin", "Authorization": "Custom abcdefgh12345"}
    browser(app).post("/login", data={"password": SECRET}, base_url=HTTPS, headers=headers)
    entry = installed(app).journal.latest()[0]
    assert entry.subject == "[redacted]"
    assert "horse" not in json.dumps(entry.details)
    assert entry.address == "192.0.2.7"
    assert entry.details["path"] == "/login"


def test_a_link_that_resets_a_password_is_not_kept(tmp_path: Path) -> None:
    app = hooded_app(tmp_path)

    @app.post("/reset/<token>")
    @public
    def reset(token: str) -> str:
        return token

    token = URLSafeTimedSerializer("key").dumps([SECRET])
    client = browser(app)
    assert client.post(f"/reset/{token}", base_url=HTTPS).status_code == 403  # as another site would
    assert client.get(f"/reset/{token}", base_url="https://evil.example").status_code == 400
    assert (
        client.post(
            "/reset/short-one", base_url=HTTPS, headers={"Origin": "https://evil.example"}
        ).status_code
        == 403
    )
    entries = installed(app).journal.latest()
    assert [entry.details["path"] for entry in entries] == ["/reset/[redacted]"] * 3


def test_no_cookie_blots_out_who_knocked_where(tmp_path: Path) -> None:
    app = hooded_app(tmp_path)

    @app.post("/notes/<name>")
    @public
    def change(name: str) -> str:
        installed().record("access.refused", actor="5f0c6f9e-22aa-4d0f", practice="access")
        return name

    cookies = "a=/notes/payroll; b=payroll; c=access; d=5f0c6f9e-22aa-4d0f; e=change; f=POST"
    headers = {"Cookie": cookies, "Sec-Fetch-Site": "same-origin"}
    browser(app).post("/notes/payroll?token=/notes/payroll", base_url=HTTPS, headers=headers)
    entry = installed(app).journal.latest()[0]
    assert entry.actor == "5f0c6f9e-22aa-4d0f"
    assert entry.details == {
        "method": "POST",
        "path": "/notes/payroll",
        "endpoint": "change",
        "practice": "access",
    }


def test_entries_are_bounded(tmp_path: Path) -> None:
    journal = installed(hooded_app(tmp_path)).journal
    endless: dict[str, Any] = {}
    endless["self"] = endless
    journal.record(
        "x" * 500,
        actor="a" * 9999,
        text="t" * 10**6,
        many=list(range(10**5)),
        endless=endless,
        **{f"k{n}": "v" * 400 for n in range(50)},
    )
    entry = journal.latest()[0]
    assert len(entry.event) <= 64
    assert len(entry.actor or "") <= 255
    assert len(json.dumps(entry.details)) < 12_000
    assert journal.verify().holds


def test_a_line_break_forges_no_log_line(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    journal = installed(hooded_app(tmp_path)).journal
    with caplog.at_level(logging.INFO, "fumehood.journal"):
        journal.record("login.failed\nroot", actor="eve\n2026 login.succeeded root", agent="\x1b[2J\u2028x")
    (line,) = [entry.message for entry in caplog.records if entry.name == "fumehood.journal"]
    assert line.isascii()
    assert line.isprintable()
    assert json.loads(line)["number"] == 1


def test_a_flood_of_refusals_from_one_address_is_one_entry_and_a_count(tmp_path: Path) -> None:
    app = hooded_app(tmp_path)
    journal = installed(app).journal
    with app.test_request_context("/", environ_base={"REMOTE_ADDR": "192.0.2.9"}):
        for _ in range(500):
            journal.record("request.refused", practice="input", reason="host")
    journal.flush()
    last, first = journal.latest()
    assert first.details["reason"] == "host"
    assert last.details["repeated"] == 499
    assert last.address == "192.0.2.9"


def test_a_flood_from_many_addresses_is_bounded(tmp_path: Path) -> None:
    app = hooded_app(tmp_path)
    journal = installed(app).journal
    for number in range(2000):
        with app.test_request_context(
            "/", environ_base={"REMOTE_ADDR": f"10.0.{number // 250}.{number % 250}"}
        ):
            journal.record("request.refused", practice="input", reason=f"reason {number}")
    journal.flush()
    entries = journal.latest(3000)
    assert len(entries) <= 32
    assert sum(entry.details.get("repeated", 1) for entry in entries) == 2000


def test_a_window_ends_by_itself(tmp_path: Path) -> None:
    app = hooded_app(tmp_path)
    journal = Journal(app, installed(app), window=0.1)
    journal.record("request.refused", reason="x")
    journal.record("request.refused", reason="x")
    until(lambda: len(journal.latest()) == 2, "the count to be written", 10)


@pytest.mark.parametrize(
    "event", ["login.succeeded", "role.granted", "password.changed", "key.rotated", "upload.deleted"]
)
def test_what_people_do_is_never_only_counted(tmp_path: Path, event: str) -> None:
    journal = installed(hooded_app(tmp_path)).journal
    for _ in range(40):
        journal.record(event, actor="ann")
    assert len(journal.latest(100)) == 40


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("192.0.2.1", "192.0.2.1", True),
        ("192.0.2.1", "192.0.2.2", False),
        ("2001:db8::1", "2001:db8::ffff:2", True),
        ("2001:db8::1", "2001:db8:0:1::1", False),
        (None, "nonsense", True),
    ],
)
def test_one_person_is_one_network(one: str | None, other: str, same: bool) -> None:
    assert (network_of(one) == network_of(other)) is same


def broken(app: Flask) -> Callable[[], None]:
    """Let the journal's database go away; returns what brings it back."""
    folder = Path(app.instance_path) / "fumehood"
    installed(app).engine.dispose()
    away = folder.with_name("away")
    folder.rename(away)
    folder.write_text("not a folder")

    def mend() -> None:
        folder.unlink()
        away.rename(folder)

    return mend


def test_a_database_that_goes_away_breaks_no_request_and_leaves_a_gap(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fumehood.practices.audits.journal.REST_AFTER_FAILURE", 0.0)
    app = hooded_app(tmp_path)

    @app.get("/")
    @public
    def index() -> str:
        installed().record("role.granted", actor="ann", subject="bob")
        return "fine"

    journal = installed(app).journal
    assert browser(app).get("/", base_url=HTTPS).text == "fine"
    mend = broken(app)
    assert browser(app).get("/", base_url=HTTPS).text == "fine"
    assert journal.failures == 1
    assert "could not be stored" in caplog.text
    assert '"subject": "bob"' in caplog.text
    mend()
    assert browser(app).get("/", base_url=HTTPS).text == "fine"
    assert [entry.event for entry in journal.latest()] == ["role.granted", "journal.gap", "role.granted"]
    assert journal.latest(event="journal.gap")[0].details["entries"] == 1
    assert journal.verify().holds


def test_a_dead_database_is_not_waited_for_at_every_event(tmp_path: Path) -> None:
    app = hooded_app(tmp_path)
    journal = installed(app).journal
    journal.record("logout")
    mend = broken(app)
    for _ in range(50):
        journal.record("logout")
    assert journal.failures == 50
    mend()


def test_every_event_is_a_signal_and_a_broken_receiver_breaks_nothing(tmp_path: Path) -> None:
    app = hooded_app(tmp_path)
    seen: list[dict[str, Any]] = []

    def receive(_sender: Flask, entry: dict[str, Any]) -> None:
        seen.append(entry)
        raise ZeroDivisionError

    with event_recorded.connected_to(receive, app):
        installed(app).record("logout", actor="ann")
    assert seen[0]["event"] == "logout"
    assert installed(app).journal.verify().entries == 1


def test_a_refusal_is_journaled_with_the_id_that_the_person_sees(tmp_path: Path) -> None:
    app = hooded_app(tmp_path)

    @app.get("/")
    @public
    def index() -> str:
        refuse("access", "not theirs", 403, hint="This note belongs to somebody else.")

    answer = browser(app).get("/", base_url=HTTPS, headers={"Accept": "application/json"})
    assert answer.status_code == 403
    entry = installed(app).journal.latest(event="request.refused")[0]
    assert entry.details["incident"] == answer.json["incident"]
    assert answer.json["detail"] == "This note belongs to somebody else."
    assert "not theirs" not in answer.text


def test_two_applications_have_two_journals(tmp_path: Path) -> None:
    one, other = hooded_app(tmp_path / "one"), hooded_app(tmp_path / "other")
    installed(one).record("logout")
    assert not installed(other).journal.latest()


def test_tests_leave_nothing_behind(tmp_path: Path) -> None:
    app = hooded_app(tmp_path, TESTING=True)
    installed(app).record("logout")
    assert installed(app).journal.verify().entries == 1
    assert not (tmp_path / "instance").exists()


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("postgresql://me:hunter22@127.0.0.1:1/none", "cannot be used"),
        ("nonsense", "is not a database address"),
        ("foo://x", "driver for foo databases is missing"),
    ],
)
def test_a_database_that_cannot_be_used_is_one_clear_error(tmp_path: Path, url: str, says: str) -> None:
    with pytest.raises(ConfigurationError, match=says) as error:
        hooded_app(tmp_path, {"database_url": url})
    assert "hunter22" not in str(error.value)


def test_a_database_of_a_newer_layout_stops_the_start(app: Flask) -> None:
    tampered(app, "UPDATE fumehood_layout SET layout = 99")
    again = Flask("notes", instance_path=app.instance_path)
    with pytest.raises(ConfigurationError, match="newer version of Fumehood"):
        Fumehood(again, settings={"database_url": installed(app).settings.database_url})
