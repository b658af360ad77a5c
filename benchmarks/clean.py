"""List what the code engine finds in well-kept applications, for a person to judge, with findings per thousand lines.

python benchmarks/clean.py CHECKOUT... [--severity high] [--trace]
"""

from __future__ import annotations

import argparse
from pathlib import Path

import fumehood.practices
from fumehood.engines.code import Options, analyse
from fumehood.findings import Severity, discover


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("checkouts", type=Path, nargs="+")
    parser.add_argument("--severity", default="high", choices=[item.label for item in Severity])
    parser.add_argument("--trace", action="store_true", help="with the path from source to sink")
    given = parser.parse_args()
    least = next(item for item in Severity if item.label == given.severity)
    rules = discover(fumehood.practices)
    for checkout in given.checkouts:
        result = analyse(checkout, rules, Options(cache=False))
        lines = sum(path.read_bytes().count(b"\n") for path in checkout.rglob("*.py") if path.is_file())
        shown = [item for item in result.findings if item.severity >= least]
        rate = 1000 * len(result.findings) / max(1, lines)
        print(
            f"{checkout.name}: {lines} lines, {len(result.findings)} findings ({rate:.2f} per thousand lines), {len(shown)} shown"
        )
        for item in shown:
            print(
                f"  {item.rule} {item.severity.label:<9}{item.certainty.label:<19}{item.location}  {item.message}"
            )
            for step in item.trace if given.trace else ():
                print(f"      {step.location}  {step.message}  |  {step.location.code}")


if __name__ == "__main__":
    main()
