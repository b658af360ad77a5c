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
        (("--baseline", "damaged.json"), "damaged.json is not a baseline"),
        (("--baseline", "no/such/known.json", "--write-baseline"), "there is no such folder"),
        (("--output", "no/such/report.txt"), "no/such/report.txt cannot be written"),
        (("--output", "."), "is a directory"),
        (("--yes",), "--yes answers the question that an attack asks"),
        (("--people", "people.toml"), "people are for an attack"),
        (("--attack", "--yes", "--app", "shop", "--people", "people.toml"), "people.toml cannot be read"),
        (("--attack", "--yes"), "--app MODULE[:ATTR]"),
        (("--access", "access.toml"), "an access map is made by an attack"),
        (("--write-tests", "test_flaws.py"), "tests are written of what an attack proves"),
        (("--i-own", "shop.example"), "--i-own goes with --url"),
    ],
)
def test_errors_are_one_message_and_status_2(shop, arguments, said):
    (shop / "damaged.json").write_text('{"version": 1')
    before = sorted(shop.iterdir())
    result = run("audit", *arguments)
    assert result.exit_code == 2, result.output
    assert said in " ".join(result.output.split())
    assert "Traceback" not in result.output
    assert "practice" not in result.output  # told at once, not after minutes of looking
    assert sorted(shop.iterdir()) == before


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"[tool.fumehood]\nfailon = 'high'\n", "did you mean fail-on"),
        (b"[tool.fumehood]\nexclude = 3\n", "exclude must be a list of strings"),
        (b"[tool.fumehood\n", "pyproject.toml cannot be read"),
        (b"\xff\xfe", "pyproject.toml cannot be read"),
        (b"[tool]\nfumehood = 3\n", "must be a table"),
        (b"tool = 3\n", "must be a table"),
    ],
)
def test_a_wrong_pyproject_is_an_error(shop, content, said):
    (shop / "pyproject.toml").write_bytes(content)
    result = run("audit", "--only", "versions")
    assert result.exit_code == 2
    assert said in result.output
    assert "Traceback" not in result.output


def test_an_unknown_rule_is_named(shop):
    explained = run("explain", "FH9999")
    assert explained.exit_code == 2
    assert "there is no rule 'FH9999'" in explained.output
    (shop / "shop.py").write_text("print(1)  # fumehood: ignore[FH9999] -- never heard of\n")
    assert "FH9999" in run("audit", "--only", "code").output


def test_reading_alone_says_what_it_can_tell(shop):
    (shop / "shop.py").write_text("print(1)\n")
    result = run("audit")
    assert result.exit_code == 0, result.output
    assert "Nothing was found against the 10 practices, and --app can tell whether they hold" in result.output
    (shop / "shop.py").write_text("import hashlib\nhashlib.md5(b'x')\n")
    assert "1 of 10 practices does not hold; nothing was found against the other 9" in run("audit").output


def test_what_cannot_be_looked_at_to_the_end_counts(shop):
    (shop / "shop.py").write_text(
        "import os\nfrom flask import Flask\napp = Flask(__name__)\n@app.get('/')\ndef index():\n    os._exit(1)\n"
    )
    result = live("--fail-on", "never")
    assert result.exit_code == 2
    assert "the application ended the process" in result.output


def test_profile_says_where_the_time_went(shop):
    said = live("--profile").output
    assert "live: import" in said
    assert "0.000 s" not in said


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
