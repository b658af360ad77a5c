"""The report as SARIF 2.1.0 (OASIS), for code hosts and editors: rules, results, code flows, fingerprints, suppressions."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from fumehood.audit import AuditResult
from fumehood.findings import Certainty, Finding, Location, NotCovered, Rule, Severity
from fumehood.findings.baseline import fingerprint
from fumehood.reports.json import written

__all__ = ["render", "report"]

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_LEVELS = {
    Severity.CRITICAL: "error",
    Severity.HIGH: "error",
    Severity.MEDIUM: "warning",
    Severity.LOW: "note",
    Severity.INFO: "note",
}
# GitHub's reading of "security-severity": over 9 critical, over 7 high, over 4 medium.
_SCORES = {
    Severity.CRITICAL: "9.5",
    Severity.HIGH: "8.0",
    Severity.MEDIUM: "5.5",
    Severity.LOW: "3.0",
    Severity.INFO: "0.5",
}
_PRECISIONS = {
    Certainty.SUSPECTED: "medium",
    Certainty.READ: "high",
    Certainty.SEEN: "very-high",
    Certainty.CONFIRMED: "very-high",
}


def render(result: AuditResult) -> str:
    """Return the report as SARIF text."""
    return written(report(result))


def report(result: AuditResult) -> dict[str, Any]:
    """Return the SARIF log as plain containers."""
    index = {rule.id: number for number, rule in enumerate(result.rules)}
    results = [_result(item, index) for item in result.findings]
    results += [{**_result(item, index), "baselineState": "unchanged"} for item in result.known]
    for item in result.suppressed:
        justified = {"kind": "inSource" if ":" in item.where else "external", "justification": item.reason}
        results.append({**_result(item.finding, index), "suppressions": [justified]})
    run: dict[str, Any] = {
        "tool": {"driver": _driver(result)},
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {"ROOT": {"uri": result.root.resolve().as_uri().rstrip("/") + "/"}},
        "invocations": [
            {
                "executionSuccessful": not any(item.fatal for item in result.not_covered),
                "toolExecutionNotifications": list(_notifications(result)),
            }
        ],
        "results": results,
    }
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}


def _driver(result: AuditResult) -> dict[str, Any]:
    try:
        own = version("fumehood")
    except PackageNotFoundError:
        own = "0"
    return {
        "name": "Fumehood",
        "semanticVersion": own,
        "rules": [_rule(rule) for rule in result.rules],
        "supportedTaxonomies": [{"name": "CWE"}],
    }


def _rule(rule: Rule) -> dict[str, Any]:
    page = inspect.cleandoc(rule.__doc__ or "")
    return {
        "id": rule.id,
        "name": type(rule).__name__,
        "shortDescription": {"text": rule.title + "."},
        "fullDescription": {"text": rule.title + "."},
        "help": {"text": page, "markdown": page},
        "defaultConfiguration": {"level": _LEVELS[rule.severity]},
        "properties": {
            "tags": [
                "security",
                rule.practice.name,
                f"external/cwe/cwe-{rule.cwe:03d}",
                *(f"asvs/{item}" for item in rule.asvs),
            ],
            "security-severity": _SCORES[rule.severity],
        },
    }


def _result(finding: Finding, index: dict[str, int]) -> dict[str, Any]:
    text = finding.message + (f"\n{finding.fix}" if finding.fix else "")
    found: dict[str, Any] = {
        "ruleId": finding.rule,
        "ruleIndex": index[finding.rule],
        "level": _LEVELS[finding.severity],
        "message": {"text": text},
        "locations": [_location(finding.location, finding)],
        "partialFingerprints": {"fumehood/v1": fingerprint(finding)},
        "properties": {
            "certainty": finding.certainty.label,
            "precision": _PRECISIONS[finding.certainty],
            "security-severity": _SCORES[finding.severity],
            "evidence": [item.text for item in finding.evidence],
        },
    }
    if finding.route:
        found["properties"]["route"] = finding.route
    if finding.trace:
        steps = [
            {
                "location": {**_location(step.location), "message": {"text": step.message}},
                "executionOrder": number,
            }
            for number, step in enumerate(finding.trace, 1)
        ]
        found["codeFlows"] = [{"threadFlows": [{"locations": steps}]}]
    return found


def _location(location: Location | None, finding: Finding | None = None) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if location:
        region: dict[str, Any] = {"startLine": location.line, "startColumn": max(location.column, 1)}
        if location.end_line >= location.line and location.end_column > 0:
            region |= {"endLine": location.end_line, "endColumn": location.end_column}
        if location.code:
            region["snippet"] = {"text": location.code}
        found["physicalLocation"] = {
            "artifactLocation": {"uri": _uri(location.path), "uriBaseId": "ROOT"},
            "region": region,
        }
    logical = (
        [{"fullyQualifiedName": location.scope, "kind": "function"}] if location and location.scope else []
    )
    if finding and finding.route:
        logical.append({"fullyQualifiedName": finding.route, "kind": "resource"})
    if not location and not logical:
        logical.append({"fullyQualifiedName": "application", "kind": "module"})
    if logical:
        found["logicalLocations"] = logical
    return found


def _uri(path: str) -> str:
    from urllib.parse import quote

    return quote(path)


def _notifications(result: AuditResult) -> Iterator[dict[str, Any]]:
    for item in result.not_covered:
        yield _notification(item)
    for unknown in result.unknowns:
        yield {"level": "note", "message": {"text": f"{unknown.rule} cannot tell: {unknown.why}"}}
    for note in result.notes:
        yield {"level": "warning", "message": {"text": note}}


def _notification(item: NotCovered) -> dict[str, Any]:
    return {
        "level": "error" if item.fatal else "note",
        "message": {"text": f"not looked at: {item.what} {item.where}: {item.why}"},
    }
