"""Score the code engine on the OWASP Benchmark for Python, as OWASP computes it: true-positive rate minus false-positive rate.

    python benchmarks/owasp.py CHECKOUT [--rename] [--jobs N]

A test counts as reported when a finding of the category's CWE lies in its file. ``--rename`` first rewrites a copy of the
checkout: every identifier of the tests and helpers, every helper module and every string constant that is no part of an API
gets another name; the score must stay what it is.
"""

from __future__ import annotations

import argparse
import csv
import tempfile
import time
from collections import defaultdict
from pathlib import Path

import fumehood.practices
from fumehood.engines.code import Options, analyse
from fumehood.findings import discover


def expected(checkout: Path) -> dict[str, tuple[str, bool, int]]:
    (table,) = checkout.glob("expectedresults-*.csv")
    with table.open(newline="") as file:
        rows = [row for row in csv.reader(file) if row and not row[0].startswith("#")]
    return {row[0].strip(): (row[1].strip(), row[2].strip() == "true", int(row[3])) for row in rows}


def reported(root: Path, jobs: int) -> tuple[dict[str, set[int]], float, int]:
    rules = discover(fumehood.practices)
    cwe = {rule.id: rule.cwe for rule in rules}
    began = time.perf_counter()
    result = analyse(root, rules, Options(cache=False, jobs=jobs))
    seconds = time.perf_counter() - began
    found: dict[str, set[int]] = defaultdict(set)
    for finding in result.findings:
        if finding.location is not None:
            found[Path(finding.location.path).stem].add(cwe[finding.rule])
    return found, seconds, sum(1 for item in result.not_covered if item.fatal)


def score(checkout: Path, names: dict[str, str], root: Path, jobs: int, wrong: bool) -> float:
    found, seconds, unread = reported(root, jobs)
    counts: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0, 0])  # TP, FN, FP, TN
    for test, (category, real, cwe) in sorted(expected(checkout).items()):
        hit = cwe in found.get(names.get(test, test), ())
        counts[category][(0 if hit else 1) if real else (2 if hit else 3)] += 1
        if wrong and hit is not real:
            print(f"  {'missed' if real else 'false alarm'}: {category} {test}")
    scores = []
    print(f"{'category':<18}{'TP':>5}{'FN':>5}{'FP':>5}{'TN':>5}{'TPR':>8}{'FPR':>8}{'score':>8}")
    for category, (tp, fn, fp, tn) in sorted(counts.items()):
        tpr, fpr = tp / max(1, tp + fn), fp / max(1, fp + tn)
        scores.append(tpr - fpr)
        print(f"{category:<18}{tp:>5}{fn:>5}{fp:>5}{tn:>5}{tpr:>8.3f}{fpr:>8.3f}{tpr - fpr:>+8.3f}")
    mean = sum(scores) / len(scores)
    print(f"{'mean':<54}{mean:>+8.3f}   ({seconds:.1f} s, {unread} files not read)")
    return mean


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("checkout", type=Path)
    parser.add_argument("--rename", action="store_true", help="also score a renamed copy")
    parser.add_argument("--jobs", type=int, default=0)
    parser.add_argument(
        "--wrong", action="store_true", help="list what is missed and what is reported wrongly"
    )
    given = parser.parse_args()
    plain = score(given.checkout, {}, given.checkout, given.jobs, given.wrong)
    if given.rename:
        from owasp_rename import renamed

        with tempfile.TemporaryDirectory() as folder:
            names = renamed(given.checkout, Path(folder))
            other = score(given.checkout, names, Path(folder), given.jobs, given.wrong)
        print(f"renamed: {other:+.3f}, changed by {abs(other - plain):.3f}")


if __name__ == "__main__":
    main()
