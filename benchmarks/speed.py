"""Time `fumehood audit PATH`, reading only, against Bandit and Semgrep, as far as they are installed, in one run.

    python benchmarks/speed.py PATH [--rounds N] [--bandit FILE] [--semgrep FILE]

Prints seconds by the clock and of all processors, each the median over the rounds, and their ratio to Bandit's: the audit
cold, and warm after one file has changed.
"""

from __future__ import annotations

import argparse
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

Seconds = tuple[float, float]  # by the clock, of all processors


def timed(command: list[str], good: tuple[int, ...], environment: dict[str, str]) -> Seconds:
    """Run a command to its end.

    Raises:
        SystemExit: when it ends with a status that is not among the good ones.
    """
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    began = time.perf_counter()
    done = subprocess.run(command, env=os.environ | environment, capture_output=True, check=False)
    clock = time.perf_counter() - began
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode not in good:
        sys.exit(f"{command[0]} ended with status {done.returncode}: {done.stderr.decode()[-500:]}")
    return clock, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def rounds(copy: Path, files: list[Path], given: argparse.Namespace) -> dict[str, list[Seconds]]:
    times: dict[str, list[Seconds]] = {}
    audit = [sys.executable, "-m", "fumehood", "audit", str(copy), "--format", "json", "--output", os.devnull]
    for number in range(given.rounds):
        with tempfile.TemporaryDirectory() as cache:
            own = {"XDG_CACHE_HOME": cache}
            if given.bandit:
                times.setdefault("Bandit", []).append(
                    timed([given.bandit, "-q", "-r", str(copy)], (0, 1), {})
                )
            if given.semgrep:
                scan = [given.semgrep, "--config", given.rules, "--metrics=off", "--quiet", str(copy)]
                times.setdefault("Semgrep", []).append(timed(scan, (0, 1), {}))
            times.setdefault("audit, cold", []).append(timed(audit, (0, 1, 2), own))
            with files[len(files) // 2].open("a") as file:
                file.write(f"\nCHANGED = {number}\n")
            times.setdefault("audit, one file changed", []).append(timed(audit, (0, 1, 2), own))
    return times


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("path", type=Path)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--bandit", default=shutil.which("bandit"))
    parser.add_argument("--semgrep", help="Semgrep's program; it needs --rules too")
    parser.add_argument("--rules", help="a file or folder of Semgrep's rules, or a registry's name for them")
    given = parser.parse_args()
    if given.semgrep and not given.rules:
        parser.error("--semgrep needs --rules")
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder, "copy")
        shutil.copytree(given.path, copy, ignore=shutil.ignore_patterns(".git"), symlinks=True)
        files = sorted(copy.rglob("*.py"))
        lines = sum(file.read_bytes().count(b"\n") for file in files if not file.is_symlink())
        print(f"{len(files)} files, {lines} lines")
        times = rounds(copy, files, given)
    base = [statistics.median(column) for column in zip(*times.get("Bandit", []), strict=True)]
    for name, measured in times.items():
        clock, processors = (statistics.median(column) for column in zip(*measured, strict=True))
        ratio = f"   {clock / base[0]:5.2f} and {processors / base[1]:5.2f} x Bandit" if base else ""
        print(f"{name:<24}{clock:>8.2f} s{processors:>8.2f} s of processors{ratio}")
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    print(f"largest process: {peak:.0f} MiB")


if __name__ == "__main__":
    main()
