"""Advisory data at hand: filled whole or not at all, and honest about what it does not cover."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from fumehood.engines.advisories import (
    Advisories,
    Advisory,
    Affected,
    NoAdvisories,
    Package,
    Unreachable,
    installed,
    save,
    update,
)
from fumehood.engines.advisories.sources import OSV_EXPORT
from fumehood.engines.advisories.store import default_path
from fumehood.findings import Severity
from fumehood.settings import ConfigurationError

OLD_FLASK = Package("flask", "2.2.0")


def osv(identity: str, name: str = "flask", fixed: str = "2.2.5", **parts: Any) -> dict[str, Any]:
    events = [{"introduced": "0"}, {"fixed": fixed}]
    ranges = [{"type": "ECOSYSTEM", "events": events}]
    return {
        "id": identity,
        "affected": [{"package": {"ecosystem": "PyPI", "name": name}, "ranges": ranges}],
    } | parts


def zipped(*records: dict[str, Any]) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for record in records:
            archive.writestr(f"{record['id']}.json", json.dumps(record))
    return content.getvalue()


def answering(answers: dict[str, bytes]) -> Callable[[str, int], bytes]:
    def fetch(address: str, _limit: int) -> bytes:
        try:
            return answers[address]
        except KeyError:
            raise Unreachable(f"{address} could not be reached") from None

    return fetch


def test_data_is_fetched_kept_and_matched(tmp_path: Path) -> None:
    path = tmp_path / "data"
    said = update(path=path, fetch=answering({OSV_EXPORT: zipped(osv("PYSEC-1"), osv("PYSEC-2", "other"))}))
    assert said == "2 advisories from OSV"
    with Advisories.load(path) as data:
        (found,) = data.match([OLD_FLASK, Package("flask", "2.2.5"), Package("jinja2", "1.0")])
        assert found.package == OLD_FLASK
        assert found.fixed == "2.2.5"
        assert data.whole
        assert data.covers(Package("anything", "1"))
        assert data.days_old < 1


def test_the_same_vulnerability_of_two_databases_is_one(tmp_path: Path) -> None:
    path = tmp_path / "data"
    ghsa = osv("GHSA-1", aliases=["CVE-1"], database_specific={"severity": "HIGH"}, fixed="2.2.6")
    pysec = osv("PYSEC-1", aliases=["CVE-1"])
    update(path=path, fetch=answering({OSV_EXPORT: zipped(ghsa, pysec, osv("PYSEC-9", aliases=["CVE-9"]))}))
    with Advisories.load(path) as data:
        first, second = data.match([OLD_FLASK])
    assert first.advisory.id == "PYSEC-1"
    assert set(first.names) == {"PYSEC-1", "GHSA-1", "CVE-1"}
    assert first.severity is Severity.HIGH
    assert second.advisory.id == "PYSEC-9"


@pytest.mark.parametrize("ending", ["json", "yaml"])
def test_a_copy_of_a_database_is_read(tmp_path: Path, ending: str) -> None:
    (tmp_path / "vulns" / "flask").mkdir(parents=True)
    (tmp_path / "vulns" / "flask" / f"PYSEC-1.{ending}").write_text(
        json.dumps(osv("PYSEC-1"))
    )  # JSON is YAML
    (tmp_path / "vulns" / "config.yaml").write_text("a: 1\n")
    update(tmp_path / "vulns", path=tmp_path / "data")
    with Advisories.load(tmp_path / "data") as data:
        assert [one.advisory.id for one in data.match([OLD_FLASK])] == ["PYSEC-1"]


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("x.zip", b"PK\x03\x04broken", "not an advisory|not a readable zip"),
        ("x.json", b"{", "not an advisory"),
        ("x.yaml", b"a: [", "not an advisory"),
        ("x.json", b"{}", "holds no advisory"),
        ("x.json", b'{"affected": []}', "no id"),
    ],
)
def test_bad_copies_keep_the_data_at_hand(tmp_path: Path, name: str, content: bytes, says: str) -> None:
    path = tmp_path / "data"
    save([Advisory("PYSEC-1", (), "", None, (Affected("flask", (), ("2.2.0",)),))], "before", path=path)
    (tmp_path / name).write_bytes(content)
    with pytest.raises(ConfigurationError, match=says):
        update(tmp_path / name, path=path)
    with Advisories.load(path) as data:
        assert data.source == "before"
    assert not list(tmp_path.glob(".advisories*"))


def test_a_copy_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="no folder or file"):
        update(tmp_path / "none", path=tmp_path / "data")


def pypi(version: str, *vulnerabilities: dict[str, Any]) -> bytes:
    return json.dumps({"info": {"version": version}, "vulnerabilities": list(vulnerabilities)}).encode()


def test_pypi_is_asked_where_osv_cannot_be_reached(tmp_path: Path) -> None:
    vulnerability = {
        "id": "PYSEC-1",
        "aliases": ["CVE-1"],
        "details": "Leaks",
        "fixed_in": ["2.3.2", "2.2.5"],
        "withdrawn": None,
    }
    latest = Package("jinja2", "3.1.6")
    older = Package("click", "7.0")
    fetch = answering(
        {
            "https://pypi.org/pypi/flask/2.2.0/json": pypi(
                "2.2.0", vulnerability, vulnerability | {"id": "PYSEC-0", "withdrawn": "x"}
            ),
            # A mirror without pages for versions: its page for the project tells of the latest one only.
            "https://pypi.org/pypi/jinja2/json": pypi("3.1.6"),
            "https://pypi.org/pypi/click/json": pypi("8.2"),
        }
    )
    said = update(path=tmp_path / "data", packages=[OLD_FLASK, latest, older], fetch=fetch)
    assert "PyPI answered for 2 of 3 packages; the others are not checked" in said
    with Advisories.load(tmp_path / "data") as data:
        assert not data.whole
        assert [data.covers(one) for one in (OLD_FLASK, latest, older)] == [True, True, False]
        (found,) = data.match([OLD_FLASK, latest, older])
    assert found.fixed == "2.2.5"


def test_where_nothing_answers_it_says_so_and_keeps_what_is_there(tmp_path: Path) -> None:
    with pytest.raises(Unreachable, match="could not be reached"):
        update(path=tmp_path / "data", packages=[OLD_FLASK], fetch=answering({}))
    assert not list(tmp_path.iterdir())


def test_no_data_is_told_with_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(NoAdvisories, match="fumehood advisories update"):
        Advisories.load(tmp_path / "none")
    (tmp_path / "other").write_bytes(b"x" * 4096)
    with pytest.raises(NoAdvisories, match="is not advisory data"):
        Advisories.load(tmp_path / "other")


def test_the_cache_is_private_and_follows_xdg(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    save([Advisory("PYSEC-1", (), "", None, (Affected("flask"),))], "a test")
    assert default_path() == tmp_path / "cache" / "fumehood" / "advisories.sqlite3"
    assert default_path().stat().st_mode & 0o777 == 0o600
    assert default_path().parent.stat().st_mode & 0o777 == 0o700
    monkeypatch.setenv("XDG_CACHE_HOME", "relative")
    assert default_path().is_absolute()


def test_what_is_installed_is_found(tmp_path: Path) -> None:
    assert "flask" in {one.name for one in installed()}
    info = tmp_path / "Old_Thing-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: Old_Thing\nVersion: 1.0\n")
    assert installed([str(tmp_path)]) == (Package("old-thing", "1.0"),)
