"""A flaw is confirmed by the request that uses it; the same application without the flaw is left alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from attack_samples import CASES, IDS, RULES, notes, shop

from fumehood.findings import Certainty


def test_each_flaw_is_confirmed_with_a_request_a_test_and_its_place(attacked: Callable[..., Any]) -> None:
    source = shop(1)
    found = {(item.route, item.rule): item for item in attacked(source, *IDS).findings}
    assert set(found) == {(f"GET /{number}", rule) for number, (rule, *_) in enumerate(CASES)}
    for finding in found.values():
        assert finding.certainty is Certainty.CONFIRMED
        assert finding.location.path == "app.py"
        kinds = {item.kind: item.text for item in finding.evidence}
        assert kinds["request"].startswith("curl ")
        compile(kinds["test"], "test", "exec")
    sql = found["GET /0", "FH801"].location
    assert "SELECT" in source.splitlines()[sql.line - 1]


def test_without_the_flaws_nothing_is_said(attacked: Callable[..., Any]) -> None:
    assert [(item.rule, item.route, item.message) for item in attacked(shop(2), *IDS).findings] == []


def test_two_people_are_signed_up_and_in_and_a_sound_application_is_left_alone(
    attacked: Callable[..., Any],
) -> None:
    result = attacked(notes(), *RULES)
    assert result.people == ["ada", "bea"]
    assert [(item.rule, item.route, item.message) for item in result.findings] == []
    assert result.access["GET /"] == {"nobody": False, "ada": True, "bea": True}


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"WHERE_OWNER": ""}, {("FH761", "GET /notes/<int:id>"), ("FH761", "POST /notes/<int:id>/delete")}),
        (
            {"WHERE_OWNER": "", "ME": "pass"},
            {
                (rule, route)
                for rule in ("FH760", "FH761")
                for route in ("GET /notes/<int:id>", "POST /notes/<int:id>/delete")
            },
        ),
        ({"CSRF": "pass"}, {("FH501", "POST /notes")}),
        ({"ESCAPE": "str"}, {("FH443", "POST /notes")}),
    ],
    ids=["other-people", "nobody", "forged", "stored-markup"],
)
def test_what_one_person_has_is_tried_by_others(
    attacked: Callable[..., Any], change: dict[str, str], expected: set[tuple[str, str]]
) -> None:
    assert {(item.rule, item.route) for item in attacked(notes(**change), *RULES).findings} == expected


def test_run_twice_the_findings_are_the_same(attacked: Callable[..., Any]) -> None:
    source = notes(WHERE_OWNER="", ESCAPE="str", CSRF="pass")
    assert attacked(source, *RULES).findings == attacked(source, *RULES).findings
