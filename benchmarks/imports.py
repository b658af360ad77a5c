"""What `from fumehood import Fumehood` costs over `import flask`, in fresh interpreters.

    python benchmarks/imports.py [--runs 15] [--check]

Each run imports Flask and then Fumehood; the figures are the medians of CPU time. What is loaded later, when it is first used (Flask-Security with
accounts, SQLAlchemy, pydantic), is not in it.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile

TARGET = 30.0  # milliseconds over Flask
CODE = """
import time
began = time.process_time()
import flask
middle = time.process_time()
from fumehood import Fumehood, public
ended = time.process_time()
print(middle - began, ended - middle)
"""


def main() -> int:
    parser = argparse.ArgumentParser(description="What importing Fumehood costs over importing Flask.")
    parser.add_argument("--runs", type=int, default=15)
    parser.add_argument("--check", action="store_true", help="exit with 1 when the target is missed")
    arguments = parser.parse_args()
    times = []
    with tempfile.TemporaryDirectory() as compiled:
        # With compiled modules, as pip installs them, whatever this environment says.
        environment = os.environ | {"PYTHONPYCACHEPREFIX": compiled, "PYTHONDONTWRITEBYTECODE": ""}
        for _ in range(arguments.runs + 1):
            run = subprocess.run(
                [sys.executable, "-c", CODE], capture_output=True, text=True, check=True, env=environment
            )
            times.append([float(part) * 1000 for part in run.stdout.split()])
    flask, hood = (
        statistics.median(column) for column in zip(*times[1:], strict=True)
    )  # the first warms the disk
    late = hood > TARGET
    print(f"import flask       {flask:6.1f} ms")
    print(f"import Fumehood  + {hood:6.1f} ms  (target {TARGET:.0f}){'  missed' if late else ''}")
    return 1 if late and arguments.check else 0


if __name__ == "__main__":
    sys.exit(main())
