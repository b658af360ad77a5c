"""Writing, reading, changing and deleting notes."""

from __future__ import annotations

import pytest

from starter.conftest import PASSWORD, Notebook


def test_markdown_becomes_html(notebook: Notebook) -> None:
    mira = notebook.person("mira")
    address = mira.write(
        "Digest",
        "## Setup\n\n**bold** and _italic_\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n- [x](https://example.org)",
    )
    page = mira.get(address).text
    for part in (
        "<h3>Setup</h3>",
        "<strong>bold</strong>",
        "<em>italic</em>",
        "<td>1</td>",
        'href="https://example.org"',
    ):
        assert part in page


@pytest.mark.parametrize(
    "attack",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "[click](javascript:alert(1))",
        "![x](javascript:alert(1))",
        '[a](https://x "onclick=alert(1)")<svg onload=alert(1)>',
        "<iframe srcdoc='<script>alert(1)</script>'>",
        "[x]: data:text/html;base64,PHNjcmlwdD4=\n\n[go][x]",
    ],
)
def test_what_could_run_in_a_readers_browser_is_taken_out(notebook: Notebook, attack: str) -> None:
    mira = notebook.person("mira")
    page = mira.get(mira.write(attack[:200].replace("\n", " "), attack)).text
    inside = page[page.index('class="prose"') :].lower()
    assert "<script" not in inside
    assert "<iframe" not in inside
    assert "<svg onload" not in inside
    assert 'href="javascript:' not in inside
    assert 'src="javascript:' not in inside
    assert "<img src=x" not in inside
    assert 'href="data:' not in inside


def test_a_text_of_brackets_is_text_and_honest_links_stay_links(notebook: Notebook) -> None:
    mira = notebook.person("mira")
    links = "".join(f"[{number}](https://example.org/{number}) " for number in range(1500))
    assert mira.get(mira.write("Links", links)).text.count('href="https://example.org/') == 1500
    brackets = "[" * 90_000 + "the end"
    assert brackets in mira.get(mira.write("Brackets", brackets)).text


def test_images_of_other_sites_are_links_that_tell_nobody_who_reads(notebook: Notebook) -> None:
    mira = notebook.person("mira")
    page = mira.get(mira.write("Tracked", "![pixel](https://tracker.example/p.gif)")).text
    assert '<img src="https://tracker.example' not in page
    assert 'href="https://tracker.example/p.gif"' in page


def test_a_note_without_a_title_is_asked_for_one_and_nothing_is_lost(notebook: Notebook) -> None:
    answer = notebook.person("mira").post("/notes/new", title="  ", text="A long text", audience="lab")
    assert answer.status_code == 422
    assert "Give the note a title." in answer.text
    assert "A long text" in answer.text


def test_nul_is_told_of_on_every_database(any_notebook: Notebook) -> None:
    mira = any_notebook.person("mira", "admin")
    address = mira.write("A note")
    for path, form in (
        ("/notes/new", {"title": "a\0", "text": "b", "audience": "lab"}),
        ("/notes/new", {"title": "a", "text": "b\0", "audience": "lab"}),
        (f"{address}/comments", {"text": "a\0"}),
        (f"{address}/shares", {"email": "a\0@example.net", "can_write": "read"}),
        ("/account", {"name": "a\0"}),
        ("/account/tokens", {"name": "a\0", "scopes": "notes:read", "days": "7"}),
    ):
        assert mira.post(path, **form).status_code == 422, path
    for path, form in (
        ("/login", {"email": "a\0@example.net", "password": PASSWORD}),
        ("/reset", {"email": "a\0@example.net"}),
        ("/register", {"email": "a\0@example.net", "password": PASSWORD, "password_confirm": PASSWORD}),
        ("/login", {"email": "mira@example.net", "password": "a\0b"}),
    ):
        assert any_notebook.stranger().post(path, **form).status_code < 500, path
    for path in ("/notes?q=a%00", "/people?q=%00", "/journal?kind=%00"):
        assert mira.get(path).status_code == 400


def test_a_preview_keeps_what_was_typed(notebook: Notebook) -> None:
    mira = notebook.person("mira")
    page = mira.post("/notes/new", title="Draft", text="**soon**", audience="private", preview="1").text
    assert "<strong>soon</strong>" in page
    assert "**soon**" in page
    assert "0 notes" in mira.get("/notes").text


def test_two_who_edit_at_once_lose_nothing(any_notebook: Notebook) -> None:
    mira, jonas = any_notebook.person("mira"), any_notebook.person("jonas")
    address = mira.write("Buffers", "pH 8.0")
    mira.post(f"{address}/shares", email=jonas.email, can_write="write")
    first = mira.post(f"{address}/edit", title="Buffers", text="pH 8.1", audience="private", version=1)
    assert first.status_code == 302
    second = jonas.post(f"{address}/edit", title="Buffers", text="pH 7.9", audience="private", version=1)
    assert second.status_code == 409
    assert "Mira has changed this note meanwhile" in second.text
    assert "pH 8.1" in second.text
    assert "pH 7.9" in second.text
    # The form that comes back is one about the newest version: saving it is a decision now.
    assert 'name="version" type="hidden" value="2"' in second.text
    assert (
        jonas.post(
            f"{address}/edit", title="Buffers", text="pH 7.9", audience="private", version=2
        ).status_code
        == 302
    )
    assert "pH 7.9" in mira.get(address).text


def test_deleting_asks_first_and_takes_everything_along(notebook: Notebook) -> None:
    mira, jonas = notebook.person("mira"), notebook.person("jonas")
    address = mira.write("Wrong", audience="lab")
    jonas.post(f"{address}/comments", text="Is it?")
    assert "1 comment and 0 attachments" in mira.get(f"{address}/delete").text
    assert mira.sees(address)
    assert mira.post(f"{address}/delete").location == "/notes"
    assert not mira.sees(address)


def test_a_deleted_notes_address_never_leads_to_another_note(any_notebook: Notebook) -> None:
    mira = any_notebook.person("mira")
    address = mira.write("Old")
    mira.post(f"{address}/delete")
    assert mira.write("New") != address


def test_comments_can_be_made_and_taken_back_by_their_author_only(notebook: Notebook) -> None:
    mira, priya = notebook.person("mira"), notebook.person("priya", "reader")
    address = mira.write("Gel", audience="lab")
    made = priya.post(f"{address}/comments", text="Lane 6 is *odd*")
    assert made.location == f"{address}#comment-1"
    assert "Lane 6 is <em>odd</em>" in mira.get(address).text
    assert mira.post("/comments/1/delete").status_code == 403
    assert priya.post("/comments/1/delete").status_code == 302
    assert "Lane 6" not in mira.get(address).text


def test_long_lists_have_pages(notebook: Notebook) -> None:
    mira = notebook.person("mira")
    for number in range(23):
        mira.write(f"Note {number:02}")
    first, second = mira.get("/notes").text, mira.get("/notes?page=2").text
    assert "23 notes" in first
    assert "Note 22" in first
    assert "Note 02" not in first
    assert "Note 02" in second
    assert mira.get("/notes?page=999").status_code == 200
