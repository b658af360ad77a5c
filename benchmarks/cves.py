"""Whether the code engine reports known flaws of real applications before their fix, and no longer after it.

    python benchmarks/cves.py CHECKOUTS_FOLDER [--only CVE ...] [--list]

CHECKOUTS_FOLDER holds a git repository, with or without a work tree, for each application, under its name without the owner. The pairs are in
cves.toml: two commits and the place of the flaw. A pair is right when before the fix there is a finding of an expected rule
at that place (in that function, or within a few lines of that text), and after it there is none.
"""

from __future__ import annotations

import argparse
import tempfile
import time
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from checkouts import code_findings, files_at, has_commit
from fumehood.findings import Finding, Location, Severity

NEAR = 3  # lines


@dataclass(frozen=True)
class Pair:
    """One entry of cves.toml."""

    id: str
    repo: str  # owner/name
    before: str
    fix: str
    file: str
    rules: tuple[str, ...] = ()
    cwe: tuple[int, ...] = ()
    function: str = ""
    text: str = ""  # of a line; after the fix, where it is gone, the line's number stands for it
    folder: str = ""
    what: str = ""


@dataclass(frozen=True)
class Audited:
    """What one commit's audit says of a pair."""

    there: tuple[Finding, ...]
    all: int
    high: int
    lines: frozenset[int]
    seconds: float


def pairs(only: list[str]) -> Iterator[Pair]:
    with Path(__file__).with_name("cves.toml").open("rb") as file:
        for entry in tomllib.load(file)["pair"]:
            fields = {key: tuple(value) if isinstance(value, list) else value for key, value in entry.items()}
            pair = Pair(**fields)
            if not only or any(name in (pair.id, pair.repo, pair.repo.split("/")[1]) for name in only):
                yield pair


def audited(checkout: Path, commit: str, pair: Pair, lines: frozenset[int] = frozenset()) -> Audited:
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        files_at(checkout, commit, root)
        root = root / pair.folder
        start = time.perf_counter()
        found = code_findings(root)
        seconds = time.perf_counter() - start
        lines = _lines_of(root / pair.file, pair.text) or lines
        there = tuple(f for f, cwe in found if _expected(f, cwe, pair) and _is_there(f, pair, lines))
        high = sum(1 for f, _ in found if f.severity >= Severity.HIGH)
        return Audited(there, len(found), high, lines, seconds)


def _lines_of(path: Path, text: str) -> frozenset[int]:
    if not text or not path.is_file():
        return frozenset()
    content = path.read_text(encoding="utf-8", errors="replace").splitlines()
    return frozenset(number for number, line in enumerate(content, 1) if text in line)


def _expected(finding: Finding, cwe: int, pair: Pair) -> bool:
    return finding.rule in pair.rules or cwe in pair.cwe


def _is_there(finding: Finding, pair: Pair, lines: frozenset[int]) -> bool:
    """Whether the finding itself, or where its way begins, is at the place of the flaw."""
    places = [finding.location, *(step.location for step in finding.trace[:1])]
    return any(place is not None and _at(place, pair, lines) for place in places)


def _at(place: Location, pair: Pair, lines: frozenset[int]) -> bool:
    if place.path != pair.file:
        return False
    if pair.function and place.scope and f".{place.scope}.".find(f".{pair.function}.") >= 0:
        return True
    if pair.text:
        return any(abs(place.line - line) <= NEAR for line in lines)
    return not pair.function


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("checkouts", type=Path)
    parser.add_argument("--only", nargs="+", default=[], help="ids of pairs, or names of their repositories")
    parser.add_argument("--list", action="store_true", help="with the findings at the place")
    given = parser.parse_args()
    found = gone = right = count = 0
    for pair in pairs(given.only):
        checkout = given.checkouts / pair.repo.split("/")[1]
        missing = [commit for commit in (pair.before, pair.fix) if not has_commit(checkout, commit)]
        if missing:
            print(f"{pair.id:<18}{pair.repo:<34}not measured: {checkout} has no commit {missing[0]}")
            continue
        before = audited(checkout, pair.before, pair)
        after = audited(checkout, pair.fix, pair, before.lines)
        count += 1
        found += bool(before.there)
        gone += not after.there
        right += bool(before.there) and not after.there
        _show(pair, before, after)
        for mark, result in (("before", before), ("after", after)):
            for item in result.there if given.list else ():
                print(f"      {mark:<7}{item.rule} {item.severity.label:<9}{item.location}  {item.message}")
    print(f"{count} pairs: {found} found before, {gone} silent after, {right} right")


def _show(pair: Pair, before: Audited, after: Audited) -> None:
    print(
        f"{pair.id:<18}{pair.repo:<34}found before: {'yes' if before.there else 'NO':<4}"
        f" gone after: {'yes' if not after.there else 'NO':<4}"
        f" findings {before.all} ({before.high} high) / {after.all} ({after.high} high)"
        f"  {before.seconds + after.seconds:.0f} s",
        flush=True,
    )


if __name__ == "__main__":
    main()
