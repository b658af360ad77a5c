"""Attack deliberately vulnerable applications, compare what was confirmed with their labels, and with wapiti3 on the same applications.

    python benchmarks/attack.py APPS_FOLDER BENCH_CHECKOUT [--app NAME ...] [--list] [--no-wapiti] [--wapiti-seconds N] [--wapiti-modules LIST] [--twice]

APPS_FOLDER holds git checkouts of VAmPI, Vulnerable-Flask-App, vulpy, DVBLab and BenchmarkPython; BENCH_CHECKOUT is one of
Real-Vuln-Benchmark, whose ground truth labels the first four. Each application runs in a virtual environment of its own, made
in build/attack-apps on the first call, with the oldest of its requirements that still run. Nothing is sent but to this machine.

Neither program is told how to sign in. Each makes a whole attack with its own defaults: all that Fumehood can show by attack, and Wapiti's
default modules, scope and level. Wapiti gets the address of the application served on loopback, prepared as its documentation says, and the
OpenAPI description where there is one; what it would ask of its makers' server it asks of a closed port here, which answers at once. Times are of
the clock, from start to report, of one program after the other; starting the server is not counted for Wapiti, importing the application is for
Fumehood. --wapiti-seconds bounds Wapiti, which is told then as stopped.
"""

from __future__ import annotations

import argparse
import ast
import csv
import json
import os
import re
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from realvuln import files_at

ROOT = Path(__file__).resolve().parents[1]
ENVIRONMENTS = ROOT / "build" / "attack-apps"
# What an attack needs of Fumehood beside the application's own requirements, which may be older than Fumehood's.
NEEDED = ("argon2-cffi", "bcrypt", "blinker", "certifi", "cryptography", "cvss", "Flask-WTF", "httpcore", "msgspec", "nh3", "packaging", "pydantic",
          "rich", "wrapt", "zxcvbn")  # fmt: skip
OLD_FLASK = ("Flask==2.2.5", "Werkzeug==2.2.3")

INJECTION = {"CWE-22", "CWE-74", "CWE-77", "CWE-78", "CWE-79", "CWE-89", "CWE-90", "CWE-94", "CWE-113", "CWE-502", "CWE-601", "CWE-611", "CWE-643",
             "CWE-918", "CWE-943", "CWE-1336"}  # fmt: skip
ACCESS = {"CWE-284", "CWE-285", "CWE-306", "CWE-639", "CWE-862", "CWE-863", "CWE-915"}
GROUPS = {"injection": INJECTION, "access control": ACCESS}
WAPITI_MODULES = 17  # that it runs by default
WAPITI_KINDS = {"SQL Injection": "CWE-89", "Cross Site Scripting": "CWE-79", "Reflected Cross Site Scripting": "CWE-79", "Stored Cross Site Scripting": "CWE-79",
    "Path Traversal": "CWE-22", "Command execution": "CWE-78", "Open Redirect": "CWE-601", "LDAP Injection": "CWE-90", "XML External Entity": "CWE-611"}  # fmt: skip
# The classes of BenchmarkPython that a request can show; the others are about cookies, hashes and randomness in code.
CATEGORIES = {"sqli": "CWE-89", "cmdi": "CWE-78", "codeinj": "CWE-94", "pathtraver": "CWE-22", "xss": "CWE-79", "redirect": "CWE-601",
    "deserialization": "CWE-502", "xxe": "CWE-611", "ldapi": "CWE-90", "xpathi": "CWE-643"}  # fmt: skip

SERVE = """
import sys
from pathlib import Path
from flask import Flask
run, Flask.run = Flask.run, lambda *_, **__: None
from fumehood.engines.live.target import load
app = load(Path.cwd(), sys.argv[1])
exec(sys.argv[3])
run(app, "127.0.0.1", int(sys.argv[2]), threaded=True, use_reloader=False, debug=False)
"""


@dataclass(frozen=True, slots=True)
class App:
    """One application: where it is, what it needs, and how its documentation says that it is made ready."""

    name: str
    checkout: str
    target: str
    pins: tuple[str, ...]
    folder: str = ""
    truth: str = ""
    python: str = "3.11"
    ready: str = "pass"
    early: str = ""  # run by each Python of the environment when it starts: names that old requirements look for in newer Pythons
    openapi: str = ""

    @property
    def environment(self) -> str:
        return self.checkout.lower()


APPS = (
    App("VAmPI", "VAmPI", "config:vuln_app",
        (*OLD_FLASK, "connexion[swagger-ui]==2.14.2", "Flask-SQLAlchemy==3.0.5", "SQLAlchemy>=2.0.40,<2.1", "PyJWT==2.6.0", "jsonschema==4.17.3"),
        truth="vampi", ready="app.test_client().get('/createdb')", openapi="/openapi.json"),
    App("Vulnerable-Flask-App", "Vulnerable-Flask-App", "app",
        (*OLD_FLASK, "Flask-SQLAlchemy==2.5.1", "SQLAlchemy==1.4.54", "PyJWT==1.7.1", "Faker", "tornado", "python-docx==0.8.5", "lxml==4.9.4",
         "requests", "PyYAML==5.3.1"), folder="app", truth="vulnerable-flask-app",
        early="import collections, collections.abc\ncollections.Sequence = collections.abc.Sequence\n"),
    App("vulpy bad", "vulpy", "vulpy",
        (*OLD_FLASK, "SQLAlchemy>=2.0.40", "PyYAML", "click", "geoip2", "jsonschema", "PyJWT", "pyotp==2.9.0", "qrcode", "requests", "pillow"), folder="bad", truth="vulpy",
        ready="import runpy; runpy.run_path('db_init.py', run_name='__main__')"),
    App("vulpy good", "vulpy", "vulpy",
        (*OLD_FLASK, "SQLAlchemy>=2.0.40", "PyYAML", "click", "geoip2", "jsonschema", "PyJWT", "pyotp==2.9.0", "qrcode", "requests", "pillow"), folder="good", truth="vulpy",
        ready="import runpy; runpy.run_path('db_init.py', run_name='__main__')"),
    App("DVBLab", "DVBLab", "app",
        (*OLD_FLASK, "Flask-SQLAlchemy==2.5.1", "SQLAlchemy==1.4.54", "Flask-Login", "Flask-CORS", "PyJWT==2.6.0", "PyYAML==5.3.1", "python-dotenv",
         "requests", "lxml"),
        folder="backend", truth="dvblab", ready="from app import init_db; init_db()"),
    App("BenchmarkPython", "BenchmarkPython", "app",
        ("Flask>=3.1.1", "SQLAlchemy>=2.0.40", "lxml==6.0.0", "elementpath==5.0.3", "ldap3==2.9.1", "PyYAML", "requests"), python="3.13"),
)  # fmt: skip


@dataclass(slots=True)
class Label:
    """One place that is labelled: vulnerable or safe."""

    name: str
    real: bool
    cwes: frozenset[str]
    group: str
    file: str = ""
    start: int = 0
    end: int = 0
    function: str = ""
    routes: set[str] = field(default_factory=set)  # where it was confirmed, by either program
    ours: bool = False
    wapiti: bool = False


@dataclass(slots=True)
class Result:
    """What both programs did to one application."""

    app: App
    labels: list[Label]
    seconds: float = 0.0
    wapiti_seconds: float = 0.0
    stopped: bool = False
    findings: list[dict[str, Any]] = field(default_factory=list)
    wapiti_findings: int = 0
    same: bool | None = None
    error: str = ""


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("apps", type=Path)
    parser.add_argument("bench", type=Path)
    parser.add_argument("--app", action="append", default=[], choices=[app.name for app in APPS])
    parser.add_argument(
        "--list", action="store_true", help="list what was confirmed, missed and said of safe places"
    )
    parser.add_argument("--no-wapiti", action="store_true")
    parser.add_argument("--wapiti-seconds", type=int, default=1800, help="at most, for each application")
    parser.add_argument(
        "--wapiti-modules", default="", help="as its option -m, in place of its defaults: all, or xss,sql"
    )
    parser.add_argument("--twice", action="store_true", help="attack twice, and compare the findings")
    given = parser.parse_args()
    results = []
    for app in APPS:
        if not given.app or app.name in given.app:
            results.append(measure(app, given))
            show(results[-1], listed=given.list)
    summary(results)


def measure(app: App, given: argparse.Namespace) -> Result:
    """Attack one application with both programs."""
    python = environment(app.environment, app.python, app.pins, app.early)
    with tempfile.TemporaryDirectory() as scratch:
        commit = "HEAD"
        labels: list[Label] = []
        truth = given.bench / "ground-truth" / f"realvuln-{app.truth}" / "ground-truth.json"
        if app.truth:
            document = json.loads(truth.read_text())
            commit, labels = document["commit_sha"], list(labelled(document, app.folder))
        files_at(given.apps / app.checkout, commit, Path(scratch))
        root = Path(scratch, app.folder)
        if not app.truth:
            labels = list(labelled_tests(root))
        result = Result(app, labels)
        ours(result, python, root, twice=given.twice)
        if not given.no_wapiti:
            theirs(result, python, root, given.wapiti_seconds, given.wapiti_modules)
        return result


def environment(name: str, version: str, pins: Sequence[str], early: str = "") -> Path:
    """Return the Python of a virtual environment with an application's requirements, and Fumehood from this checkout."""
    folder = ENVIRONMENTS / name
    python = folder / "bin" / "python"
    stamp = folder / "made"
    wanted = json.dumps([version, pins, NEEDED, early])
    if not stamp.exists() or stamp.read_text() != wanted:
        print(f"making {folder}", file=sys.stderr)
        subprocess.run([interpreter(version), "-m", "venv", "--clear", str(folder)], check=True)
        install = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*install, *pins], check=True)
        if name != "wapiti":
            own = [package for package in NEEDED if not any(pin.startswith(package) for pin in pins)]
            subprocess.run([*install, *own], check=True)
            subprocess.run([*install, "--no-deps", "--editable", str(ROOT)], check=True)
        if early:
            next(folder.glob("lib/python*/site-packages")).joinpath("sitecustomize.py").write_text(early)
        stamp.write_text(wanted)
    return python


def interpreter(version: str) -> str:
    """Return a Python of a version, from the search path or from pyenv."""
    for candidate in (
        f"python{version}",
        *map(str, Path("~/.pyenv/versions").expanduser().glob(f"{version}*/bin/python")),
    ):
        with suppress(OSError, subprocess.CalledProcessError):
            said = subprocess.run([candidate, "--version"], capture_output=True, text=True, check=True).stdout
            if said.startswith(f"Python {version}"):
                return candidate
    sys.exit(f"Python {version} is needed for one of the applications")


# --- labels -------------------------------------------------------------------------------------------------------------


def labelled(document: dict[str, Any], folder: str) -> Iterator[Label]:
    """Yield the labels of an application that speak of the folder that is run."""
    prefix = f"{folder}/" if folder else ""
    for item in document["findings"]:
        cwes = frozenset({item["primary_cwe"], *item["acceptable_cwes"]})
        group = next((name for name, known in GROUPS.items() if item["primary_cwe"] in known), "")
        if group and item["file"].startswith(prefix):
            place = item["location"]
            yield Label(
                item["id"], item["is_vulnerable"], cwes, group, item["file"].removeprefix(prefix),
                place["start_line"], place["end_line"], place.get("function") or "",
            )  # fmt: skip


def labelled_tests(root: Path) -> Iterator[Label]:
    for row in csv.reader(next(root.glob("expectedresults-*.csv")).read_text().splitlines()[1:]):
        if row[1] in CATEGORIES:
            yield Label(row[0], row[2].strip() == "true", frozenset({CATEGORIES[row[1]]}), row[1])


def function_at(root: Path, file: str, line: int) -> str:
    """Return the innermost function around a line."""
    best = ""
    with suppress(OSError, SyntaxError):
        for node in ast.walk(ast.parse((root / file).read_text("utf-8", "replace"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                first = min([node.lineno, *(item.lineno for item in node.decorator_list)])
                if first <= line <= (node.end_lineno or first):
                    best = node.name
    return best


def source_at(source: str, line: int) -> str:
    """Return the source of the function at a line."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef) and node.lineno - 5 <= line <= (node.end_lineno or 0):
            return ast.get_source_segment(source, node) or ""
    return ""


def is_at(label: Label, root: Path, finding: dict[str, Any]) -> bool:
    """Tell whether a finding speaks of a label's place."""
    if not label.file:
        return re.search(rf"\b{label.name}\b", finding.get("route") or "") is not None
    where = finding.get("location") or {}
    if label.file.endswith(".html"):
        # The place of a template is the view that renders it; what was kept may be shown by another view of the module.
        kept = " is kept and " in finding["message"]
        with suppress(OSError):
            source = (root / where.get("path", "")).read_text("utf-8", "replace")
            return Path(label.file).name in (source if kept else source_at(source, where["line"]))
        return False
    if where.get("path") != label.file:
        return False
    inside = label.start - 2 <= where["line"] <= label.end + 2
    return inside or (label.function != "" and function_at(root, label.file, where["line"]) == label.function)


# --- the two programs ---------------------------------------------------------------------------------------------------


def ours(result: Result, python: Path, root: Path, *, twice: bool) -> None:
    """Run ``fumehood audit --attack`` as a user would."""
    runs = []
    # As pip does when it installs: this checkout may never have been imported by that Python.
    subprocess.run([str(python), "-m", "compileall", "-q", str(ROOT / "src" / "fumehood")], check=True)
    for _ in range(2 if twice else 1):
        started = time.perf_counter()
        done = subprocess.run(
            [str(python), "-W", "ignore", "-m", "fumehood", "audit", ".", "--app", result.app.target, "--only", "attack", "--attack", "--yes", "--format", "json"],
            cwd=root, capture_output=True, text=True, check=False,
        )  # fmt: skip
        result.seconds = result.seconds or time.perf_counter() - started
        if done.returncode not in {0, 1}:
            result.error = done.stderr.strip()[-500:]
            return
        runs.append(json.loads(done.stdout)["findings"])
    result.findings = runs[0]
    result.same = compared(runs[0]) == compared(runs[1]) if twice else None
    cwe = rule_cwes()
    for finding in runs[0]:
        near = [
            label
            for label in result.labels
            if f"CWE-{cwe[finding['rule']]}" in wide(label.cwes) and is_at(label, root, finding)
        ]
        # In a function with a vulnerable branch and a safe one, it is the vulnerable one that was broken.
        for label in [label for label in near if label.real] or near:
            label.ours = True
            label.routes.add((finding.get("route") or "").partition(" ")[2])


def compared(findings: list[dict[str, Any]]) -> list[tuple[str, ...]]:
    return [(item["rule"], item.get("route") or "", item.get("parameter") or "", item["message"], str(item.get("location"))) for item in findings]  # fmt: skip


def rule_cwes() -> dict[str, int]:
    from fumehood.audit import all_rules

    return {rule.id: rule.cwe for rule in all_rules()}


def wide(cwes: frozenset[str]) -> frozenset[str]:
    """Whose things are whose has several numbers; so has running what was sent."""
    for family in (ACCESS, {"CWE-94", "CWE-95", "CWE-1336"}):
        if cwes & family:
            cwes |= family
    return cwes


def theirs(result: Result, python: Path, root: Path, most: int, modules: str) -> None:
    """Run wapiti3 on the application served on loopback."""
    wapiti = environment("wapiti", "3.13", ("wapiti3",)).with_name("wapiti")
    with served(result.app, python, root) as address, tempfile.TemporaryDirectory() as folder:
        report = Path(folder, "report.json")
        number = len(modules.split(",")) if modules else WAPITI_MODULES
        command = [str(wapiti), "-u", address, "-f", "json", "-o", str(report), "--flush-session", "--no-bugreport", "-v", "0", "--endpoint", "http://127.0.0.1:9/",
                   "--store-session", folder, "--max-scan-time", str(most // 2), "--max-attack-time", str(most // 2 // number)]  # fmt: skip
        command += ["-m", modules] if modules else []
        if result.app.openapi:
            command += ["--swagger", address.rstrip("/") + result.app.openapi]
        started = time.perf_counter()
        with suppress(subprocess.TimeoutExpired):
            subprocess.run(
                command,
                capture_output=True,
                check=False,
                timeout=most + 60,
                env={**os.environ, "HOME": folder},
            )
        result.wapiti_seconds = time.perf_counter() - started
        result.stopped = result.wapiti_seconds >= most // 2
        if report.exists():
            read_report(result, json.loads(report.read_text()))


def read_report(result: Result, report: dict[str, Any]) -> None:
    for kind, items in report["vulnerabilities"].items():
        for item in items if kind in WAPITI_KINDS else ():
            result.wapiti_findings += 1
            cwes = {WAPITI_KINDS[kind]}
            if kind == "SQL Injection" and "xpath" in item.get("info", "").lower():
                cwes = {"CWE-643"}
            path = item["path"].partition("?")[0]
            for label in result.labels:
                there = (
                    label.name in path
                    if not label.file
                    else any(_leads(route, path) for route in label.routes)
                )
                if there and cwes & label.cwes:
                    label.wapiti = True


def _leads(route: str, path: str) -> bool:
    return re.fullmatch(re.sub(r"<[^>]+>", "[^/]+", route) + "/?", path) is not None


@contextmanager
def served(app: App, python: Path, root: Path) -> Iterator[str]:
    """Serve an application on loopback, made ready as its documentation says."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = subprocess.Popen(
        [str(python), "-W", "ignore", "-c", SERVE, app.target, str(port), app.ready],
        cwd=root, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and process.poll() is None:
            with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                break
            time.sleep(0.2)
        with suppress(OSError):
            urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=10).close()
        yield f"http://127.0.0.1:{port}/"
    finally:
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(10)
        process.kill()
        process.wait()


# --- the table ----------------------------------------------------------------------------------------------------------


def show(result: Result, *, listed: bool) -> None:
    print(f"\n{result.app.name}" + (f"   FAILED: {result.error}" if result.error else ""))
    if not result.error:
        theirs = (
            f"wapiti3 {result.wapiti_seconds:.1f} s{' (stopped)' if result.stopped else ''}, {result.wapiti_findings} findings"
            if result.wapiti_seconds
            else ""
        )
        print(f"  fumehood {result.seconds:.1f} s, {len(result.findings)} findings   {theirs}")
    for group in dict.fromkeys(label.group for label in result.labels):
        line(group, [label for label in result.labels if label.group == group])
    if result.same is not None:
        print(f"  run twice, the findings are {'the same' if result.same else 'NOT THE SAME'}")
    for label in result.labels if listed else ():
        if label.real and not label.ours:
            print(
                f"    missed        {label.name:28}{label.file}:{label.start} {label.function} {'/'.join(sorted(label.cwes))}"
            )
        elif not label.real and (label.ours or label.wapiti):
            print(f"    said of safe  {label.name:28}{label.file}:{label.start} {label.function}")


def line(name: str, labels: list[Label]) -> None:
    real = [label for label in labels if label.real]
    safe = [label for label in labels if not label.real]
    ours, other = sum(label.ours for label in real), sum(label.wapiti for label in real)
    share = f"{ours / len(real):4.0%}" if real else "   -"
    print(
        f"  {name:16} labelled {len(real):4}   fumehood {ours:4} ({share})   wapiti3 {other:4}   "
        f"said of {len(safe)} safe: fumehood {sum(label.ours for label in safe)}, wapiti3 {sum(label.wapiti for label in safe)}"
    )


def summary(results: list[Result]) -> None:
    print("\nTogether")
    labels = [label for result in results for label in result.labels]
    line("injection", [label for label in labels if label.group != "access control"])
    line("access control", [label for label in labels if label.group == "access control"])
    seconds = sum(result.seconds for result in results)
    other = sum(result.wapiti_seconds for result in results)
    print(
        f"  fumehood {seconds:.1f} s"
        + (f", wapiti3 {other:.1f} s: {other / seconds:.1f} times as long" if other else "")
    )


if __name__ == "__main__":
    main()
