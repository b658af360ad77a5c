"""Accepted findings: ``# fumehood: ignore[FH801] -- reason`` in the source, and ``[tool.fumehood]`` in ``pyproject.toml``.

A comment names its rules and its reason; it may end: ``# fumehood: ignore[FH801] until=2027-01-31 -- reason``. It counts for the
statement that it stands in or above, every line of it, and for nothing else. A comment that is not well-formed,
whose date is past, or that no longer silences anything is said in the report, and silences nothing.
"""

from __future__ import annotations

import ast
import io
import os
import re
import tokenize
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from fnmatch import fnmatchcase
from pathlib import Path

from fumehood.findings.configuration import AuditConfiguration
from fumehood.findings.model import Finding
from fumehood.findings.reading import NOT_ITS_OWN, contents
from fumehood.findings.rule import Rule

__all__ = ["Judged", "Suppressed", "suppress"]

_COMMENT = re.compile(r"fumehood:\s*ignore\b(?P<rest>.*)", re.DOTALL)
_WELL_FORMED = re.compile(
    r"\[(?P<rules>[^\]]*)\]\s*(?:until=(?P<until>\S+)\s*)?(?:--\s*(?P<reason>\S.*?))?\s*", re.DOTALL
)
_TEMPLATE_COMMENT = re.compile(r"\{#-?(.*?)-?#\}", re.DOTALL)
TEMPLATE_SUFFIXES = frozenset({".html", ".htm", ".jinja", ".jinja2", ".j2", ".xml", ".txt", ".svg"})


@dataclass(frozen=True, slots=True)
class Suppressed:
    """A finding that was accepted, with the reason and where that is written."""

    finding: Finding
    reason: str
    where: str


@dataclass(frozen=True, slots=True)
class Judged:
    findings: tuple[Finding, ...]
    suppressed: tuple[Suppressed, ...]
    notes: tuple[str, ...]


@dataclass(slots=True)
class _Comment:
    path: str
    line: int
    first: int
    last: int
    rules: tuple[str, ...]
    reason: str
    used: set[str] = field(default_factory=set)


def suppress(
    findings: Sequence[Finding],
    root: Path,
    configuration: AuditConfiguration,
    rules: Sequence[Rule],
    judged: Collection[str],
    today: date,
) -> Judged:
    """Take out the findings that the project accepts.

    Parameters:
        findings: merged.
        root: the project's folder, or the one file audited.
        configuration: of the project.
        rules: all rules, to tell a wrong name in a comment.
        judged: ids of the rules that ran, so that only their unused comments are called stale.
        today: the date that ``until`` is compared with.
    """
    names = {rule.name: rule.id for rule in rules} | {rule.id: rule.id for rule in rules}
    notes: list[str] = []
    comments = list(_comments(root, configuration, names, today, notes))
    by_path: dict[str, list[_Comment]] = {}
    for comment in comments:
        by_path.setdefault(comment.path, []).append(comment)
    kept: list[Finding] = []
    suppressed: list[Suppressed] = []
    used: set[int] = set()
    for finding in findings:
        if reason := _by_comment(finding, by_path) or _by_configuration(
            finding, configuration, names, today, used
        ):
            suppressed.append(Suppressed(finding, *reason))
        else:
            kept.append(finding)
    for comment in comments:
        where = f"{comment.path}:{comment.line}"
        stale = [rule_id for rule_id in comment.rules if rule_id in judged and rule_id not in comment.used]
        notes.extend(f"{where}: ignore[{rule_id}] silences nothing any more; remove it" for rule_id in stale)
    notes.extend(_configuration_notes(configuration, names, today, used, judged))
    return Judged(tuple(kept), tuple(suppressed), tuple(notes))


def _by_comment(finding: Finding, comments: dict[str, list[_Comment]]) -> tuple[str, str] | None:
    places = [finding.location] if finding.location else []
    # A flow may be accepted where it ends, which is its location; never where it merely passes.
    for place in places:
        for comment in comments.get(place.path, ()):
            if finding.rule in comment.rules and comment.first <= place.line <= comment.last:
                comment.used.add(finding.rule)
                return comment.reason, f"{comment.path}:{comment.line}"
    return None


def _by_configuration(
    finding: Finding, configuration: AuditConfiguration, names: dict[str, str], today: date, used: set[int]
) -> tuple[str, str] | None:
    path = finding.location.path if finding.location else ""
    for pattern, ignored in configuration.per_file_ignores.items():
        if path and matches(path, pattern) and any(names.get(name) == finding.rule for name in ignored):
            return f"per-file-ignores {pattern!r}", "pyproject.toml"
    for index, item in enumerate(configuration.ignore):
        if names.get(item.rule) != finding.rule or (item.until and item.until < today):
            continue
        if (not item.route or item.route in (finding.route, finding.route.rpartition(" ")[2])) and (
            not item.path or matches(path, item.path)
        ):
            used.add(index)
            return item.reason, "pyproject.toml"
    return None


def _configuration_notes(
    configuration: AuditConfiguration,
    names: dict[str, str],
    today: date,
    used: set[int],
    judged: Collection[str],
) -> Iterator[str]:
    for index, item in enumerate(configuration.ignore):
        if item.rule not in names:
            yield f"pyproject.toml: ignore of {item.rule}: there is no such rule"
        elif item.until and item.until < today:
            yield f"pyproject.toml: ignore of {item.rule} ended on {item.until}"
        elif index not in used and names[item.rule] in judged:
            yield f"pyproject.toml: ignore of {item.rule} silences nothing any more; remove it"
    for pattern, ignored in configuration.per_file_ignores.items():
        for name in ignored:
            if name not in names:
                yield f"pyproject.toml: per-file-ignores {pattern!r}: there is no rule {name}"


def matches(path: str, pattern: str) -> bool:
    """Tell whether a path relative to the root matches a glob; a folder's name matches all that is in it."""
    pattern = pattern.removeprefix("./").rstrip("/")
    return (
        fnmatchcase(path, pattern)
        or fnmatchcase(path, f"{pattern}/*")
        or (pattern.startswith("**/") and matches(path, pattern[3:]))
    )


def _comments(
    root: Path, configuration: AuditConfiguration, names: dict[str, str], today: date, notes: list[str]
) -> Iterator[_Comment]:
    for path, file in project_files(root, configuration.exclude):
        if not path.endswith((".py", *TEMPLATE_SUFFIXES)):
            continue
        try:
            data = contents(file)
        except OSError:
            continue
        if b"fumehood:" not in data:
            continue
        source = data.decode("utf-8", errors="replace").replace("\r\n", "\n")
        found = _python_comments(source) if path.endswith(".py") else _template_comments(source)
        for line, first, last, text in found:
            parsed = _parse(text, names, today)
            if isinstance(parsed, str):
                notes.append(f"{path}:{line}: {parsed}")
            else:
                yield _Comment(path, line, first, last, *parsed)


def _parse(text: str, names: dict[str, str], today: date) -> tuple[tuple[str, ...], str] | str:
    well = _WELL_FORMED.fullmatch(text)
    if not well:
        return "this ignore is not well-formed and silences nothing: fumehood: ignore[FH801] -- reason"
    wanted = [name.strip() for name in well["rules"].split(",") if name.strip()]
    if not wanted:
        return "this ignore names no rule and silences nothing: fumehood: ignore[FH801] -- reason"
    if unknown := [name for name in wanted if name not in names]:
        return f"this ignore silences nothing: there is no rule {', '.join(unknown)}"
    if not well["reason"]:
        return f"this ignore has no reason and silences nothing: fumehood: ignore[{well['rules']}] -- reason"
    if well["until"]:
        try:
            until = date.fromisoformat(well["until"])
        except ValueError:
            return f"this ignore silences nothing: until={well['until']} is not a date as in until=2027-01-31"
        if until < today:
            return f"this ignore ended on {until} and silences nothing any more"
    return tuple(names[name] for name in wanted), " ".join(well["reason"].split())


def _python_comments(source: str) -> Iterator[tuple[int, int, int, str]]:
    try:
        spans = list(_statements(ast.parse(source)))
        tokens = list(tokenize.generate_tokens(io.StringIO(source).readline))
    except (SyntaxError, tokenize.TokenError, ValueError, RecursionError):
        return
    for token in tokens:
        if token.type != tokenize.COMMENT or not (found := _COMMENT.search(token.string)):
            continue
        line = token.start[0]
        alone = not token.line[: token.start[1]].strip()
        inside = [span for span in spans if span[0] <= line <= span[1]]
        if inside and not (alone and min(inside, key=_length)[0] > line):
            first, last = min(inside, key=_length)
        else:
            after = [span for span in spans if span[0] > line]
            if not alone or not after:
                first = last = line
            else:
                first, last = min(after)
        yield line, first, last, found["rest"]


def _length(span: tuple[int, int]) -> int:
    return span[1] - span[0]


def _statements(tree: ast.AST) -> Iterator[tuple[int, int]]:
    """The lines of each statement; of a compound one only its header (decorators included), never its body."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.stmt):
            continue
        first = min([node.lineno, *(item.lineno for item in getattr(node, "decorator_list", ()))])
        body = getattr(node, "body", None) or getattr(node, "cases", None)
        last = node.end_lineno or node.lineno
        if isinstance(body, list) and body:
            inner = body[0]
            start = getattr(inner, "lineno", None) or inner.pattern.lineno
            start = min([start, *(item.lineno for item in getattr(inner, "decorator_list", ()))])
            last = max(node.lineno, start - 1)
        yield first, last


def _template_comments(source: str) -> Iterator[tuple[int, int, int, str]]:
    for comment in _TEMPLATE_COMMENT.finditer(source):
        if not (found := _COMMENT.search(comment[1])):
            continue
        first = source.count("\n", 0, comment.start()) + 1
        last = source.count("\n", 0, comment.end()) + 1
        start = source.rfind("\n", 0, comment.start()) + 1
        end = source.find("\n", comment.end())
        rest_of_line = source[start : comment.start()] + source[comment.end() : end if end >= 0 else None]
        yield first, first, last if rest_of_line.strip() else last + 1, found["rest"].strip()


_SKIPPED = NOT_ITS_OWN | {"venv", "env"}


def project_files(root: Path, exclude: Sequence[str] = ()) -> Iterator[tuple[str, str]]:
    """The project's files, each relative to the root and as it is opened: hidden folders, virtual environments and
    excluded ones left out, links not followed. Texts, since a ``Path`` for each file takes longer than finding it.
    """
    if root.is_file():
        yield root.name, str(root)
        return
    folders = [(str(root), "")]
    while folders:
        folder, prefix = folders.pop()
        try:
            with os.scandir(folder) as found:
                entries = sorted(found, key=lambda entry: entry.name)
        except OSError:
            continue
        for entry in entries:
            relative = prefix + entry.name
            if entry.is_symlink() or any(matches(relative, pattern) for pattern in exclude):
                continue
            if entry.is_dir():
                hidden = entry.name.startswith(".") or entry.name in _SKIPPED
                if not hidden and not Path(entry.path, "pyvenv.cfg").exists():
                    folders.append((entry.path, relative + "/"))
            elif entry.is_file():
                yield relative, entry.path
