"""The report for a person at a terminal: the ten verdicts, then what is wrong, practice by practice, and how to mend it."""

from __future__ import annotations

import shutil
import sys
import textwrap
from collections.abc import Iterable, Iterator
from typing import TextIO

from fumehood.audit import AuditResult, Verdict, VerdictKind, severity_counts
from fumehood.findings import Finding, NotCovered, Practice, Severity, practice_of
from fumehood.practices.https.observatory import Scorecard

__all__ = ["Line", "lines", "render", "write"]

# A line is a list of pieces: the text and its style, by the names of the table below.
Line = list[tuple[str, str]]

STYLES = {
    "": "",
    "title": "bold",
    "dim": "dim",
    "place": "cyan",
    "code": "",
    "holds": "green",
    "fails": "bold red",
    "unknown": "yellow",
    "critical": "bold white on red",
    "high": "bold red",
    "medium": "yellow",
    "low": "blue",
    "info": "dim",
    "label": "dim",
}
_KINDS = {
    VerdictKind.HOLDS: ("\N{CHECK MARK}", "holds"),
    VerdictKind.FAILS: ("\N{BALLOT X}", "fails"),
    VerdictKind.UNKNOWN: ("?", "unknown"),
}
_ASCII = {"\N{CHECK MARK}": "+", "\N{BALLOT X}": "x", "\N{HORIZONTAL ELLIPSIS}": "...", "\N{MIDDLE DOT}": "-"}
_INDENT = 4
_LABEL = 6
_EVIDENCE = 6  # pieces of evidence that are shown of one finding


def render(result: AuditResult, width: int = 100) -> str:
    """Return the whole report as plain text."""
    return "\n".join("".join(text for text, _ in line).rstrip() for line in lines(result, width)) + "\n"


def write(result: AuditResult, out: TextIO | None = None) -> None:
    """Print the report: coloured and as wide as the terminal when it is one, plain when not, or without rich."""
    out = out or sys.stdout
    width = max(40, min(shutil.get_terminal_size((100, 40)).columns, 120))
    if not out.isatty():
        out.write(_encodable(render(result, 100), out))
        return
    try:
        from rich.console import Console
        from rich.text import Text
    except ImportError:
        out.write(_encodable(render(result, width), out))
        return
    console = Console(file=out, width=width, highlight=False)
    for line in lines(result, width):
        console.print(Text.assemble(*((text, STYLES[style]) for text, style in line)), soft_wrap=True)


def _encodable(text: str, out: TextIO) -> str:
    encoding = getattr(out, "encoding", None) or "utf-8"
    for sign, plain in _ASCII.items():
        try:
            sign.encode(encoding)
        except (UnicodeEncodeError, LookupError):
            text = text.replace(sign, plain)
    return text.encode(encoding, "replace").decode(encoding)


def lines(result: AuditResult, width: int) -> Iterator[Line]:
    """Lay the report out, line by line."""
    what = f" ({result.target})" if result.target else ""
    yield [("Fumehood audit of ", "title"), (f"{result.subject}{what}", "title")]
    seconds = sum(seconds for name, seconds in result.timings.items() if ":" not in name)
    yield [
        (
            f"{', '.join(result.engines)} \N{MIDDLE DOT} {len(result.rules)} rules \N{MIDDLE DOT} {seconds:.1f} s",
            "dim",
        )
    ]
    yield []
    for verdict in result.verdicts:
        yield from _verdict(verdict, width)
    for verdict in result.verdicts:
        mine = [item for item in result.findings if practice_of(item.rule) == verdict.practice]
        if mine:
            yield from _practice(verdict.practice, mine, result, width)
    yield from _section("Not looked at", _coverage(result.not_covered, width))
    if result.scorecard:
        yield from _section(f"MDN Observatory: {result.scorecard}", _scorecard(result.scorecard, width))
    yield from _section("Suppressions to mend", (_wrapped(note, width, _INDENT) for note in result.notes))
    yield from _summary(result)


def _verdict(verdict: Verdict, width: int) -> Iterator[Line]:
    sign, style = _KINDS[verdict.kind]
    count = f"{verdict.findings} finding{'s' if verdict.findings != 1 else ''}" if verdict.findings else ""
    head = f"{verdict.practice.number:>3} {verdict.practice.name:<10}"
    said = f"{verdict.kind.value:<14} "
    room = width - len(head) - len(said) - 4
    detail = count or (
        verdict.practice.title if verdict.kind is VerdictKind.HOLDS else "; ".join(verdict.why)
    )
    first, *rest = textwrap.wrap(detail, max(room, 20)) or [""]
    yield [(head, "title"), (f"{sign} ", style), (said, style), (first, "dim" if not count else "")]
    for more in rest:
        yield [(" " * (len(head) + len(said) + 2) + more, "dim")]


def _practice(practice: Practice, findings: list[Finding], result: AuditResult, width: int) -> Iterator[Line]:
    yield []
    yield [(f"{practice.number} {practice.name}", "title"), (f"  {practice.title}", "dim")]
    for finding in findings:
        yield []
        yield from _finding(finding, result, width)


def _finding(finding: Finding, result: AuditResult, width: int) -> Iterator[Line]:
    label = finding.severity.label
    yield [
        ("  ", ""),
        (f" {label} " if finding.severity is Severity.CRITICAL else label, label),
        (f"  {finding.certainty.label}  ", ""),
        (finding.rule, "title"),
        (f" {result.rule(finding.rule).name}", "dim"),
    ]
    for text in _wrapped(finding.message, width, _INDENT):
        yield [(text[0][0], "title")]
    if finding.location:
        yield from _labelled("where", str(finding.location), width, "place", code=finding.location.code)
    if finding.route:
        yield from _labelled(
            "route", finding.route + (f", parameter {finding.parameter}" if finding.parameter else ""), width
        )
    shown = [
        item for item in finding.evidence if item.kind != "test"
    ]  # tests are lines of code: --write-tests, or JSON
    for item in shown[:_EVIDENCE]:
        yield from _labelled("try" if item.kind == "request" else "seen", item.text, width)
    if len(shown) > _EVIDENCE:
        yield from _labelled("", f"and {len(shown) - _EVIDENCE} more", width, "dim")
    for number, step in enumerate(finding.trace, 1):
        place = f"{number}. {step.location}  {step.message}"
        yield from _labelled("path" if number == 1 else "", place, width, "place", code=step.location.code)
    if finding.fix:
        yield from _labelled("mend", finding.fix, width)


def _labelled(label: str, text: str, width: int, style: str = "", code: str = "") -> Iterator[Line]:
    room = max(width - _INDENT - _LABEL, 20)
    for index, part in enumerate(_parts(text, room) or [""]):
        shown = label if index == 0 else ""
        yield [(" " * _INDENT, ""), (f"{shown:<{_LABEL}}", "label"), (part, style)]
    if code:
        shortened = code if len(code) <= room - 2 else code[: room - 3] + "\N{HORIZONTAL ELLIPSIS}"
        yield [(" " * (_INDENT + _LABEL), ""), (f"  {shortened}", "code")]


def _wrapped(text: str, width: int, indent: int) -> list[Line]:
    return [[(" " * indent + part, "")] for part in _parts(text, max(width - indent, 20))]


def _parts(text: str, room: int) -> list[str]:
    if len(text) <= room and text.isprintable() and text and text[0] != " " != text[-1]:
        return [text]  # as most are: wrapping would change nothing, slowly
    return textwrap.wrap(text, room, break_on_hyphens=False)


def _section(title: str, parts: Iterable[list[Line]]) -> Iterator[Line]:
    for index, part in enumerate(parts):
        if index == 0:
            yield []
            yield [(title, "title")]
        yield from part


def _coverage(items: Iterable[NotCovered], width: int) -> Iterator[list[Line]]:
    """What was not looked at, grouped by its reason."""
    reasons: dict[str, list[NotCovered]] = {}
    for item in items:
        reasons.setdefault(item.why, []).append(item)
    for why, group in reasons.items():
        names = ", ".join(item.where for item in group[:8]) + (
            f" and {len(group) - 8} more" if len(group) > 8 else ""
        )
        sign = "! " if any(item.fatal for item in group) else ""
        yield _wrapped(f"{sign}{names}: {why}", width, _INDENT)


def _scorecard(card: Scorecard, width: int) -> Iterator[list[Line]]:
    for test in card.tests:
        yield _wrapped(f"{test.points:+4d}  {test.name}: {test.result}", width, _INDENT)


def _summary(result: AuditResult) -> Iterator[Line]:
    yield []
    counts = [(severity, number) for severity, number in severity_counts(result.findings).items() if number]
    line: Line = [(result.conclusion, "title")]
    if counts:
        line.append(("; ", ""))
        for index, (severity, number) in enumerate(counts):
            line.append((", " if index else "", ""))
            line.append((f"{number} {severity.label}", severity.label))
    if result.suppressed:
        line.append((f"; {len(result.suppressed)} suppressed", "dim"))
    if result.known:
        line.append((f"; {len(result.known)} known from the baseline", "dim"))
    yield line
    if result.findings:
        worst = max(result.findings, key=lambda item: (item.severity, item.certainty))
        yield [(f"fumehood explain {worst.rule} says more about a finding.", "dim")]
