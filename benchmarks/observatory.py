"""The grade that MDN's HTTP Observatory gives the starter, by MDN's own scanner, behind the nginx that ``fumehood deploy`` configures.

Needs Node.js 20 with npm, which installs the scanner into build/observatory. Exit status 1 when the grade is not the
highest or a point is missing that the starter could have.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))

from servers.proxies import Front, front  # noqa: E402 -- after sys.path
from servers.starter import start_starter  # noqa: E402

PACKAGE = "@mdn/mdn-http-observatory"
VERSION = "1.4.8"
DOMAIN = "notes.example.org"

# The most that each test gives; a test that is not listed gives nothing.
MOST = {
    "content-security-policy": 10,
    "cookies": 5,
    "referrer-policy": 5,
    "strict-transport-security": 5,
    "subresource-integrity": 5,
    "x-frame-options": 5,
    "cross-origin-resource-policy": 10,
    "cross-origin-embedder-policy": 10,
    "cross-origin-opener-policy": 10,
}
# What no site of this kind can have, with the reason.
OUT_OF_REACH = {"strict-transport-security": "its bonus is for domains in the browsers' preload list"}


def main() -> int:
    scanner = install()
    if scanner is None:
        print("NOT MEASURED: Node.js and npm are needed (Node.js 20 or newer).")
        return 0
    with tempfile.TemporaryDirectory() as folder:
        result = measure(scanner, Path(folder))
    return report(result)


def install() -> Path | None:
    """Install the scanner with npm; its own scripts are not run: they fetch lists that a new domain is not on."""
    npm, node = shutil.which("npm"), shutil.which("node")
    if npm is None or node is None:
        return None
    folder = ROOT / "build" / "observatory"
    package = folder / "node_modules" / PACKAGE
    installed = package / "package.json"
    if not installed.exists() or json.loads(installed.read_text())["version"] != VERSION:
        folder.mkdir(parents=True, exist_ok=True)
        quiet = ["--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
        subprocess.run([npm, "install", *quiet, "--prefix", folder, f"{PACKAGE}@{VERSION}"], check=True)
    preloaded = package / "conf" / "hsts-preload.json"
    if not preloaded.exists():
        preloaded.write_text("{}")
    return package


def measure(scanner: Path, folder: Path) -> Mapping[str, Any]:
    """Start the starter and nginx on free ports, and scan them once."""
    with (
        start_starter(folder, "--proxies", "1", *sys.argv[1:], FUMEHOOD_HOSTS=DOMAIN) as starter,
        front("nginx", starter.address, DOMAIN) as site,
    ):
        return scan(scanner, site)


def scan(scanner: Path, site: Front) -> Mapping[str, Any]:
    ports = {f"{DOMAIN}:{port}": site.https_port for port in (443, site.https_port)}
    ports[f"{DOMAIN}:80"] = site.http_port
    environment = {"NODE_EXTRA_CA_CERTS": str(site.authority), "OBSERVATORY_PORTS": json.dumps(ports)}
    done = subprocess.run(
        ["node", "--require", ROOT / "benchmarks" / "observatory_connect.cjs", "src/scan.js", DOMAIN],
        cwd=scanner,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=120,
    )
    result: dict[str, Any] = json.loads(done.stdout or "{}")
    if done.returncode or "scan" not in result:
        sys.exit(f"The scanner failed: {result.get('error') or done.stderr[-1000:]}")
    return result


def report(result: Mapping[str, Any]) -> int:
    scan, tests = result["scan"], result["tests"]
    missing = 0
    for name, test in tests.items():
        modifier = test["scoreModifier"] or 0
        line = f"  {name:<30} {modifier:+4d}  {test['result']}"
        if lacking := MOST.get(name, 0) - modifier:
            line += f"  ({OUT_OF_REACH.get(name) or f'{lacking} more are possible'})"
            missing += 0 if name in OUT_OF_REACH else lacking
        print(line)
    best = 100 + sum(most for name, most in MOST.items() if name in tests and name not in OUT_OF_REACH)
    print(
        f"  grade {scan['grade']}, score {scan['score']}; the most that a site of this kind can have: {best}"
    )
    return 0 if scan["grade"] == "A+" and not missing else 1


if __name__ == "__main__":
    sys.exit(main())
