"""Numbers that no row can have: they are not there, and nothing breaks."""

from __future__ import annotations

import pytest

from fumehood.starter.database import db
from fumehood.starter.models import Note
from starter.conftest import Notebook

HUGE = (2**31, 2**63, 10**30, int("9" * 400))


@pytest.mark.parametrize("number", HUGE)
def test_a_number_beyond_the_database_is_not_found(any_notebook: Notebook, number: int) -> None:
    root = any_notebook.person("root", "admin")
    for path in ("/notes/{}", "/notes/{}/edit", "/attachments/{}", "/attachments/{}/preview", "/people/{}"):
        assert root.get(path.format(number)).status_code == 404
    for path in ("/notes/{}/comments", "/notes/{}/shares", "/notes/1/shares/{}/end", "/people/{}/active"):
        assert root.post(path.format(number)).status_code == 404
    assert root.get(f"/api/notes/{number}").status_code == 404


@pytest.mark.parametrize("number", [*HUGE, 0, -1, -(2**63) - 1, "9" * 5000, "x", ""])
def test_a_page_that_makes_no_sense_is_the_first(any_notebook: Notebook, number: object) -> None:
    root = any_notebook.person("root", "admin")
    root.write("On the first page")
    assert "On the first page" in root.get(f"/notes?page={number}").text
    assert root.email in root.get(f"/people?page={number}").text
    assert root.get(f"/journal?before={number}").status_code == 200
    assert root.post(f"/notes/preview?note={number}", text="x").status_code == 200


def test_the_last_row_that_a_database_holds_is_found(any_notebook: Notebook) -> None:
    mira = any_notebook.person("mira")
    with any_notebook.app.app_context():
        db.session.add(Note(id=2**31 - 1, owner_id=mira.id, title="The last one"))
        db.session.commit()
    assert "The last one" in mira.get("/notes/2147483647").text
    assert mira.get("/notes?page=100000").status_code == 200


@pytest.mark.parametrize(
    "more", ["_external=1&_scheme=javascript", "_anchor=x", "_method=PUT", "endpoint=x", "page=2&page=3"]
)
def test_links_between_pages_lead_to_the_list_whatever_the_query_says(notebook: Notebook, more: str) -> None:
    mira = notebook.person("mira")
    with notebook.app.app_context():
        db.session.add_all(Note(owner_id=mira.id, title=f"Gel {number}") for number in range(25))
        db.session.commit()
    answer = mira.get(f"/notes?show=mine&q=Gel&{more}")
    assert answer.status_code == 200
    assert "javascript:" not in answer.text
    assert "/notes?q=Gel&amp;show=mine&amp;page=2" in answer.text or "page=1" in answer.text
