"""Time the code engine against Bandit and Semgrep, as far as they are installed, in one run.

    python benchmarks/speed.py PATH [--bandit FILE] [--semgrep FILE]

Prints wall-clock seconds and their ratio to Bandit's: the engine cold, and warm after one file has changed.
"""

from __future__ import annotations

import argparse
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

READ = """
import sys
from pathlib import Path
import fumehood.practices
from fumehood.engines.code import Options, analyse
from fumehood.findings import discover
print(len(analyse(Path(sys.argv[1]), discover(fumehood.practices), Options()).findings))
"""


def timed(command: list[str], **environment: str) -> float:
    began = time.perf_counter()
    subprocess.run(
        command,
        env=os.environ | environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        check=False,
    )
    return time.perf_counter() - began


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("path", type=Path)
    parser.add_argument("--bandit", default=shutil.which("bandit"))
    parser.add_argument("--semgrep", default=shutil.which("semgrep"))
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder, "copy")
        shutil.copytree(given.path, copy, ignore=shutil.ignore_patterns(".git"), symlinks=True)
        files = sorted(copy.rglob("*.py"))
        lines = sum(file.read_bytes().count(b"\n") for file in files if not file.is_symlink())
        print(f"{len(files)} files, {lines} lines")
        times: dict[str, float] = {}
        if given.bandit:
            times["Bandit"] = timed([given.bandit, "-q", "-r", str(copy)])
        if given.semgrep:
            times["Semgrep"] = timed(
                [given.semgrep, "--config", "p/python", "--metrics=off", "--quiet", str(copy)]
            )
        engine = [sys.executable, "-c", READ, str(copy)]
        cache = str(Path(folder, "cache"))
        times["cold"] = timed(engine, XDG_CACHE_HOME=cache)
        with files[len(files) // 2].open("a") as file:
            file.write("\nCHANGED = 1\n")
        times["warm, one file changed"] = timed(engine, XDG_CACHE_HOME=cache)
    base = times.get("Bandit")
    for name, seconds in times.items():
        print(f"{name:<24}{seconds:>8.2f} s" + (f"{seconds / base:>8.2f} x Bandit" if base else ""))
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    print(f"largest process: {peak:.0f} MiB")


if __name__ == "__main__":
    main()
