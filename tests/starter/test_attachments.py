"""Files of notes: images are shown, others downloaded; whoever sees the note sees them, nobody else."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from starter.conftest import Notebook


def png(size: tuple[int, int] = (60, 40)) -> bytes:
    content = io.BytesIO()
    Image.new("RGB", size, "teal").save(content, "PNG")
    return content.getvalue()


def test_an_image_is_shown_in_the_text_and_as_a_preview(notebook: Notebook) -> None:
    mira = notebook.person("mira")
    address = mira.write("Gel", "![the gel](my gel.png)", files=(io.BytesIO(png()), "my gel.png"))
    # A space in an address is not Markdown; its code is.
    mira.post(f"{address}/edit", title="Gel", text="![the gel](my%20gel.png)", audience="private", version=1)
    page = mira.get(address).text
    assert '<img src="/attachments/1" alt="the gel"' in page
    assert 'src="/attachments/1/preview"' in page
    assert mira.get("/attachments/1").content_type == "image/png"
    assert mira.get("/attachments/1/preview").content_type == "image/webp"
    assert "/attachments/1/preview" in mira.get("/notes").text


def test_other_files_are_downloads(notebook: Notebook) -> None:
    mira = notebook.person("mira")
    address = mira.write()
    mira.post(f"{address}/attachments", files=(io.BytesIO(b"clone,ng\nA,182\n"), "table.csv"))
    assert "table.csv" in mira.get(address).text
    answer = mira.get("/attachments/1?download=1")
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.data == b"clone,ng\nA,182\n"


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("page.html", b"<script>alert(1)</script>"),
        ("gel.png", b"<script>alert(1)</script>"),
        ("picture.svg", b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'),
        ("run.exe", b"MZ\x90\x00" + b"\x00" * 100),
        ("shell.php", b"<?php system($_GET[0]);"),
    ],
)
def test_what_could_do_harm_is_refused_and_the_note_is_not_lost(
    notebook: Notebook, name: str, content: bytes
) -> None:
    mira = notebook.person("mira")
    answer = mira.post("/notes/new", title="Careful", text="kept", files=(io.BytesIO(content), name))
    assert answer.status_code == 422
    assert "kept" in answer.text
    assert name in answer.text
    assert "0 notes" in mira.get("/notes").text


def test_of_several_files_all_are_kept_or_none(notebook: Notebook) -> None:
    mira = notebook.person("mira")
    address = mira.write()
    files = [(io.BytesIO(png()), "good.png"), (io.BytesIO(b"<script>"), "bad.png")]
    assert mira.post(f"{address}/attachments", files=files).status_code == 422
    assert "good.png" not in mira.get(address).text
    assert notebook_files(notebook) == 0


def notebook_files(notebook: Notebook) -> int:
    with notebook.app.app_context():
        return len(notebook.app.extensions["fumehood"].store.files(None))


def test_two_files_of_one_name_are_told_apart(notebook: Notebook) -> None:
    mira = notebook.person("mira")
    address = mira.write(files=[(io.BytesIO(png()), "gel.png"), (io.BytesIO(png()), "gel.png")])
    assert "gel-2.png" in mira.get(address).text


def test_files_are_seen_with_their_note_only(notebook: Notebook) -> None:
    mira, jonas = notebook.person("mira"), notebook.person("jonas")
    address = mira.write(files=(io.BytesIO(png()), "gel.png"))
    assert not jonas.sees("/attachments/1")
    assert not jonas.sees("/attachments/1/preview")
    assert jonas.post("/attachments/1/delete").status_code == 404
    mira.post(f"{address}/shares", email=jonas.email, can_write="read")
    assert jonas.sees("/attachments/1")
    assert jonas.post("/attachments/1/delete").status_code == 403
    assert jonas.post(f"{address}/attachments", files=(io.BytesIO(png()), "b.png")).status_code == 403


def test_deleted_files_leave_the_store(notebook: Notebook) -> None:
    mira = notebook.person("mira")
    address = mira.write(files=[(io.BytesIO(png()), "a.png"), (io.BytesIO(png()), "b.png")])
    mira.post("/attachments/1/delete")
    assert notebook_files(notebook) == 1
    mira.post(f"{address}/delete")
    assert notebook_files(notebook) == 0
