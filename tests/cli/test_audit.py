"""`fumehood audit` and `fumehood explain`, as a person or a pipeline uses them."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from click.testing import CliRunner

from fumehood.cli import fumehood

APP = """
from flask import Flask

app = Flask(__name__)
app.config["SECRET_KEY"] = "dev"


@app.get("/")
def index():
    return "hello"
"""


@pytest.fixture
def shop(tmp_path, monkeypatch):
    (tmp_path / "shop.py").write_text(APP)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*arguments):
    return CliRunner().invoke(fumehood, list(arguments), prog_name="fumehood")


def live(*arguments):
    return run("audit", "--app", "shop", "--only", "live", *arguments)


def test_findings_are_shown_and_fail(shop):
    result = live()
    assert result.exit_code == 1
    assert "FH203 well-known-secret-key" in result.output
    assert "shop.py:5" in result.output


def test_the_exit_threshold_is_apart_from_the_shown_one(shop):
    assert live("--fail-on", "never").exit_code == 0
    hidden = live("--min-severity", "critical", "--fail-on", "medium")
    assert hidden.exit_code == 1
    assert "FH302" not in hidden.output
    (shop / "shop.py").write_text(APP.replace('"dev"', "__import__('secrets').token_hex(32)"))
    assert live("--fail-on", "critical").exit_code == 0


def test_a_baseline_leaves_what_is_new(shop):
    written = live("--baseline", "known.json", "--write-baseline")
    assert written.exit_code == 0
    assert live("--baseline", "known.json").exit_code == 0
    (shop / "shop.py").write_text("\n\n" + APP + '\napp.config["MAX_FORM_PARTS"] = None\n')
    result = live("--baseline", "known.json", "--format", "json")
    assert [item["rule"] for item in json.loads(result.output)["findings"]] == ["FH404"]


def test_pyproject_is_found_by_itself(shop):
    (shop / "pyproject.toml").write_text(
        '[tool.fumehood]\napp = "shop"\nfail-on = "critical"\n'
        '[[tool.fumehood.ignore]]\nrule = "FH203"\nreason = "a laboratory that nobody reaches"\n'
    )
    result = run("audit", "--only", "live")
    assert result.exit_code == 0, result.output
    assert "1 suppressed" in result.output


def test_output_is_written_whole_or_not_at_all(shop):
    assert live("--format", "sarif", "--output", "report.sarif").exit_code == 1
    assert json.loads((shop / "report.sarif").read_text())["version"] == "2.1.0"
    failed = live("--output", "no/such/folder/report.txt")
    assert failed.exit_code == 2
    assert "cannot be written" in failed.output


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("nowhere",), "nowhere does not exist"),
        (("--app", "nothing", "--only", "live"), "there is no module 'nothing'"),
        (("--only", "live"), "--app MODULE[:ATTR]"),
        (("--only", "magic"), "'magic' is not an engine"),
        (("--write-baseline",), "--baseline FILE"),
        (("--app", "shop", "--only", "live", "--baseline", "none.json"), "none.json cannot be read"),
        (("--format", "xml"), "'xml' is not one of"),
        (("--fail-on", "severe"), "is not one of"),
    ],
)
def test_errors_are_one_message_and_status_2(shop, arguments, said):
    result = run("audit", *arguments)
    assert result.exit_code == 2
    assert said in result.output
    assert "Traceback" not in result.output


def test_a_wrong_pyproject_is_an_error(shop):
    (shop / "pyproject.toml").write_text("[tool.fumehood]\nfailon = 'high'\n")
    result = run("audit", "--only", "versions")
    assert result.exit_code == 2
    assert "did you mean fail-on" in result.output


def test_what_cannot_be_looked_at_to_the_end_counts(shop):
    (shop / "shop.py").write_text(
        "import os\nfrom flask import Flask\napp = Flask(__name__)\n@app.get('/')\ndef index():\n    os._exit(1)\n"
    )
    result = live("--fail-on", "never")
    assert result.exit_code == 2
    assert "the application ended the process" in result.output


def test_profile_says_where_the_time_went(shop):
    assert "live: import" in live("--profile").output


def test_the_audit_does_not_import_without_app(shop):
    (shop / "shop.py").write_text("raise SystemExit('imported')\n")
    result = run("audit", "--only", "versions")
    assert "imported" not in result.output
    assert result.exit_code == 0


def test_as_a_program(shop):
    done = subprocess.run(
        [sys.executable, "-m", "fumehood", "audit", "--app", "shop", "--only", "live", "--format", "json"],
        capture_output=True,
        text=True,
        cwd=shop,
        check=False,
    )
    assert done.returncode == 1, done.stderr
    assert json.loads(done.stdout)["target"] == "shop"
    assert done.stderr == ""


def test_explain_by_id_and_by_name():
    by_id, by_name = run("explain", "fh203"), run("explain", "well-known-secret-key")
    assert by_id.exit_code == 0
    assert by_id.output == by_name.output
    assert "CWE-1392" in by_id.output
    assert "## Use instead" in by_id.output


def test_explain_lists_in_the_order_of_the_practices():
    output = run("explain").output
    assert (
        output.index("1 versions")
        < output.index("FH104")
        < output.index("2 secrets")
        < output.index("10 audits")
    )


def test_explain_an_unknown_rule_says_what_is_near():
    result = run("explain", "secret-key-in-sauce")
    assert result.exit_code == 2
    assert "secret-key-in-source" in result.output
