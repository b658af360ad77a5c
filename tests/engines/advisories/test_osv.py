"""Which versions an advisory is about, and how bad it is."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.version import Version

from fumehood.engines.advisories.osv import Affected, affects, fixed_in, parsed, severity_of
from fumehood.findings import Severity

# The ranges of a real record, PYSEC-2023-62.
FLASK = Affected(
    "flask", ((("introduced", "0"), ("fixed", "2.2.5"), ("introduced", "2.3.0"), ("fixed", "2.3.2")),)
)


@pytest.mark.parametrize(
    "version",
    ["0.1", "0.0.dev1", "1.1.4", "2.2.4", "2.2.5rc1", "2.3.0", "2.3.1", "2.3.1.post1", "2.2.4+local"],
)
def test_versions_inside_a_range_are_affected(version: str) -> None:
    assert affects(FLASK, version)


@pytest.mark.parametrize(
    "version",
    ["2.2.5", "2.2.5.post1", "2.2.99", "2.3.0rc1", "2.3.2", "3.0.0", "2.2.5+local", "1!0.1", "nonsense", ""],
)
def test_versions_outside_are_not(version: str) -> None:
    assert not affects(FLASK, version)


def test_the_end_of_the_own_branch_is_the_fix() -> None:
    assert fixed_in(FLASK, "2.2.0") == "2.2.5"
    assert fixed_in(FLASK, "2.3.0") == "2.3.2"
    assert fixed_in(FLASK, "3.0") == ""


def test_an_end_inside_another_range_is_no_fix() -> None:
    about = Affected(
        "x", ((("introduced", "0"), ("fixed", "2.0")), (("introduced", "1.5"), ("fixed", "3.0")))
    )
    assert fixed_in(about, "1.0") == "3.0"


def test_the_last_affected_version_is_affected() -> None:
    about = Affected("x", ((("introduced", "1.0"), ("last_affected", "1.4")),))
    assert affects(about, "1.4")
    assert not affects(about, "1.4.1")
    assert not affects(about, "0.9")
    assert fixed_in(about, "1.4") == ""


@pytest.mark.parametrize("version", ["1.0", "1.0.0", "v1.0", "1.0+cpu"])
def test_versions_named_one_by_one_are_compared_as_versions(version: str) -> None:
    assert affects(Affected("x", (), ("1.0", "1.1")), version)
    assert not affects(Affected("x", (), ("1.1",)), version)


numbers = st.integers(0, 12)


@given(numbers, st.integers(1, 12), numbers)
def test_a_range_is_what_it_says(start: int, length: int, asked: int) -> None:
    about = Affected("x", ((("introduced", str(start)), ("fixed", str(start + length))),))
    assert affects(about, str(asked)) == (
        Version(str(start)) <= Version(str(asked)) < Version(str(start + length))
    )


def record(**parts: Any) -> dict[str, Any]:
    affected = [{"package": {"ecosystem": "PyPI", "name": "Flask"}, "versions": ["1.0"]}]
    return {"id": "PYSEC-1", "affected": affected} | parts


def test_a_record_is_read() -> None:
    advisory = parsed(record(aliases=["CVE-2099-1"], details="## Impact\n\nLeaks the\nsession.\n\nMore."))
    assert advisory is not None
    assert advisory.cve == "CVE-2099-1"
    assert advisory.summary == "Leaks the session."
    assert advisory.affected[0].name == "flask"
    assert advisory.url == "https://osv.dev/vulnerability/PYSEC-1"


@pytest.mark.parametrize(
    "without",
    [
        record(withdrawn="2024-01-01T00:00:00Z"),
        record(affected=[{"package": {"ecosystem": "npm", "name": "flask"}}]),
        record(affected=[]),
    ],
)
def test_withdrawn_and_foreign_records_are_left(without: dict[str, Any]) -> None:
    assert parsed(without) is None


def test_git_ranges_say_nothing_about_versions() -> None:
    events = [{"introduced": "0"}, {"fixed": "abcdef"}]
    package = {"ecosystem": "PyPI", "name": "x"}
    advisory = parsed(record(affected=[{"package": package, "ranges": [{"type": "GIT", "events": events}]}]))
    assert advisory is not None
    assert not affects(advisory.affected[0], "1.0")


@pytest.mark.parametrize(
    ("score", "severity"),
    [
        ("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", Severity.CRITICAL),
        ("CVSS:3.0/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N", Severity.HIGH),
        ("CVSS:3.1/AV:N/AC:L/PR:N/UI:R/S:C/C:L/I:L/A:N", Severity.MEDIUM),
        ("CVSS:3.1/AV:L/AC:H/PR:L/UI:N/S:U/C:L/I:N/A:N", Severity.LOW),
        ("CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N", Severity.CRITICAL),
        ("CVSS:3.1/nonsense", None),
        ("", None),
    ],
)
def test_severity_comes_from_the_vector(score: str, severity: Severity | None) -> None:
    assert severity_of(record(severity=[{"type": "CVSS", "score": score}])) == severity


def test_severity_comes_from_the_databases_word_without_a_vector() -> None:
    assert severity_of(record(database_specific={"severity": "MODERATE"})) is Severity.MEDIUM
    assert severity_of(record()) is None
