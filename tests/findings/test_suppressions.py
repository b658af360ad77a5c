"""An accepted finding needs a reason, and silences nothing else."""

from __future__ import annotations

from datetime import date

import pytest

from fumehood.findings import Certainty, Finding, Location, Rule, Severity
from fumehood.findings.configuration import AuditConfiguration, Ignore
from fumehood.findings.suppressions import suppress

TODAY = date(2026, 11, 24)


class Injection(Rule):
    id, name, severity, cwe = "FH801", "sql-injection", Severity.HIGH, 89


class Key(Rule):
    id, name, severity, cwe = "FH203", "well-known-secret-key", Severity.HIGH, 1392


RULES = (Injection(), Key())


def judge(tmp_path, source, line, rule="FH801", name="app.py", configuration=None, judged=("FH801", "FH203")):
    (tmp_path / name).write_text(source)
    finding = Finding(
        rule, "a flaw", Severity.HIGH, Certainty.READ, location=Location(name, line), route="GET /x"
    )
    return suppress([finding], tmp_path, configuration or AuditConfiguration(), RULES, judged, TODAY)


@pytest.mark.parametrize(
    ("source", "line"),
    [
        ("run(name)  # fumehood: ignore[FH801] -- the name is ours\n", 1),
        ("run(name)  # fumehood: ignore[sql-injection] -- by name\n", 1),
        ("# fumehood: ignore[FH801, FH203] -- above\nrun(name)\n", 2),
        ("run(\n    name,\n    more,  # fumehood: ignore[FH801] -- a statement of several lines\n)\n", 1),
        ("run(  # fumehood: ignore[FH801] -- a statement of several lines\n    name,\n)\n", 3),
        ("run(name)  # noqa: S608  # fumehood: ignore[FH801] until=2027-01-31 -- moved in January\n", 1),
        ("@app.get('/')  # fumehood: ignore[FH801] -- on the decorator\ndef view():\n    pass\n", 2),
    ],
)
def test_accepted(tmp_path, source, line):
    judged = judge(tmp_path, source, line)
    assert judged.findings == ()
    assert judged.suppressed[0].reason
    assert [note for note in judged.notes if "FH801" in note] == []


@pytest.mark.parametrize(
    ("source", "line", "said"),
    [
        ("run(name)  # fumehood: ignore[FH801]\n", 1, "no reason"),
        ("run(name)  # fumehood: ignore\n", 1, "not well-formed"),
        ("run(name)  # fumehood: ignore FH801 -- reason\n", 1, "not well-formed"),
        ("run(name)  # fumehood: ignore[] -- reason\n", 1, "names no rule"),
        ("run(name)  # fumehood: ignore[FH999] -- reason\n", 1, "no rule FH999"),
        ("run(name)  # fumehood: ignore[FH801] until=2026-11-23 -- reason\n", 1, "ended on 2026-11-23"),
        ("run(name)  # fumehood: ignore[FH801] until=soon -- reason\n", 1, "not a date"),
        ("run(name)  # fumehood: ignore[FH203] -- another rule\n", 1, "ignore[FH203] silences nothing"),
        (
            "run(name)\nrun(other)  # fumehood: ignore[FH801] -- the next line\n",
            1,
            "silences nothing any more",
        ),
        (
            "def view():  # fumehood: ignore[FH801] -- the header, not the body\n    run(name)\n",
            2,
            "silences nothing any more",
        ),
        ("text = '# fumehood: ignore[FH801] -- in a string'\n", 1, ""),
    ],
)
def test_not_accepted_and_said(tmp_path, source, line, said):
    judged = judge(tmp_path, source, line)
    assert len(judged.findings) == 1
    assert said in " ".join(judged.notes)


def test_a_template_has_comments_of_its_own(tmp_path):
    source = "<p>{{ note }}</p>\n{# fumehood: ignore[FH801] -- cleaned on the way in #}\n<p>{{ note|safe }}</p>\n<p>{{ x|safe }}</p>\n"
    assert judge(tmp_path, source, 3, name="page.html").findings == ()
    assert len(judge(tmp_path, source, 4, name="page.html").findings) == 1


def test_an_unused_ignore_of_a_rule_that_did_not_run_is_not_stale(tmp_path):
    judged = judge(tmp_path, "x = 1  # fumehood: ignore[FH203] -- seen live only\n", 9, judged=("FH801",))
    assert judged.notes == ()


def test_per_file_ignores_and_ignores_by_route(tmp_path):
    by_file = AuditConfiguration(per_file_ignores={"app.py": ("FH801",)})
    assert judge(tmp_path, "run()\n", 1, configuration=by_file).findings == ()
    by_route = AuditConfiguration(ignore=(Ignore("FH801", "accepted", route="/x"),))
    assert judge(tmp_path, "run()\n", 1, configuration=by_route).findings == ()
    other = AuditConfiguration(ignore=(Ignore("FH801", "accepted", route="/y"),))
    judged = judge(tmp_path, "run()\n", 1, configuration=other)
    assert len(judged.findings) == 1
    assert "silences nothing any more" in judged.notes[0]
    ended = AuditConfiguration(ignore=(Ignore("FH801", "accepted", until=date(2026, 1, 1)),))
    assert len(judge(tmp_path, "run()\n", 1, configuration=ended).findings) == 1
