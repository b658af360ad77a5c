"""``[tool.fumehood]`` is read strictly: what is wrong is said, all of it at once."""

from __future__ import annotations

import pytest

from fumehood.findings import Certainty, Severity
from fumehood.findings.configuration import AuditConfiguration, WrongConfiguration


def read(tmp_path, text):
    (tmp_path / "pyproject.toml").write_text(text)
    return AuditConfiguration.load(tmp_path)


def test_all_keys(tmp_path):
    found = read(
        tmp_path,
        """
        [tool.fumehood]
        app = "shop:create_app"
        exclude = ["vendored"]
        fail-on = "high"
        min-severity = "low"
        min-certainty = "seen"
        baseline = "known.json"
        [tool.fumehood.per-file-ignores]
        "tests/**" = ["FH201"]
        [tool.fumehood.sanitizers]
        "shop.text.clean" = ["html"]
        [[tool.fumehood.ignore]]
        rule = "FH301"
        reason = "the proxy redirects"
        until = 2027-01-31
        """,
    )
    assert (found.app, found.fail_on, found.min_certainty) == (
        "shop:create_app",
        Severity.HIGH,
        Certainty.SEEN,
    )
    assert found.per_file_ignores == {"tests/**": ("FH201",)}
    assert found.ignore[0].reason == "the proxy redirects"


def test_nothing_said_is_the_default(tmp_path):
    assert read(tmp_path, "[project]\nname = 'x'\n") == AuditConfiguration()


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("fail_on = 'high'", "did you mean fail-on"),
        ("fail-on = 'severe'", "one of info, low, medium, high, critical"),
        ("exclude = 'vendored'", "a list of strings"),
        ("app = 3", "a string"),
        ("ignore = [{rule = 'FH301'}]", "a rule and a reason"),
        ("ignore = [{rule = 'FH301', reason = 'x', til = 1}]", "not til"),
        ("ignore = [{rule = 'FH301', reason = 'x', until = 'soon'}]", "is a date"),
        ("nonsense = 1\nfail-on = 1", "nonsense is not a key"),
    ],
)
def test_what_is_wrong_is_said(tmp_path, line, said):
    with pytest.raises(WrongConfiguration, match=r"pyproject\.toml") as error:
        read(tmp_path, f"[tool.fumehood]\n{line}\n")
    assert said in str(error.value)


def test_what_is_not_toml_is_said(tmp_path):
    with pytest.raises(WrongConfiguration, match="cannot be read"):
        read(tmp_path, "[tool.fumehood\n")
