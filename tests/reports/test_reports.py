"""The same result for a person, for a program, and for a code host."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from pydantic import ValidationError
from sarif_pydantic import Sarif

from fumehood.audit import AuditResult, Verdict, VerdictKind, all_rules
from fumehood.findings import (
    PRACTICES,
    Certainty,
    Evidence,
    Finding,
    Location,
    NotCovered,
    Severity,
    Step,
    Unknown,
)
from fumehood.findings.suppressions import Suppressed
from fumehood.reports import FORMATS, renderer
from fumehood.reports.text import write

SOURCE = Location("shop/views.py", 8, 12, 8, 31, 'name = request.args["q"]', "people")
SINK = Location("shop/store files.py", 21, 5, code='db.execute(f"... {name}")', scope="Store.find")
FLOW = Finding(
    "FH504",
    "A link to /people changes something.",
    Severity.CRITICAL,
    Certainty.CONFIRMED,
    location=SINK,
    route="GET /people",
    parameter="q",
    trace=(Step(SOURCE, "the request's q"), Step(SINK, "becomes part of a statement")),
    evidence=(
        Evidence("request", "curl -k 'https://localhost/people?q=1'"),
        Evidence("code", "<b>&amp;</b>"),
    ),
    fix="Take it by POST.",
)
SETTING = Finding("FH302", "Answers have no header.", Severity.MEDIUM, Certainty.SEEN)


@pytest.fixture(scope="module")
def result():
    verdicts = [Verdict(practice, VerdictKind.HOLDS, looked=3) for practice in PRACTICES]
    verdicts[2] = Verdict(PRACTICES[2], VerdictKind.FAILS, 1, 3)
    verdicts[0] = Verdict(PRACTICES[0], VerdictKind.UNKNOWN, why=("there is no advisory data",))
    return AuditResult(
        root=Path("shop"),
        target="shop:app",
        engines=("code", "live"),
        rules=all_rules(),
        findings=(SETTING, FLOW),
        verdicts=tuple(verdicts),
        unknowns=(Unknown("FH101", "there is no advisory data"),),
        not_covered=(NotCovered("file", "shop/old.py", "it needs Python 2", fatal=True),),
        suppressed=(Suppressed(SETTING, "the proxy sends it", "shop/app.py:3"),),
        known=(SETTING,),
        notes=("shop/app.py:9: ignore[FH801] silences nothing any more; remove it",),
        timings={"code": 1.25, "code: parse": 1.0},
    )


def test_text_says_everything_and_fits(result):
    text = renderer("text")(result)
    for said in (
        *(
            "holds",
            "does not hold",
            "cannot tell",
            "there is no advisory data",
            "confirmed by attack",
            "FH504",
            "curl -k",
        ),
        *(
            "shop/views.py:8",
            'name = request.args["q"]',
            "shop/store files.py:21",
            "Take it by POST.",
            "it needs Python 2",
        ),
        *(
            "silences nothing any more",
            "8 of 10 practices hold",
            "1 critical, 1 medium",
            "1 suppressed",
            "1 known",
        ),
    ):
        assert said in text
    assert max(map(len, text.splitlines())) <= 100


def test_practices_are_in_their_order(result):
    text = renderer("text")(result)
    places = [text.index(f"{practice.number:>3} {practice.name}") for practice in PRACTICES]
    assert places == sorted(places)


def test_text_without_a_terminal_is_plain_and_survives_a_narrow_encoding(result):
    out = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    write(result, out)
    out.seek(0)
    text = out.read()
    assert "\x1b" not in text
    assert "x does not hold" in text


def test_json_has_what_its_page_says(result):
    report = json.loads(renderer("json")(result))
    assert set(report) == {
        *("version", "root", "target", "engines", "practices", "findings", "suppressed", "known", "unknown"),
        *("not_covered", "notes", "observatory", "timings"),
    }
    flow = report["findings"][1]
    assert flow["trace"][0] == {
        "message": "the request's q",
        "location": report["findings"][1]["trace"][0]["location"],
    }
    assert flow["trace"][0]["location"]["line"] == 8
    assert (flow["severity"], flow["certainty"], flow["cwe"], flow["practice"]) == (
        "critical",
        "confirmed",
        352,
        "csrf",
    )
    assert report["practices"][0]["verdict"] == "cannot tell"
    assert len(flow["fingerprint"]) == 32


def test_sarif_is_what_the_standard_says(result):
    """Checked with models made from the SARIF 2.1.0 schema: names, types, enumerations and what is required."""
    log = Sarif.model_validate_json(renderer("sarif")(result))
    assert [run.tool.driver.name for run in log.runs] == ["Fumehood"]
    with pytest.raises(ValidationError):
        Sarif.model_validate_json(
            renderer("sarif")(result).replace('"level": "error"', '"level": "dreadful"')
        )


def test_sarif_carries_flow_rules_fingerprints_and_suppressions(result):
    (run,) = json.loads(renderer("sarif")(result))["runs"]
    setting, flow, known, suppressed = run["results"]
    steps = flow["codeFlows"][0]["threadFlows"][0]["locations"]
    assert [step["location"]["physicalLocation"]["region"]["startLine"] for step in steps] == [8, 21]
    assert steps[1]["location"]["physicalLocation"]["artifactLocation"]["uri"] == "shop/store%20files.py"
    assert run["tool"]["driver"]["rules"][flow["ruleIndex"]]["id"] == flow["ruleId"] == "FH504"
    assert flow["partialFingerprints"]["fumehood/v1"] != setting["partialFingerprints"]["fumehood/v1"]
    assert known["baselineState"] == "unchanged"
    assert suppressed["suppressions"] == [{"kind": "inSource", "justification": "the proxy sends it"}]
    assert run["invocations"][0]["executionSuccessful"] is False


def test_markup_in_evidence_stays_text(result):
    assert "<b>" not in renderer("html")(result)
    assert "<script" not in renderer("html")(result)


def test_html_stands_alone(result):
    page = renderer("html")(result)
    assert "https://" not in page.replace("https://localhost", "").replace("https://cwe.mitre.org", "")
    assert "<title>" in page
    assert "prefers-color-scheme: dark" in page


def test_markdown_is_a_table_and_sections(result):
    text = renderer("markdown")(result)
    assert "| 3 | https | does not hold |" in text
    assert "### FH504" in text


def test_no_other_format():
    with pytest.raises(ValueError, match="there are text, json"):
        renderer("xml")
    assert "html" in FORMATS
