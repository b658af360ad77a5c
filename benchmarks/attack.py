"""What an attack confirms in deliberately vulnerable applications: by application and rule, with requests and seconds.

Run: python benchmarks/attack.py FOLDER=MODULE[:ATTR] ...    e.g. vulpy/bad=vulpy
For OWASP BenchmarkPython (FOLDER has expectedresults-0.1.csv) the labels are compared too.
"""

from __future__ import annotations

import csv
import re
import sys
import time
from collections import Counter
from pathlib import Path

from fumehood.audit import all_rules
from fumehood.engines.attack.run import Attacked, AttackOptions, attack
from fumehood.engines.live.target import TargetError

_CATEGORIES = {"sqli": "FH801", "cmdi": "FH440", "codeinj": "FH441", "pathtraver": "FH442", "xss": "FH443", "redirect": "FH446",
    "deserialization": "FH447", "xxe": "FH448", "ldapi": "FH840", "xpathi": "FH841"}  # fmt: skip


def main(named: list[str]) -> None:
    for item in named:
        folder, _, target = item.partition("=")
        root = Path(folder)
        started = time.perf_counter()
        labels = root / "expectedresults-0.1.csv"
        rules = [rule for rule in all_rules() if not labels.exists() or rule.id in _CATEGORIES.values()]
        try:
            result = attack(root, target, rules, AttackOptions(seconds=300))
        except TargetError as error:
            print(f"{folder}: {error}")
            continue
        print(
            f"{folder}: {len(result.findings)} confirmed, {result.requests} requests, {time.perf_counter() - started:.1f} s, people {result.people}"
        )
        if labels.exists():
            _compare(result, labels)
            continue
        for finding in sorted(result.findings, key=lambda finding: (finding.rule, finding.route)):
            print(f"  {finding.rule} {finding.route} {finding.parameter}")
        for missing in result.not_covered:
            print(f"  not covered: {missing.where}: {missing.why}")


def _compare(result: Attacked, labels: Path) -> None:
    found = {
        (match[1], finding.rule)
        for finding in result.findings
        if (match := re.search(r"(BenchmarkTest\d+)", finding.route))
    }
    counts: Counter[tuple[str, bool, bool]] = Counter()
    for row in csv.reader(labels.read_text().splitlines()[1:]):
        name, category, real = row[0], row[1], row[2].strip() == "true"
        if rule := _CATEGORIES.get(category):
            counts[category, real, (name, rule) in found] += 1
    for category in _CATEGORIES:
        right, missed = counts[category, True, True], counts[category, True, False]
        wrong, safe = counts[category, False, True], counts[category, False, False]
        print(
            f"  {category:16} confirmed {right:4} of {right + missed:4}   said of safe ones {wrong:4} of {wrong + safe:4}"
        )


if __name__ == "__main__":
    main(sys.argv[1:])
