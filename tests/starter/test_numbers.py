"""Numbers that no row can have: they are not there, and nothing breaks."""

from __future__ import annotations

import pytest

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
