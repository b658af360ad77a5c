"""Who may do what: the role is the ceiling, a share is the door."""

from __future__ import annotations

import pytest

from starter.conftest import Notebook


def test_a_private_note_is_seen_by_its_author_and_nobody_else(notebook: Notebook) -> None:
    address = notebook.person("mira").write("Idea")
    for name, role in (("jonas", "editor"), ("priya", "reader"), ("ada", "admin")):
        assert not notebook.person(name, role).sees(address)


def test_a_note_of_the_lab_is_read_by_all_and_changed_by_its_author(notebook: Notebook) -> None:
    address = notebook.person("mira").write("Buffers", audience="lab")
    for name, role in (("jonas", "editor"), ("ada", "admin")):
        person = notebook.person(name, role)
        assert person.sees(address)
        assert person.post(f"{address}/edit", title="Mine now", version=1).status_code == 403
        assert person.post(f"{address}/delete").status_code == 403
        assert person.post(f"{address}/shares", email=person.email, can_write="write").status_code == 403


def test_shared_for_reading(notebook: Notebook) -> None:
    mira, jonas = notebook.person("mira"), notebook.person("jonas")
    address = mira.write("Idea")
    mira.post(f"{address}/shares", email=jonas.email.upper(), can_write="read")
    assert jonas.sees(address)
    assert "Idea" in jonas.get("/notes?show=shared").text
    assert jonas.get(f"{address}/edit").status_code == 403


def test_shared_for_writing_an_editor_writes_but_does_not_rule(notebook: Notebook) -> None:
    mira, jonas = notebook.person("mira"), notebook.person("jonas")
    address = mira.write("Idea")
    mira.post(f"{address}/shares", email=jonas.email, can_write="write")
    sent = jonas.post(f"{address}/edit", title="Better idea", text="", audience="lab", version=1)
    assert sent.status_code == 302
    page = mira.get(address).text
    assert "Better idea" in page
    assert "by Jonas" in page
    # To whom it is shown stays its author's business.
    assert "Private" in page
    assert jonas.post(f"{address}/delete").status_code == 403


def test_shared_for_writing_a_reader_writes_once_made_an_editor(notebook: Notebook) -> None:
    mira, priya, ada = (
        notebook.person("mira"),
        notebook.person("priya", "reader"),
        notebook.person("ada", "admin"),
    )
    address = mira.write("Idea")
    mira.post(f"{address}/shares", email=priya.email, can_write="write")
    assert "may change it once an editor" in mira.get(address).text
    assert priya.sees(address)
    change = {"title": "By Priya", "text": "", "version": 1}
    assert priya.post(f"{address}/edit", **change).status_code == 403
    assert ada.post(f"/people/{priya.id}", role="editor", before="reader").status_code == 302
    assert priya.post(f"{address}/edit", **change).status_code == 302
    assert "By Priya" in mira.get(address).text


def test_what_is_no_longer_shared_is_closed_at_once(notebook: Notebook) -> None:
    mira, jonas = notebook.person("mira"), notebook.person("jonas")
    address = mira.write("Idea")
    mira.post(f"{address}/shares", email=jonas.email, can_write="write")
    assert jonas.sees(address)
    mira.post(f"{address}/shares/{jonas.id}/end")
    assert not jonas.sees(address)


@pytest.mark.parametrize(
    ("email", "words"),
    [
        ("nobody@example.net", "Nobody in the lab has this address."),
        ("mira@example.net", "It is your own note."),
        ("", "Whom do you want to share it with?"),
    ],
)
def test_a_mistake_in_sharing_is_explained(notebook: Notebook, email: str, words: str) -> None:
    mira = notebook.person("mira")
    answer = mira.post(f"{mira.write()}/shares", email=email, can_write="read")
    assert answer.status_code == 422
    assert words in answer.text


def test_readers_cannot_write_notes(notebook: Notebook) -> None:
    priya = notebook.person("priya", "reader")
    assert priya.get("/notes/new").status_code == 403
    assert priya.post("/notes/new", title="Mine", audience="lab").status_code == 403
    assert "New note" not in priya.get("/notes").text
