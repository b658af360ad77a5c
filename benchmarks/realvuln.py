"""Score the code engine on applications of the RealVuln benchmark, with that benchmark's own matching.

    python benchmarks/realvuln.py BENCH_CHECKOUT APPS_FOLDER [--app NAME ...] [--list]

An application is a git checkout in APPS_FOLDER whose commit the ground truth names; its files are taken from that commit.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from checkouts import code_findings, files_at
from fumehood.findings import Finding

NAMED = {
    "vampi": "VAmPI",
    "dvblab": "DVBLab",
    "vulnerable-flask-app": "Vulnerable-Flask-App",
    "vulpy": "vulpy",
    "damn-vulnerable-flask-application": "Damn-Vulnerable-Flask-Application",
}


def matched(bench: Path, truth: Path, found: list[tuple[Finding, int]]) -> list[Any]:
    sys.path.insert(0, str(bench))
    from parsers.base import NormalisedFinding
    from scorer.matcher import load_ground_truth, match_findings

    normal = [
        NormalisedFinding(
            file=finding.location.path,
            cwe=f"CWE-{cwe}",
            line=finding.location.line,
            severity=finding.severity.label,
            message=finding.message,
            rule_id=finding.rule,
            function=finding.location.scope or None,
            scanner="fumehood",
        )
        for finding, cwe in found
        if finding.location is not None
    ]
    return list(match_findings(normal, load_ground_truth(str(truth))))


def measure(tp: int, fp: int, fn: int) -> tuple[float, float, float, float]:
    precision = tp / (tp + fp) if tp + fp else 0.0
    recall = tp / (tp + fn) if tp + fn else 0.0

    def f(beta: int) -> float:
        weight = beta * beta
        return (
            (1 + weight) * precision * recall / (weight * precision + recall) if precision + recall else 0.0
        )

    return precision, recall, 100 * f(1), 100 * f(3)


def applications(bench: Path, apps: Path, wanted: list[str]) -> Iterator[tuple[str, Path, Path, str]]:
    for name, folder in NAMED.items():
        if not wanted or name in wanted:
            truth = bench / "ground-truth" / f"realvuln-{name}" / "ground-truth.json"
            yield name, apps / folder, truth, json.loads(truth.read_text())["commit_sha"]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("bench", type=Path)
    parser.add_argument("apps", type=Path)
    parser.add_argument("--app", action="append", default=[], choices=list(NAMED))
    parser.add_argument("--list", action="store_true", help="list what is found, missed and reported wrongly")
    given = parser.parse_args()
    totals = [0, 0, 0]
    for name, checkout, truth, commit in applications(given.bench, given.apps, given.app):
        with tempfile.TemporaryDirectory() as folder:
            files_at(checkout, commit, Path(folder))
            results = matched(given.bench, truth, code_findings(Path(folder)))
        counts = [sum(1 for item in results if item.classification == kind) for kind in ("TP", "FP", "FN")]
        totals = [a + b for a, b in zip(totals, counts, strict=True)]
        show(name, counts)
        if given.list:
            listed(results)
    show("together", totals)


def show(name: str, counts: list[int]) -> None:
    precision, recall, f1, f3 = measure(*counts)
    print(
        f"{name:<36}TP {counts[0]:>3}  FP {counts[1]:>3}  FN {counts[2]:>3}"
        f"   precision {precision:.2f}  recall {recall:.2f}  F1 {f1:5.1f}  F3 {f3:5.1f}"
    )


def listed(results: list[Any]) -> None:
    for item in results:
        if item.classification == "FN":
            entry = item.ground_truth_entry
            place = f"{entry['file']}:{entry['location']['start_line']}"
            print(
                f"    missed  {entry['vulnerability_class']:<28}{place:<44}{'/'.join(entry['acceptable_cwes'])}"
            )
        elif item.classification in ("TP", "FP"):
            found = item.scanner_finding
            mark = "right " if item.classification == "TP" else "wrong "
            print(
                f"    {mark}  {found.rule_id} {found.cwe:<10}{found.file}:{found.line}  {found.message[:90]}"
            )


if __name__ == "__main__":
    main()
