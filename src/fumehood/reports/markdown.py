"""The report as Markdown, for a pull request's comment or a wiki."""

from __future__ import annotations

import re
from collections.abc import Iterator

from fumehood.audit import AuditResult
from fumehood.findings import Finding

__all__ = ["render"]


def render(result: AuditResult) -> str:
    """Return the report as Markdown text."""
    return "\n".join(_lines(result)) + "\n"


def _lines(result: AuditResult) -> Iterator[str]:
    yield f"# Fumehood audit of {_text(result.subject)}\n"
    yield "| | practice | verdict | |\n|---|---|---|---|"
    for verdict in result.verdicts:
        plural = "" if verdict.findings == 1 else "s"
        detail = (
            f"{verdict.findings} finding{plural}" if verdict.findings else "; ".join(map(_text, verdict.why))
        )
        yield f"| {verdict.practice.number} | {verdict.practice.name} | {verdict.kind.value} | {detail} |"
    yield f"\n{_text(result.conclusion)}."
    if result.findings:
        yield "\n## Findings"
    for finding in result.findings:
        yield from _finding(finding, result)
    if result.scorecard:
        yield f"\n## MDN Observatory: {_text(str(result.scorecard))}\n"
        yield from (
            f"- {test.points:+d} {_text(test.name)}: {_text(test.result)}" for test in result.scorecard.tests
        )
    if result.not_covered:
        yield "\n## Not looked at\n"
        yield from (f"- {_text(item.where)}: {_text(item.why)}" for item in result.not_covered)
    if result.notes:
        yield "\n## Suppressions to mend\n"
        yield from (f"- {_text(note)}" for note in result.notes)


def _finding(finding: Finding, result: AuditResult) -> Iterator[str]:
    yield f"\n### {finding.rule} {result.rule(finding.rule).name}: {finding.severity.label}, {finding.certainty.label}\n"
    yield _text(finding.message)
    yield ""
    if finding.location:
        yield f"- where: {_code(str(finding.location))} {_code(finding.location.code)}"
    if finding.route:
        yield f"- route: {_code(finding.route)}"
    for item in finding.evidence:
        if item.kind == "test":
            yield from ("", _block(item.text), "")
        else:
            yield f"- {'try' if item.kind == 'request' else 'seen'}: {_code(item.text)}"
    for number, step in enumerate(finding.trace, 1):
        yield f"- path {number}: {_code(str(step.location))} {_text(step.message)} {_code(step.location.code)}"
    if finding.fix:
        yield f"- mend: {_text(finding.fix)}"


def _text(text: str) -> str:
    """Text that Markdown shows as it is: what is evidence of an attack must not become markup."""
    return re.sub(r"([\\`*_{}\[\]<>#|~])", r"\\\1", " ".join(text.split()))


def _block(text: str) -> str:
    """Code as it is, in a fence that is longer than any in it."""
    fence = "`" * max(3, max((len(run) for run in re.findall("`+", text)), default=0) + 1)
    return f"{fence}python\n{text.rstrip()}\n{fence}"


def _code(text: str) -> str:
    if not text:
        return ""
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    fence = "`" * (longest + 1)
    pad = " " if "`" in text else ""
    return f"{fence}{pad}{' '.join(text.split())}{pad}{fence}"
