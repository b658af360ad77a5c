"""The report for programs: one JSON object. Its schema is in ``docs/reports.md``; ``version`` changes when a field does."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from fumehood.audit import AuditResult
from fumehood.findings import Finding, Location, Rule
from fumehood.findings.baseline import fingerprint

__all__ = ["VERSION", "render", "report", "written"]

VERSION = 1


def render(result: AuditResult) -> str:
    """Return the report as JSON text."""
    return written(report(result))


def written(data: dict[str, Any]) -> str:
    """Return plain containers as indented JSON text."""
    return msgspec.json.format(msgspec.json.encode(data, enc_hook=repr), indent=2).decode() + "\n"


def report(result: AuditResult) -> dict[str, Any]:
    """Return the report as plain containers."""
    rules = {rule.id: rule for rule in result.rules}
    return {
        "version": VERSION,
        "root": str(result.root.resolve()),
        "target": result.target,
        "engines": list(result.engines),
        "practices": [
            {
                "number": verdict.practice.number,
                "name": verdict.practice.name,
                "title": verdict.practice.title,
                "verdict": verdict.kind.value,
                "why": list(verdict.why),
                "rules": verdict.looked,
            }
            for verdict in result.verdicts
        ],
        "findings": [_finding(item, rules) for item in result.findings],
        "suppressed": [
            {**_finding(item.finding, rules), "reason": item.reason, "where": item.where}
            for item in result.suppressed
        ],
        "known": [_finding(item, rules) for item in result.known],
        "unknown": [{"rule": item.rule, "why": item.why} for item in result.unknowns],
        "not_covered": [
            {"what": item.what, "where": item.where, "why": item.why, "fatal": item.fatal}
            for item in result.not_covered
        ],
        "observatory": _scorecard(result),
        "notes": list(result.notes),
        "timings": {name: round(seconds, 4) for name, seconds in result.timings.items()},
    }


def _scorecard(result: AuditResult) -> dict[str, Any] | None:
    card = result.scorecard
    if card is None:
        return None
    return {
        "grade": card.grade,
        "points": card.points,
        "tests": [{"name": test.name, "result": test.result, "points": test.points} for test in card.tests],
    }


def _finding(finding: Finding, rules: Mapping[str, Rule]) -> dict[str, Any]:
    rule = rules[finding.rule]
    return {
        "rule": finding.rule,
        "name": rule.name,
        "practice": rule.practice.name,
        "message": finding.message,
        "severity": finding.severity.label,
        "certainty": finding.certainty.name.lower(),
        "cwe": rule.cwe,
        "asvs": list(rule.asvs),
        "location": _location(finding.location),
        "route": finding.route,
        "parameter": finding.parameter,
        "trace": [{"message": step.message, "location": _location(step.location)} for step in finding.trace],
        "evidence": [{"kind": item.kind, "text": item.text, "data": item.data} for item in finding.evidence],
        "fix": finding.fix,
        "fingerprint": fingerprint(finding),
    }


def _location(location: Location | None) -> dict[str, Any] | None:
    if location is None:
        return None
    return {
        "path": location.path,
        "line": location.line,
        "column": location.column,
        "end_line": location.end_line or location.line,
        "end_column": location.end_column,
        "code": location.code,
        "scope": location.scope,
    }
