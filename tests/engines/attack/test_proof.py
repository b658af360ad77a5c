"""The tests that findings come with fail as long as the flaw is there, and pass when it is mended."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest
from attack_samples import CASES, IDS, RULES, notes, shop

from fumehood.cli._attack import write_tests
from fumehood.engines.attack.exchange import Wanted
from fumehood.findings import Finding

CONFTEST = """
import pathlib, pytest

@pytest.fixture
def client():
    pathlib.Path("notes.db").unlink(missing_ok=True)
    from app import app
    app.testing = True
    yield app.test_client()
"""


def outcome(root: Path, findings: Iterable[Finding], source: str) -> dict[str, int]:
    """Run the findings' tests against an application, in a project of its own."""
    root.mkdir()
    (root / "app.py").write_text(source)
    (root / "conftest.py").write_text(CONFTEST)
    (root / "pytest.ini").write_text("[pytest]\n")
    assert write_tests(root / "test_flaws.py", findings)
    ran = subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "-p",
            "no:randomly",
            "-p",
            "no:cacheprovider",
            "test_flaws.py",
        ],
        cwd=root,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        timeout=120,
    )
    found = re.findall(r"(\d+) (passed|failed|error)", ran.stdout.splitlines()[-1])
    assert found, ran.stdout + ran.stderr
    counts = {word: int(number) for number, word in found}
    if "error" in counts or (counts.get("passed") and counts.get("failed")):
        pytest.fail(ran.stdout[-6000:])
    return counts


def test_of_single_requests(attacked: Callable[..., Any], tmp_path: Path) -> None:
    findings = attacked(shop(1), *IDS).findings
    assert len({item.route for item in findings}) == len(CASES)
    assert outcome(tmp_path / "weak", findings, shop(1)) == {"failed": len(findings)}
    assert outcome(tmp_path / "sound", findings, shop(2)) == {"passed": len(findings)}


def test_of_what_needs_people(attacked: Callable[..., Any], tmp_path: Path) -> None:
    weak = notes(WHERE_OWNER="", ESCAPE="str", CSRF="pass")
    findings = attacked(weak, *RULES).findings
    assert {item.rule for item in findings} == {"FH443", "FH501", "FH761"}
    tests = sum(item.kind == "test" for finding in findings for item in finding.evidence)
    assert tests == len(findings) - 1  # what somebody else deletes, no single answer shows
    assert outcome(tmp_path / "weak", findings, weak) == {"failed": tests}
    assert outcome(tmp_path / "sound", findings, notes()) == {"passed": tests}


def test_the_curl_line_is_one_command() -> None:
    line = Wanted("GET", "/find", {"q": 'it\'s; "quoted" $HOME `x`'}, headers={"X-Word": "a b"}).curl(
        "http://localhost:1"
    )
    words = shlex.split(line)
    assert words == [
        "curl",
        "-i",
        "-X",
        "GET",
        "-H",
        "X-Word: a b",
        "http://localhost:1/find?q=it%27s%3B+%22quoted%22+%24HOME+%60x%60",
    ]
