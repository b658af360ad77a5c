"""Violated policies are journaled, and whoever posts nonsense or floods costs little."""

from __future__ import annotations

import json

import pytest

from fumehood.practices.https.reports import LARGEST, Budget, read_reports
from hooded import HTTPS, browser, hooded_app

PATH = "/_fumehood/csp-reports"
OLD = {
    "csp-report": {
        "document-uri": f"{HTTPS}/notes?token=s3cret#x",
        "effective-directive": "script-src",
        "blocked-uri": "inline",
    }
}
NEW = [
    {
        "type": "csp-violation",
        "body": {
            "documentURL": f"{HTTPS}/notes",
            "effectiveDirective": "img-src",
            "blockedURL": "https://u:p@evil.example/a?b",
        },
    }
]


@pytest.fixture
def journal(tmp_path):
    """A client, and what was recorded through it."""
    app = hooded_app(tmp_path)
    recorded = []
    app.extensions["fumehood"].record = lambda event, **details: recorded.append((event, details))
    return browser(app), recorded


def post(client, body, kind):
    return client.post(PATH, base_url=HTTPS, data=json.dumps(body), content_type=kind)


def test_a_report_of_either_form_is_journaled_without_what_may_be_secret(journal):
    client, recorded = journal
    assert post(client, OLD, "application/csp-report").status_code == 204
    assert post(client, NEW, "application/reports+json").status_code == 204
    assert [event for event, _ in recorded] == ["csp.reported", "csp.reported"]
    old, new = (details for _, details in recorded)
    assert (old["page"], old["directive"], old["blocked"]) == (f"{HTTPS}/notes", "script-src", "inline")
    assert new["blocked"] == "https://evil.example/a"


def test_a_report_needs_neither_token_nor_sign_in(journal):
    client, _ = journal
    answer = client.post(
        PATH,
        base_url=HTTPS,
        json=OLD,
        content_type="application/csp-report",
        headers={"Sec-Fetch-Site": "cross-site"},
    )
    assert answer.status_code == 204


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (OLD, "text/plain", 415),
        ({"csp-report": {"blocked-uri": "x" * LARGEST}}, "application/csp-report", 413),
        ([], "application/reports+json", 204),
        ("[" * 2000, "application/reports+json", 204),
        ([{"type": "deprecation", "body": {}}, 7, None], "application/reports+json", 204),
    ],
)
def test_what_is_no_report_leaves_no_trace(journal, body, kind, status):
    client, recorded = journal
    assert post(client, body, kind).status_code == status
    assert not recorded


def test_a_flood_is_journaled_only_so_far(journal):
    client, recorded = journal
    statuses = [post(client, NEW * 20, "application/reports+json").status_code for _ in range(5)]
    assert statuses[-1] == 429
    assert len(recorded) <= 120  # a minute may end between two posts


def test_a_new_minute_has_a_new_budget():
    budget = Budget(per_minute=2)
    assert [budget.spend(now) for now in (0, 1, 2, 60)] == [True, True, False, True]
    assert budget.dropped == 1


def test_line_breaks_cannot_forge_the_journal():
    (report,) = read_reports(
        json.dumps({"csp-report": {"effective-directive": "a\nb", "blocked-uri": "x\r\ny"}}).encode()
    )
    assert report["directive"] == "ab"
    assert "\n" not in report["blocked"]


def test_no_endpoint_where_reports_are_not_wanted(tmp_path):
    app = hooded_app(tmp_path, {"csp_report_url": ""})
    answer = browser(app).get("/", base_url=HTTPS)
    assert "Reporting-Endpoints" not in answer.headers
    assert "report" not in answer.headers["Content-Security-Policy"]
    assert PATH not in {rule.rule for rule in app.url_map.iter_rules()}
