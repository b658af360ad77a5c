"""The store keeps files privately, whole or not at all, and gives them to whom they belong, harmlessly."""

from __future__ import annotations

import errno
import io
import os
import shutil
from pathlib import Path
from typing import Any

import pytest
from flask import request
from werkzeug.datastructures import FileStorage
from werkzeug.exceptions import NotFound

from fumehood import ConfigurationError, Person, UploadRefused, current_store, public
from fumehood.practices.uploads.interface import NotAvailable, Status
from hooded import HTTPS, SAME_ORIGIN, browser
from practices.uploads.conftest import PDF, Site, file, image
from servers.clamd import EICAR

TEXT = b"temperature,time\r\n80,3\r\n" * 100


def add_views(site: Site) -> None:
    @site.app.post("/files")
    @public
    def add() -> Any:
        return {"id": current_store().save(request.files["file"]).id}

    @site.app.get("/files/<file_id>")
    @public
    def show(file_id: str) -> Any:
        check = (lambda file: True) if "shared" in request.args else None
        return current_store().response(file_id, as_attachment="download" in request.args, check=check)

    @site.app.get("/files/<file_id>/preview")
    @public
    def preview(file_id: str) -> Any:
        return current_store().preview(file_id)


@pytest.fixture(params=["disk", "s3"])
def stored_in(request: pytest.FixtureRequest, tmp_path: Path) -> Site:
    url = request.getfixturevalue("fresh_s3_url") if request.param == "s3" else ""
    site = Site(tmp_path, uploads_url=url.replace("?", "/notes?", 1))
    add_views(site)
    return site


def upload(site: Site, content: bytes, name: str) -> Any:
    data = {"file": (io.BytesIO(content), name)}
    return browser(site.app).post("/files", base_url=HTTPS, headers=SAME_ORIGIN, data=data)


def get(site: Site, path: str, **headers: str) -> Any:
    return browser(site.app).get(path, base_url=HTTPS, headers=headers, buffered=True)


def test_an_image_comes_back_harmless(stored_in: Site) -> None:
    file_id = upload(stored_in, image(size=(900, 300)), "my flask.png").json["id"]
    answer = get(stored_in, f"/files/{file_id}")
    assert answer.status_code == 200
    assert answer.content_type == "image/png"
    assert answer.headers["Content-Disposition"] == 'inline; filename="my flask.png"'
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "private, no-cache"
    assert answer.data.startswith(b"\x89PNG")
    preview = get(stored_in, f"/files/{file_id}/preview")
    assert preview.content_type == "image/webp"
    assert preview.data[8:12] == b"WEBP"
    assert get(stored_in, f"/files/{file_id}", **{"If-None-Match": answer.headers["ETag"]}).status_code == 304


def test_ranges_are_answered(stored_in: Site) -> None:
    file_id = upload(stored_in, TEXT, "data.txt").json["id"]
    answer = get(stored_in, f"/files/{file_id}", Range="bytes=5-14")
    assert (answer.status_code, answer.data) == (206, TEXT[5:15])
    assert get(stored_in, f"/files/{file_id}", Range="bytes=-5").data == TEXT[-5:]
    assert get(stored_in, f"/files/{file_id}", Range="bytes=999999-").status_code == 416


def test_what_a_browser_would_open_is_a_download(tmp_path: Path) -> None:
    site = Site(tmp_path)
    add_views(site)
    for content, name in [(PDF, "paper.pdf"), (TEXT, "data.csv")]:
        answer = get(site, f"/files/{upload(site, content, name).json['id']}")
        assert answer.headers["Content-Disposition"].startswith("attachment")
        assert answer.data == content


def test_text_is_only_ever_plain_text(tmp_path: Path) -> None:
    site = Site(tmp_path)
    add_views(site)
    answer = get(site, f"/files/{upload(site, TEXT + b'<script>', 'a.txt').json['id']}")
    assert answer.content_type == "text/plain; charset=utf-8"


def test_files_are_for_their_owner(stored_in: Site) -> None:
    file_id = upload(stored_in, TEXT, "a.txt").json["id"]
    for other in (Person(id=8), None):
        stored_in.person = other
        assert get(stored_in, f"/files/{file_id}").status_code == 404
        assert get(stored_in, f"/files/{file_id}/preview").status_code == 404
        assert get(stored_in, f"/files/{file_id}?shared").status_code == 200
    assert stored_in.events("access.refused")[0].subject == file_id


def test_a_file_of_nobody_needs_a_check(site: Site) -> None:
    site.person = None
    with site.app.test_request_context("/"):
        stored = site.store.save(file(TEXT, "a.txt"))
        assert stored.owner == ""
        with pytest.raises(NotFound):
            site.store.response(stored.id)
        site.store.response(stored.id, check=lambda found: found.name == "a.txt").close()


@pytest.mark.parametrize("file_id", ["", "x", "../../etc/passwd", "%2e%2e", "0" * 32, "' OR 1=1 --", "\0"])
def test_ids_that_are_none_are_not_found(site: Site, file_id: str) -> None:
    with site.app.test_request_context("/"), pytest.raises(NotFound):
        site.store.response(file_id)


def test_deleting_takes_everything_away(stored_in: Site) -> None:
    file_id = upload(stored_in, image(), "a.png").json["id"]
    with stored_in.app.test_request_context("/"):
        stored_in.store.delete(file_id)
        stored_in.store.delete(file_id)
        assert list(stored_in.store.place.keys(older_than=2e10)) == []
    assert get(stored_in, f"/files/{file_id}").status_code == 404
    assert [entry.subject for entry in stored_in.events("upload.deleted")] == [file_id]


def test_what_a_killed_process_left_is_swept(stored_in: Site) -> None:
    file_id = upload(stored_in, image(), "a.png").json["id"]
    with stored_in.app.test_request_context("/"):
        stored_in.store.place.put("ab" * 16, io.BytesIO(b"lost"), "text/plain")
        stored_in.store.place.put("abacus.csv", io.BytesIO(b"another's"), "text/csv")
        assert stored_in.store.sweep() == 0
        assert stored_in.store.sweep(older_than_seconds=-5) == 1
        assert sorted(stored_in.store.place.keys(older_than=2e10)) == sorted(
            [file_id, f"{file_id}.preview", "abacus.csv"]
        )


def test_files_on_disk_are_private(site: Site) -> None:
    with site.app.test_request_context("/"):
        stored = site.store.save(file(TEXT, "a.txt"))
    folder = Path(site.app.instance_path) / "uploads"
    path = folder / stored.id[:2] / stored.id
    assert [oct(place.stat().st_mode & 0o777) for place in (folder, path.parent, path)] == [
        "0o700",
        "0o700",
        "0o600",
    ]


def test_sizes_and_quotas(tmp_path: Path) -> None:
    site = Site(tmp_path, uploads_max_bytes=1000, uploads_quota_files=2)
    with site.app.test_request_context("/"):
        with pytest.raises(UploadRefused, match="larger than 1000 bytes") as refused:
            site.store.save(file(b"a" * 1001, "a.txt"))
        assert refused.value.code == 413
        site.store.save(file(b"a" * 1000, "a.txt"))
        site.store.save(FileStorage(OneWay(b"a" * 500), "b.txt"))  # type: ignore[arg-type]
        with pytest.raises(UploadRefused, match="no room left"):
            site.store.save(file(b"a", "c.txt"))
    site.person = Person(id=8)
    with site.app.test_request_context("/"):
        site.store.save(file(b"a", "c.txt"))
        with pytest.raises(UploadRefused, match="larger"):
            site.store.save(FileStorage(OneWay(b"a" * 5000), "d.txt"))  # type: ignore[arg-type]


class OneWay(io.BytesIO):
    def seekable(self) -> bool:
        return False


def test_a_full_disk_is_told_and_leaves_nothing(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    add_views(site)
    assert upload(site, TEXT, "a.txt").status_code == 200

    def full(source: Any, target: Any, *rest: Any) -> None:
        target.write(source.read(10))
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(shutil, "copyfileobj", full)
    answer = upload(site, TEXT, "b.txt")
    assert answer.status_code == 507
    assert "no room" in answer.text
    with site.app.test_request_context("/"):
        assert [found.name for found in site.store.files()] == ["a.txt"]
    assert len(list(Path(site.app.instance_path, "uploads").glob("*/*"))) == 1


@pytest.mark.parametrize(
    "url",
    [
        "http://example.org",
        "s3://key:secret@bucket",
        "s3://bucket?secret=1",
        "file://host/path",
        "uploads",
        "s3://",
    ],
)
def test_a_place_that_is_none_stops_the_start(tmp_path: Path, url: str) -> None:
    with pytest.raises(ConfigurationError, match="FUMEHOOD_UPLOADS_URL") as stopped:
        Site(tmp_path, uploads_url=url)
    assert "key:secret" not in str(stopped.value)


def test_a_place_in_the_static_folder_stops_the_start(tmp_path: Path) -> None:
    from flask import Flask

    from fumehood import Fumehood

    app = Flask("shop", instance_path=str(tmp_path / "instance"), static_folder=str(tmp_path / "static"))
    app.config["FUMEHOOD_UPLOADS_URL"] = f"file://{tmp_path}/static/uploads"
    with pytest.raises(ConfigurationError, match="static folder"):
        Fumehood(app)


def test_nginx_may_send_the_files(tmp_path: Path) -> None:
    site = Site(tmp_path, uploads_accel="/_uploads")
    add_views(site)
    file_id = upload(site, TEXT, "a.txt").json["id"]
    answer = get(site, f"/files/{file_id}")
    assert answer.headers["X-Accel-Redirect"] == f"/_uploads/{file_id[:2]}/{file_id}"
    assert answer.data == b""
    assert answer.headers["Content-Disposition"] == "inline; filename=a.txt"


def test_downloads_from_s3_are_by_a_link_that_ends(tmp_path: Path, fresh_s3_url: str, s3_client: Any) -> None:
    site = Site(tmp_path, uploads_url=fresh_s3_url)
    add_views(site)
    file_id = upload(site, PDF, "Größe.pdf").json["id"]
    answer = get(site, f"/files/{file_id}")
    assert answer.status_code == 302
    link = answer.headers["Location"]
    assert "X-Amz-Expires=60" in link
    assert "no-store" in answer.headers["Cache-Control"]
    from urllib.request import urlopen

    with urlopen(link) as got:
        assert got.read() == PDF
        assert got.headers["Content-Type"] == "application/pdf"
        assert got.headers["Content-Disposition"].startswith("attachment")
        assert "filename*=UTF-8''Gr%C3%B6%C3%9Fe.pdf" in got.headers["Content-Disposition"]
    head = s3_client.head_object(Bucket=fresh_s3_url.split("/")[2].split("?")[0], Key=file_id)
    assert head["ServerSideEncryption"] == "AES256"


@pytest.fixture
def open_bucket(fresh_s3_url: str, s3_client: Any) -> tuple[str, str]:
    bucket = fresh_s3_url.split("/")[2].split("?")[0]
    s3_client.delete_public_access_block(Bucket=bucket)
    return fresh_s3_url, bucket


def test_a_public_access_list_stops_the_start(
    tmp_path: Path, open_bucket: tuple[str, str], s3_client: Any
) -> None:
    url, bucket = open_bucket
    Site(tmp_path / "private", uploads_url=url)
    s3_client.put_bucket_acl(Bucket=bucket, ACL="public-read")
    with pytest.raises(ConfigurationError, match="is public: its access list"):
        Site(tmp_path / "public", uploads_url=url)


def test_a_public_policy_stops_the_start(
    tmp_path: Path, open_bucket: tuple[str, str], s3_client: Any
) -> None:
    url, bucket = open_bucket
    s3_client.put_bucket_policy(
        Bucket=bucket,
        Policy='{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject",'
        f' "Resource": "arn:aws:s3:::{bucket}/*"}}]}}',
    )
    with pytest.raises(ConfigurationError, match="is public: its policy"):
        Site(tmp_path / "public", uploads_url=url)


def test_a_bucket_that_is_not_there_stops_the_start(tmp_path: Path, s3_endpoint: str) -> None:
    with pytest.raises(ConfigurationError, match="cannot be used"):
        Site(tmp_path, uploads_url=f"s3://no-such-bucket-here?endpoint={s3_endpoint}&region=us-east-1")


@pytest.fixture
def scanned(tmp_path: Path, clamd_socket: Path) -> Site:
    return Site(tmp_path, uploads_scan_url=f"clamd://{clamd_socket}")


def test_malware_is_refused_by_the_real_scanner(scanned: Site) -> None:
    with scanned.app.test_request_context("/"):
        assert scanned.store.save(file(TEXT, "a.txt")).available
        assert scanned.store.save(file(image(), "a.png")).available
        with pytest.raises(UploadRefused, match="malware"):
            scanned.store.save(file(EICAR, "a.txt"))
        assert len(scanned.store.files()) == 2
    assert "Eicar" in scanned.events("upload.refused")[0].details["reason"]


def test_without_an_answer_of_the_scanner_files_wait_in_quarantine(
    tmp_path: Path, clamd_socket: Path, caplog: pytest.LogCaptureFixture
) -> None:
    site = Site(tmp_path, uploads_scan_url=f"clamd://{tmp_path}/nobody.sock")
    with site.app.test_request_context("/"):
        good, bad = site.store.save(file(TEXT, "a.txt")), site.store.save(file(EICAR, "b.txt"))
        assert good.status is Status.QUARANTINED
        assert "FUMEHOOD_UPLOADS_SCAN_URL" in caplog.text
        with pytest.raises(NotAvailable) as waiting:
            site.store.response(good.id)
        assert waiting.value.code == 409
        assert site.store.scan_quarantine() == {"available": 0, "infected": 0, "quarantined": 2}

        from fumehood.practices.uploads.scanner import Clamd

        site.store.scanner = Clamd(str(clamd_socket))
        assert site.store.scan_quarantine() == {"available": 1, "infected": 1, "quarantined": 0}
        assert site.content(good.id) == TEXT
        with pytest.raises(NotAvailable) as gone:
            site.store.response(bad.id)
        assert gone.value.code == 410
        assert bad.id not in list(site.store.place.keys(older_than=2e10))


@pytest.mark.parametrize("url", ["http://x", "clamd:", "clamd://host:99999", "/run/clamd.sock"])
def test_a_scanner_that_is_none_stops_the_start(tmp_path: Path, url: str) -> None:
    with pytest.raises(ConfigurationError, match="FUMEHOOD_UPLOADS_SCAN_URL"):
        Site(tmp_path, uploads_scan_url=url)


def test_pages_of_files(site: Site) -> None:
    with site.app.test_request_context("/"):
        ids = sorted(site.store.save(file(TEXT, f"{n}.txt")).id for n in range(5))
        first = site.store.files(limit=3)
        assert [found.id for found in [*first, *site.store.files(limit=3, after=first[-1].id)]] == ids
        assert site.store.files(8) == []
        assert len(site.store.files(None)) == 5
