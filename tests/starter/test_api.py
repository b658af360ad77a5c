"""The JSON API: what programs may do with a token, and what they are told when they may not."""

from __future__ import annotations

import html
import re
from typing import Any

import pytest
from werkzeug.test import TestResponse

from starter.conftest import SITE, Notebook, Person


class Program:
    """A client without cookies, with a token."""

    def __init__(self, notebook: Notebook, token: str) -> None:
        self.client = notebook.app.test_client(use_cookies=False)
        self.token = token

    def __call__(self, method: str, path: str, json: Any = None) -> TestResponse:
        headers = {"Authorization": f"Bearer {self.token}"}
        return self.client.open(path, method=method, json=json, headers=headers, base_url=SITE, buffered=True)


def token_of(person: Person, *scopes: str) -> str:
    page = person.post("/account/tokens", name="Plate reader", scopes=list(scopes), days="30").text
    found = re.search(r"<code data-secret>(fh_[\w-]+)</code>", html.unescape(page))
    assert found is not None, page
    return found[1]


@pytest.fixture
def mira(notebook: Notebook) -> Person:
    return notebook.person("mira")


@pytest.fixture
def program(notebook: Notebook, mira: Person) -> Program:
    return Program(notebook, token_of(mira, "notes:read", "notes:write"))


def test_a_note_is_written_read_changed_and_deleted(program: Program) -> None:
    made = program("POST", "/api/notes", {"title": " OD600 ", "text": "0.42", "audience": "lab"})
    assert made.status_code == 201
    note = made.json
    assert made.location.endswith(f"/api/notes/{note['id']}")
    assert note["title"] == "OD600"
    assert note["version"] == 1
    assert note["created_at"].endswith("Z")
    change = {"title": "OD600", "text": "0.84", "audience": "lab", "version": 1}
    changed = program("PUT", f"/api/notes/{note['id']}", change)
    assert changed.json["version"] == 2
    stale = program("PUT", f"/api/notes/{note['id']}", change)
    assert stale.status_code == 409
    assert stale.content_type == "application/problem+json"
    assert "version" in stale.json["detail"]
    assert program("GET", f"/api/notes/{note['id']}").json["text"] == "0.84"
    assert program("DELETE", f"/api/notes/{note['id']}").status_code == 204
    assert program("GET", f"/api/notes/{note['id']}").status_code == 404


def test_lists_have_pages_and_can_be_searched(program: Program) -> None:
    for number in range(5):
        program(
            "POST", "/api/notes", {"title": f"Run {number}", "text": "even" if number % 2 == 0 else "odd"}
        )
    page = program("GET", "/api/notes?per_page=2&page=2").json
    assert (page["total"], page["pages"], [note["title"] for note in page["notes"]]) == (
        5,
        3,
        ["Run 2", "Run 1"],
    )
    assert program("GET", "/api/notes?q=even").json["total"] == 3
    assert program("GET", "/api/notes?q=%2A").json["total"] == 0
    assert program("GET", "/api/notes?per_page=1000").status_code == 422


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"title": ""},
        {"title": "x" * 201},
        {"title": "x", "owner_id": 1},
        {"title": "x", "audience": "world"},
        {"title": ["x"]},
        {"title": "x", "text": "NUL\0"},
        {"title": "half a character \ud800"},
        ["x"],
    ],
)
def test_what_is_not_a_note_is_refused_with_the_reason(program: Program, body: Any) -> None:
    answer = program("POST", "/api/notes", body)
    assert answer.status_code == 422
    assert answer.content_type == "application/problem+json"
    assert program("GET", "/api/notes").json["total"] == 0


def test_a_token_does_what_it_is_for_and_no_more(notebook: Notebook, mira: Person) -> None:
    mira.write("Mine")
    reads = Program(notebook, token_of(mira, "notes:read"))
    assert reads("GET", "/api/notes").json["total"] == 1
    assert reads("POST", "/api/notes", {"title": "x"}).status_code == 403
    assert reads("GET", "/people").status_code == 403
    assert reads("GET", "/account/tokens").status_code != 200


def test_a_token_is_never_more_than_its_owner(notebook: Notebook) -> None:
    ada, priya = notebook.person("ada", "admin"), notebook.person("priya", "reader")
    page = priya.get("/account/tokens").text
    assert "Read notes" in page
    assert "Write, change" not in page
    assert priya.post("/account/tokens", name="x", scopes="notes:write", days="30").status_code == 422
    assert priya.post("/account/tokens", name="x", scopes="people:manage", days="30").status_code == 422
    ada.post(f"/people/{priya.id}", role="editor", before="reader")
    writes = Program(notebook, token_of(priya, "notes:read", "notes:write"))
    assert writes("POST", "/api/notes", {"title": "x"}).status_code == 201
    ada.post(f"/people/{priya.id}", role="reader", before="editor")
    assert writes("POST", "/api/notes", {"title": "x"}).status_code == 403
    assert writes("GET", "/api/notes").status_code == 200


def test_others_notes_are_not_there(notebook: Notebook, program: Program) -> None:
    jonas = notebook.person("jonas")
    number = jonas.write("Secret").rpartition("/")[2]
    change = {"title": "x", "version": 1}
    assert program("GET", f"/api/notes/{number}").status_code == 404
    assert program("PUT", f"/api/notes/{number}", change).status_code == 404
    assert program("DELETE", f"/api/notes/{number}").status_code == 404
    lab = jonas.write("Lab", audience="lab").rpartition("/")[2]
    assert program("PUT", f"/api/notes/{lab}", change).status_code == 403
    assert program("DELETE", f"/api/notes/{lab}").status_code == 403


def test_a_revoked_token_is_worth_nothing(notebook: Notebook, mira: Person, program: Program) -> None:
    [address] = set(re.findall(r'action="(/account/tokens/\w+/revoke)"', mira.get("/account/tokens").text))
    notebook.person("jonas").post(address)
    assert program("GET", "/api/notes").status_code == 200  # not Jonas's to revoke
    mira.post(address)
    answer = program("GET", "/api/notes")
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.parametrize("token", ["", "fh_" + "x" * 43, "Basic", "fh_\x00"])
def test_without_a_token_there_is_nothing(notebook: Notebook, token: str) -> None:
    assert Program(notebook, token)("GET", "/api/notes").status_code == 401
