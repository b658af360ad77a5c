"""One flaw is one finding, whoever showed it."""

from __future__ import annotations

from fumehood.findings import Certainty, Evidence, Finding, Location, Severity, Step
from fumehood.findings.merge import merge

HERE = Location("app.py", 10, code="query(name)", scope="people")
CWE = {"FH801": 89, "FH840": 89, "FH802": 532}


def finding(rule="FH801", **parts):
    parts.setdefault("severity", Severity.HIGH)
    parts.setdefault("certainty", Certainty.READ)
    return Finding(rule, parts.pop("message", "a flaw"), **parts)


def test_code_and_attack_become_one_with_the_strongest_proof_and_the_path():
    read = finding(location=HERE, trace=(Step(HERE, "here"),), evidence=(Evidence("code", "read"),))
    attacked = finding(
        location=HERE,
        certainty=Certainty.CONFIRMED,
        route="GET /people",
        parameter="name",
        evidence=(Evidence("request", "curl"),),
    )
    (one,) = merge([read, attacked], CWE)
    assert one.certainty is Certainty.CONFIRMED
    assert (one.route, one.parameter) == ("GET /people", "name")
    assert one.trace == read.trace
    assert [item.text for item in one.evidence] == ["curl", "read"]


def test_route_and_parameter_identify_a_flaw_whose_place_is_not_known():
    seen = finding(route="GET /people", parameter="name", certainty=Certainty.CONFIRMED)
    read = finding(route="GET,HEAD /people", parameter="name", location=HERE)
    (one,) = merge([read, seen], CWE)
    assert one.location == HERE


def test_two_parameters_of_a_route_are_two_flaws():
    assert (
        len(merge([finding(route="GET /a", parameter="x"), finding(route="GET /a", parameter="y")], CWE)) == 2
    )


def test_two_lines_are_two_flaws():
    other = Location("app.py", 11, code="query(name)", scope="people")
    assert len(merge([finding(location=HERE), finding(location=other)], CWE)) == 2


def test_rules_of_one_weakness_at_one_place_become_one():
    assert len(merge([finding("FH801", location=HERE), finding("FH840", location=HERE)], CWE)) == 1
    assert len(merge([finding("FH801", location=HERE), finding("FH802", location=HERE)], CWE)) == 2


def test_settings_are_told_apart_by_what_is_said():
    assert (
        len(
            merge(
                [finding(message="A is off"), finding(message="B is off"), finding(message="A is off")], CWE
            )
        )
        == 2
    )


def test_order_does_not_change_the_result():
    parts = [
        finding(location=HERE),
        finding("FH802", message="x"),
        finding(location=HERE, severity=Severity.CRITICAL),
    ]
    assert merge(parts, CWE) == merge(parts[::-1], CWE)
    assert merge(parts, CWE)[0].severity is Severity.CRITICAL


def test_what_is_said_of_the_whole_application_takes_in_its_routes():
    named = Evidence("route", "POST /notes (add)", {"routes": ["/notes"]})
    whole = finding("FH501", message="2 routes", certainty=Certainty.SEEN, evidence=(named,))
    form = finding("FH501", message="a form", location=HERE, route="POST /notes", severity=Severity.CRITICAL)
    elsewhere = finding("FH501", message="a form", location=Location("shop.py", 3), route="POST /orders")
    found = merge([whole, form, elsewhere], {"FH501": 352})
    assert [item.message for item in found] == ["2 routes", "a form"]
    assert "app.py:10" in found[0].evidence[1].text
    assert found[0].severity is Severity.CRITICAL


def test_an_attack_through_a_view_has_used_what_was_read_in_it():
    view = Location("app.py", 8, scope="people")
    proof = Evidence("request", "curl")
    attacked = finding(
        "FH443",
        location=view,
        certainty=Certainty.CONFIRMED,
        route="GET /people",
        parameter="name",
        evidence=(proof,),
    )
    read = finding("FH443", location=HERE, route="GET /people", parameter="name", trace=(Step(HERE, "here"),))
    other = finding(
        "FH443", location=Location("app.py", 12, code="other"), route="GET /people", parameter="sort"
    )
    found = merge([read, attacked, other], {"FH443": 79})
    assert [(item.certainty, item.location, len(item.trace)) for item in found] == [
        (Certainty.CONFIRMED, HERE, 1),
        (Certainty.READ, other.location, 0),
    ]


def test_what_is_said_of_the_whole_application_keeps_the_proof():
    named = Evidence("route", "POST /notes (add)", {"routes": ["/notes"]})
    whole = finding("FH501", message="2 routes", certainty=Certainty.SEEN, evidence=(named,))
    proof = Evidence("request", "curl")
    forged = finding(
        "FH501", location=HERE, route="POST /notes", certainty=Certainty.CONFIRMED, evidence=(proof,)
    )
    (one,) = merge([whole, forged], {"FH501": 352})
    assert one.certainty is Certainty.CONFIRMED
    assert proof in one.evidence
