"""A baseline hides what is known, and nothing else."""

from __future__ import annotations

import dataclasses

import pytest

from fumehood.findings import Certainty, Finding, Location, Severity
from fumehood.findings.baseline import Baseline, WrongBaseline, fingerprint


def finding(line=3, code="os.system(name)", path="app.py", scope="view", **parts):
    place = Location(path, line, code=code, scope=scope)
    return Finding("FH403", "a flaw", Severity.HIGH, Certainty.READ, location=place, **parts)


def split(known, now, tmp_path, gone=()):
    file = tmp_path / "baseline.json"
    Baseline.write(file, known)
    return Baseline.read(file).split(now, lambda path: path not in gone)


def test_moved_and_reformatted_lines_stay_known(tmp_path):
    new, known = split([finding()], [finding(line=90, code="os.system( name )  # fumehood?")], tmp_path)
    assert (len(new), len(known)) == (0, 1)


def test_a_second_identical_line_is_new(tmp_path):
    new, known = split([finding()], [finding(), finding(line=4), finding(line=5)], tmp_path)
    assert (len(new), len(known)) == (2, 1)


def test_the_same_line_in_another_file_or_function_is_new(tmp_path):
    new, _ = split([finding()], [finding(path="other.py"), finding(scope="other")], tmp_path)
    assert len(new) == 2


def test_a_renamed_file_makes_nothing_new(tmp_path):
    new, known = split([finding()], [finding(path="renamed.py")], tmp_path, gone={"app.py"})
    assert (len(new), len(known)) == (0, 1)


def test_certainty_and_severity_are_not_part_of_the_identity():
    one = finding()
    other = dataclasses.replace(one, certainty=Certainty.CONFIRMED, severity=Severity.LOW)
    assert fingerprint(one) == fingerprint(other)


def test_a_setting_is_known_by_its_route_and_message():
    one = Finding("FH302", "3 answers have no header", Severity.LOW, Certainty.SEEN)
    assert fingerprint(one) == fingerprint(dataclasses.replace(one, message="12 answers have no header"))
    assert fingerprint(one) != fingerprint(dataclasses.replace(one, route="GET /"))


@pytest.mark.parametrize(
    "content",
    [
        "",
        "[]",
        "{}",
        '{"version": 9, "findings": []}',
        '{"version": 1, "findings": [{"rule": "FH801"}]}',
        "\x00",
    ],
)
def test_what_is_not_a_baseline_is_one_clear_error(tmp_path, content):
    file = tmp_path / "baseline.json"
    file.write_text(content)
    with pytest.raises(WrongBaseline, match=r"baseline\.json"):
        Baseline.read(file)


def test_a_missing_baseline_says_how_to_make_one(tmp_path):
    with pytest.raises(WrongBaseline, match="--write-baseline"):
        Baseline.read(tmp_path / "none.json")


def test_writing_leaves_no_other_file(tmp_path):
    Baseline.write(tmp_path / "baseline.json", [finding()])
    assert [file.name for file in tmp_path.iterdir()] == ["baseline.json"]
