"""Advisory records in the OSV format (https://ossf.github.io/osv-schema/), as far as Python packages go."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from fumehood.findings import Severity

__all__ = ["Advisory", "Affected", "affects", "fixed_in", "parsed", "severity_of"]

_WORDS = {
    "LOW": Severity.LOW,
    "MODERATE": Severity.MEDIUM,
    "MEDIUM": Severity.MEDIUM,
    "HIGH": Severity.HIGH,
    "CRITICAL": Severity.CRITICAL,
}
_LONGEST_SUMMARY = 300


@dataclass(frozen=True, slots=True)
class Affected:
    """What one record says about one package.

    Parameters:
        ranges: each a sequence of (event, version), as ``("introduced", "0"), ("fixed", "2.3.2")``.
        versions: versions named one by one.
    """

    name: str
    ranges: tuple[tuple[tuple[str, str], ...], ...] = ()
    versions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Advisory:
    """A known vulnerability.

    Parameters:
        id: as in ``PYSEC-2023-62`` or ``GHSA-m2qf-hxjv-5gpq``.
        aliases: its other names, CVE among them.
        summary: one line.
        severity: from its CVSS vector or the database's own word; None where neither says.
    """

    id: str
    aliases: tuple[str, ...] = ()
    summary: str = ""
    severity: Severity | None = None
    affected: tuple[Affected, ...] = ()

    @property
    def url(self) -> str:
        return f"https://osv.dev/vulnerability/{self.id}"

    @property
    def cve(self) -> str:
        """Its CVE number where it has one, else its own id."""
        return next((name for name in (self.id, *self.aliases) if name.startswith("CVE-")), self.id)


def parsed(record: Mapping[str, Any]) -> Advisory | None:
    """Read a record; None for one that was withdrawn or is not about PyPI.

    Raises:
        ValueError: if it is not an OSV record.
    """
    identity = record.get("id")
    if not isinstance(identity, str) or not identity:
        raise ValueError("no id")
    if record.get("withdrawn"):
        return None
    about: list[Affected] = []
    for part in _maps(record.get("affected")):
        package = part.get("package")
        if not isinstance(package, Mapping) or str(package.get("ecosystem", "")).split(":")[0] != "PyPI":
            continue
        if name := package.get("name"):
            about.append(
                Affected(canonicalize_name(str(name)), _ranges(part), _strings(part.get("versions")))
            )
    if not about:
        return None
    summary = str(record.get("summary") or _beginning(str(record.get("details") or "")))
    return Advisory(
        identity,
        _strings(record.get("aliases")),
        summary[:_LONGEST_SUMMARY],
        severity_of(record),
        tuple(about),
    )


def severity_of(record: Mapping[str, Any]) -> Severity | None:
    """Return how bad a record says it is: the worst of its CVSS scores, else the database's word, else None."""
    vectors = _maps(record.get("severity"))
    for part in _maps(record.get("affected")):
        vectors = [*vectors, *_maps(part.get("severity"))]
    scored = [_score(str(vector.get("score", ""))) for vector in vectors]
    scores = [score for score in scored if score is not None]
    if scores:
        return _of_score(max(scores))
    own = record.get("database_specific")
    word = str(own.get("severity", "")) if isinstance(own, Mapping) else ""
    return _WORDS.get(word.upper())


def affects(about: Affected, version: str) -> bool:
    """Tell whether a version is affected: named, or inside a range (PEP 440 order)."""
    if version in about.versions:
        return True
    try:
        wanted = Version(version)
    except InvalidVersion:
        return False
    public = Version(wanted.public)
    if any(_same(public, named) for named in about.versions):
        return True
    return any(_inside(events, wanted) for events in about.ranges)


def fixed_in(about: Affected, version: str) -> str:
    """Return the lowest version above the given one in which a range ends, or ""."""
    try:
        wanted = Version(version)
    except InvalidVersion:
        return ""
    later = []
    for events in about.ranges:
        for event, at in events:
            fixed = _version(at)
            if event == "fixed" and fixed is not None and fixed > wanted:
                later.append((fixed, at))
    # The lowest end that is not itself inside another range.
    for _, at in sorted(later):
        if not affects(about, at):
            return at
    return ""


def _inside(events: Sequence[tuple[str, str]], version: Version) -> bool:
    inside = False
    placed = [(_version(at), event) for event, at in events]
    ordered = sorted((at, event) for at, event in placed if at is not None)
    for at, event in ordered:
        if event == "introduced" and version >= at:
            inside = True
        elif (event in {"fixed", "limit"} and version >= at) or (event == "last_affected" and version > at):
            inside = False
    return inside


def _version(text: str) -> Version | None:
    try:
        # "0" stands for the beginning: also before 0.dev0.
        return Version("0.dev0") if text == "0" else Version(text)
    except InvalidVersion:
        return None


def _same(version: Version, text: str) -> bool:
    other = _version(text)
    return other is not None and other == version and text != "0"


def _ranges(part: Mapping[str, Any]) -> tuple[tuple[tuple[str, str], ...], ...]:
    return tuple(
        tuple((str(kind), str(at)) for event in _maps(one.get("events")) for kind, at in event.items())
        for one in _maps(part.get("ranges"))
        if one.get("type") in {"ECOSYSTEM", "SEMVER"}
    )


def _score(vector: str) -> float | None:
    try:
        from cvss import CVSS2, CVSS3, CVSS4, CVSSError
    except ImportError:
        return None
    try:
        if vector.startswith("CVSS:4"):
            return float(CVSS4(vector).base_score)
        if vector.startswith("CVSS:3"):
            return float(CVSS3(vector).base_score)
        return float(CVSS2(vector).base_score) if vector.startswith("AV:") else None
    except CVSSError:
        return None


def _of_score(score: float) -> Severity:
    if score >= 9:
        return Severity.CRITICAL
    if score >= 7:
        return Severity.HIGH
    if score >= 4:
        return Severity.MEDIUM
    return Severity.LOW if score > 0 else Severity.INFO


def _maps(value: Any) -> list[Mapping[str, Any]]:
    return [part for part in value if isinstance(part, Mapping)] if isinstance(value, list) else []


def _strings(value: Any) -> tuple[str, ...]:
    return tuple(str(part) for part in value) if isinstance(value, list) else ()


def _beginning(text: str) -> str:
    """Return the first paragraph of a description on one line, without Markdown's headings."""
    paragraph = next(
        (part for part in text.split("\n\n") if part.strip("#* \n") and not part.startswith("#")), ""
    )
    line = " ".join(paragraph.split())
    return line if len(line) <= 200 else line[:199] + "…"
