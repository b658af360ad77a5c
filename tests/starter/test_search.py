"""Searching finds what is there, on both databases alike, and only what one may read."""

from __future__ import annotations

import pytest

from starter.conftest import Notebook, Person


@pytest.fixture
def mira(any_notebook: Notebook) -> Person:
    mira = any_notebook.person("mira")
    mira.write("Restriction digest", "Clones A and B show the insert of pLX304.", audience="lab")
    mira.write("Growth curves", "Overnight cultures at 37 °C; Müller broth.", audience="lab")
    mira.write("Secret idea", "Colony PCR from the plate, insert first.")
    return mira


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("digest", {"Restriction digest"}),
        ("DIGEST", {"Restriction digest"}),
        ("insert", {"Restriction digest", "Secret idea"}),
        ("insert clone", {"Restriction digest"}),
        ("over cult", {"Growth curves"}),
        ("plx304", {"Restriction digest"}),
        ("müller", {"Growth curves"}),
        ("zebra", set()),
        # What another language would take for a command is a word, or nothing.
        ("insert OR zebra", set()),
        ('"insert', {"Restriction digest", "Secret idea"}),
        ("insert' OR 1=1 --", set()),
        ("*", set()),
        (":* & !(", set()),
    ],
)
def test_every_word_must_be_there_as_the_beginning_of_one(mira: Person, query: str, found: set[str]) -> None:
    page = mira.client.get("/notes", query_string={"q": query}, base_url="https://localhost")
    assert page.status_code == 200
    plain = page.text.replace("<mark>", "").replace("</mark>", "")
    titles = ("Restriction digest", "Growth curves", "Secret idea")
    assert {title for title in titles if f">{title}</a>" in plain} == found


def test_others_private_notes_are_not_found(mira: Person, any_notebook: Notebook) -> None:
    page = any_notebook.person("jonas").get("/notes?q=insert").text
    assert "1 note " in page
    assert "Secret" not in page


def test_a_changed_note_is_found_by_its_new_words_only(mira: Person) -> None:
    mira.post("/notes/1/edit", title="Ligation", text="T4 ligase", audience="lab", version=1)
    assert "1 note " in mira.get("/notes?q=ligase").text
    assert "0 notes" in mira.get("/notes?q=digest").text


def test_a_deleted_note_is_found_no_more(mira: Person) -> None:
    mira.post("/notes/2/delete")
    assert "0 notes" in mira.get("/notes?q=overnight").text


def test_found_words_are_marked_and_the_rest_is_escaped(any_notebook: Notebook) -> None:
    person = any_notebook.person("wei")
    person.write("<b>bold</b> claims", "x <script>alert(1)</script> y")
    page = person.get("/notes?q=claims").text
    assert "&lt;b&gt;bold&lt;/b&gt; <mark>claims</mark>" in page
    assert "<script>alert" not in page
