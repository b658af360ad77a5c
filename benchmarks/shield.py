"""Exploits against deliberately vulnerable applications: without guards, and with the hood's guards at the dangerous calls.

    python benchmarks/shield.py APPS_FOLDER [ENVIRONMENTS]

APPS_FOLDER holds checkouts of VAmPI, Vulnerable-Flask-App, vulpy, DVBLab and BenchmarkPython. ENVIRONMENTS is a folder with a
virtual environment for each (by default build/attack-apps, as benchmarks/attack.py makes them). Two figures: how many exploits are
stopped at the sink, and how many honest requests get the very answer that they get without guards. A program of BenchmarkPython that
answers every exploit as it answers a plain word, without guards, cannot be exploited with them: it is named and left out. So would be one
that is exploited without a trace in its answer, where the guards missed it; those named are few enough to be read.

The hood goes before an application whose Flask it accepts, with these settings loosened so that the application's own logic works:
every route declared public, CSRF and host checks not asked for (its clients send none). Older applications, whose Flask the hood
refuses, get the hood's guard of the sinks alone.
"""

from __future__ import annotations

import csv
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any
from urllib.parse import quote

ROOT = Path(__file__).resolve().parents[1]
SQL = "x' OR 'a'='a"
UNION = "x' UNION SELECT 1,2,3,4,5,6 --"
PICKLE = "gASVHAAAAAAAAACMBXBvc2l4lIwGc3lzdGVtlJOUjAR0cnVllIWUUpQu"  # posix.system('true')
TEMPLATE = "{{ cycler.__init__.__globals__.os.popen('true').read() }}"

# (method, path, parts of the request, kind): exploits by name of the application, then honest requests.
Asked = tuple[str, str, dict[str, Any]]


def _post(path: str, **document: Any) -> Asked:
    return "POST", path, {"json": document}


def _form(path: str, **fields: Any) -> Asked:
    return "POST", path, {"data": fields}


def _get(path: str, **query: str) -> Asked:
    return "GET", path, {"query_string": query}


APPS: dict[str, dict[str, Any]] = {
    "VAmPI": {
        "folder": "VAmPI", "target": "config:vuln_app", "environment": "vampi",
        "exploits": [_get(f"/users/v1/{quote(value)}") for value in (SQL, "name1' --", "x' UNION SELECT 1,2,3,4,5,6 --", "x' OR 1=1 --", "x' OR username LIKE 'a%")],
        "honest": [_get("/"), _get("/createdb"), _get("/users/v1"), _get("/users/v1/name1"), _get("/users/v1/nobody"), _get("/users/v1/O%20Brien"), _post("/users/v1/register", username="ada", password="correct horse", email="ada@example.org"),
            _post("/users/v1/login", username="name1", password="pass1"), _post("/users/v1/login", username="nobody", password="it's a secret -- really"), _get("/books/v1")],
    },
    "Vulnerable-Flask-App": {
        "folder": "Vulnerable-Flask-App/app", "target": "app", "environment": "vulnerable-flask-app",
        "sign in": (_post("/login", username="admin", password="admin123"), "Authorization", ""),
        "exploits": [*(_post("/search", search=value) for value in (SQL, UNION, "x' UNION SELECT username, password, 3 FROM user --", "'; DROP TABLE customer --", "x' OR 1=1 --")),
            _post("/search", search="x' {{7*7}}"), *(("POST", "/yaml_hammer", {"file": ("x.yaml", text)}) for text in ("!!python/name:os.system", "!!python/object/new:tuple [!!python/object/new:map [!!python/name:eval , ['1']]]"))],
        "honest": [_get("/"), _get("/xxe"), _get("/yaml"), _get("/nothing-here"), _post("/login", username="admin", password="wrong"), _post("/search", search="ada"), _post("/search", search="select a customer -- please"),
            ("POST", "/yaml_hammer", {"file": ("x.yaml", "title: plan\nitems: [1, 2]")})],
    },
    "vulpy": {
        "folder": "vulpy/bad", "target": "vulpy", "environment": "vulpy", "ready": ["db_init.py"],
        "exploits": [*(_form("/user/login", username=value, password="x") for value in (SQL, "admin' --", "x' OR 1=1 --", UNION)), _form("/user/login", username="admin", password=SQL), _form("/user/create", username="x', 'x', 0, 0, ''); --", password="y"),
            _form("/user/create", username="x", password="y'||(SELECT password FROM users)||'"), _post("/api/key", username=SQL, password="x"), _post("/api/key", username="admin", password=SQL)],
        "honest": [_get("/"), _get("/posts/"), _get("/posts/admin"), _get("/user/login"), _get("/user/create"), _form("/user/login", username="admin", password="SuperSecret"), _form("/user/login", username="tim", password="no; or yes -- who knows"),
            _form("/user/create", username="ada", password="select a good one"), _get("/api/post/admin"), _post("/api/key", username="admin", password="wrong"), _get("/hello/")],
    },
    "DVBLab": {
        "folder": "DVBLab/backend", "target": "app", "environment": "dvblab", "ready": ["-c", "from app import app, init_db\nwith app.app_context(): init_db()"],
        "sign in": (_post("/api/login", username="alice", password="password123"), "token", "Bearer "),
        "exploits": [*(_get("/api/transactions/search", description=value) for value in ("x%' OR '1'='1' --", "x%' UNION SELECT 1,2,3,4,5,6,7 --", "%') OR 1=1 --")), _post("/api/login", username=SQL, password="x"), _post("/api/login", username="alice' --", password="x"),
            _post("/api/register", username="z', 'z', 9) --", password="z"), _post("/api/admin/ping", host="127.0.0.1; true"), _post("/api/admin/ping", host="$(true)"), _get("/api/admin/dns-lookup", domain="localhost; true"), _get("/api/admin/dns-lookup", domain="`true`"),
            _post("/api/admin/webhook-test", url="http://127.0.0.1:9/"), _post("/api/admin/webhook-test", url="http://2130706433:9/"), _post("/api/admin/fetch-avatar", avatar_url="http://localhost:9/"), _get("/api/admin/download-statement", filename="../../../../etc/passwd"),
            _get("/api/admin/view-log", file="../../etc/passwd"), _post("/api/admin/import-session", session_data=PICKLE), _post("/api/admin/preview-email", template=TEMPLATE, recipient="x"), _post("/api/admin/preview-email", template="{{7*7}}", recipient="x"),
            _post("/api/admin/calculate", expression="__import__('os').getpid()"), _post("/api/admin/run-script", script="import os; result = os.getpid()"), _post("/api/admin/format-data", format="output = open('/etc/passwd').read()"), _get("/uploads/../../../../../../etc/passwd"),
            _get("/uploads/..%2fapp.py"), _get("/api/transactions", user_id="1 OR 1=1")],
        "honest": [_post("/api/login", username="alice", password="password123"), _post("/api/login", username="nobody", password="x"), _get("/api/me"), _get("/api/profile"), _get("/api/transactions"), _get("/api/transactions/search", description="rent and food; or tea -- maybe"),
            _get("/api/transactions/search", description="select"), _post("/api/register", username="carol", password="it's long"), _post("/api/admin/calculate", expression="2 + 2 * (3 - 1)"), _post("/api/admin/preview-email", template="Hello, you have 100 % of it", recipient="ada"),
            _post("/api/transfer", receiver="bob", amount=1, description="O'Brien's rent")],
    },
}  # fmt: skip

_VALUES = {
    "sqli": [SQL, "1 OR 1=1", "x' UNION SELECT 1 --"], "cmdi": ["; true", "$(true)", "true; true", "a;true"], "codeinj": ["__import__('os').getpid()", "'+str(1)+'", "1;import os"], "pathtraver": ["../../../../../../etc/passwd", "/etc/passwd", "../x"],
    "deserialization": [PICKLE, f"{PICKLE}A", "!!python/object/apply:os.system ['true']", "!!python/name:os.system", "cposix\nsystem\n(S'true'\ntR."], "ldapi": ["*)(objectClass=*", "*", "x)(|(a=*"], "xpathi": ["' or '1'='1", "x' or 'a'='a", "1 or 1=1", "x'] | //* | //*['"],
    "xxe": ['<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/hostname">]><a>&b;</a>'],
}  # fmt: skip


class Running:
    """One application in a process and a copy of its own."""

    def __init__(self, source: Path, target: str, python: Path, ready: list[str], guarded: bool) -> None:
        self.errors = tempfile.TemporaryFile("w+")  # noqa: SIM115 - closed with the process
        self.folder = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        copy = Path(self.folder.name) / source.name
        shutil.copytree(source, copy, ignore=shutil.ignore_patterns(".git"))
        environment = {**os.environ, "PYTHONPATH": str(ROOT / "src"), "PYTHONHASHSEED": "0"}
        if ready:
            subprocess.run([python, *ready], cwd=copy, env=environment, check=False, capture_output=True)
        command = [
            python,
            "-W",
            "ignore",
            ROOT / "benchmarks" / "shield_app.py",
            target,
            "guarded" if guarded else "bare",
        ]
        self.process = subprocess.Popen(
            command,
            cwd=copy,
            env=environment,
            text=True,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self.errors,
        )
        self.how = json.loads(self._line())

    def _line(self) -> str:
        assert self.process.stdout
        line = self.process.stdout.readline()
        if not line:
            self.process.wait()
            self.errors.seek(0)
            raise RuntimeError(f"the application's process ended: {self.errors.read()[-1500:]}")
        return line

    def ask(
        self, asked: Asked, headers: dict[str, str] | None = None, cookies: dict[str, str] | None = None
    ) -> list[Any]:
        assert self.process.stdin
        method, path, parts = asked
        self.process.stdin.write(json.dumps([method, path, parts, headers or {}, cookies or {}]) + "\n")
        self.process.stdin.flush()
        answer: list[Any] = json.loads(self._line())
        return answer

    def close(self) -> None:
        assert self.process.stdin
        self.process.stdin.close()
        self.process.kill()
        self.process.wait()
        self.folder.cleanup()


def _token(running: Running, how: Any) -> dict[str, str]:
    if how is None:
        return {}
    asked, where, prefix = how
    status, page, header, _ = running.ask(asked)
    token = (
        header.removeprefix("b'").rstrip("'")
        if where == "Authorization"
        else json.loads(page).get(where, "")
        if status == 200
        else ""
    )
    return {"Authorization": prefix + token} if token else {}


_CHANGING = re.compile(
    r"eyJ[\w.-]+|[0-9a-f]{16,}|\d{4}-\d\d-\d\d[T ][\d:.]+|nonce=\"[^\"]*\"|\d+x\.yaml|\b\d{2,}\b"
)


def compare(name: str, app: dict[str, Any], source: Path, python: Path) -> tuple[int, int, int, int]:
    """Return exploits stopped, exploits, honest requests untouched, honest requests."""
    runs = [
        Running(source, app["target"], python, app.get("ready", []), guarded) for guarded in (False, True)
    ]
    try:
        shield = runs[1]
        untouched = 0
        headers = [_token(running, app.get("sign in")) for running in runs]
        for asked in app["honest"]:
            before, after = (running.ask(asked, head) for running, head in zip(runs, headers, strict=True))
            same = before[0] == after[0] and _CHANGING.sub("", before[1]) == _CHANGING.sub("", after[1])
            untouched += same and not after[3]
            if not same or after[3]:
                print(f"  touched: {asked} {before[0]} {after[0]} {after[3]}")
        stopped = 0
        for asked in app["exploits"]:
            status, _, _, sinks = shield.ask(asked, headers[1])
            halted = bool(sinks) and (
                status == 403 or "alone" in shield.how
            )  # the hood's answer is a refusal whatever the view made of it
            stopped += halted
            if not halted:
                print(f"  not stopped: {asked} {status} {sinks}")
        print(
            f"{name}: {stopped} of {len(app['exploits'])} exploits stopped, {untouched} of {len(app['honest'])} honest requests untouched ({shield.how})"
        )
        return stopped, len(app["exploits"]), untouched, len(app["honest"])
    finally:
        for running in runs:
            running.close()


def benchmark_python(source: Path, python: Path) -> tuple[int, int, int, int]:
    """Attack each program that is labelled vulnerable by an injection, and use each of the others honestly."""
    runs = [Running(source, "app", python, [], guarded) for guarded in (False, True)]
    bare, shield = runs
    stopped = exploits = untouched = honest = inert = 0
    by_category: dict[str, list[int]] = {}
    try:
        for row in csv.reader((source / "expectedresults-0.1.csv").read_text().splitlines()[1:]):
            name, category, real = row[0], row[1], row[2].strip() == "true"
            text = (source / "testcode" / f"{name}.py").read_text()
            path = next(iter(re.findall(rf"'(/benchmark/[\w-]+/{name}[^']*)'", text)))
            if category in _VALUES and real:
                hit = any(
                    shield.ask(*way)[3] for value in _VALUES[category] for way in _ways(name, path, value)
                )
                effective = hit or _has_effect(bare, name, path, _VALUES[category])
                inert += not effective
                exploits += effective
                stopped += hit
                tally = by_category.setdefault(category, [0, 0])
                tally[0] += hit
                tally[1] += effective
                if not effective:
                    print(
                        f"  left out: {name} {category}: without guards too, each exploit is answered as a plain word is"
                    )
                elif not hit:
                    print(f"  not stopped: {name} {category}")
            for value in (
                ("plan",) if real else ("plan", "O'Brien & sons")
            ):  # which breaks what is vulnerable by itself
                way = _ways(name, path, value)[0]
                before, after = bare.ask(*way), shield.ask(*way)
                honest += 1
                same = before[0] == after[0] and not after[3]
                untouched += same
                if not same and real is False:
                    print(f"  touched: {name} {category} {value!r} {before[0]} {after[0]} {after[3]}")
        print(
            f"BenchmarkPython: {stopped} of {exploits} exploits stopped, {inert} without any effect left out, {untouched} of {honest} honest requests untouched ({shield.how})"
        )
        print("  " + ", ".join(f"{name} {hit}/{of}" for name, (hit, of) in sorted(by_category.items())))
        return stopped, exploits, untouched, honest
    finally:
        for running in runs:
            running.close()


def _has_effect(bare: Running, name: str, path: str, values: list[str]) -> bool:
    """Whether the unprotected program answers any exploit in another way than a plain word sent in the same places."""
    plain = [bare.ask(*way)[:2] for way in _ways(name, path, "plan")]
    return any([bare.ask(*way)[:2] for way in _ways(name, path, value)] != plain for value in values)


def _ways(name: str, path: str, value: str) -> list[tuple[Asked, dict[str, str], dict[str, str]]]:
    """The value wherever these programs may read it: all places in one request, and it as the name of a parameter."""
    plain, raw = quote(value, safe=""), value.replace("\n", " ")
    parts = {"data": {name: value, f"{name}-other": name}, "query_string": {name: value}}
    named = {"data": {value: name}, "query_string": {value: name}}
    return [
        (("POST", path, parts), {name: raw, "Referer": f"http://localhost/{raw}"}, {name: plain}),
        (("POST", path, named), {raw.replace(":", ""): name, name: plain}, {name: raw.replace(";", "%3B")}),
        (("POST", f"{path}?{name}={plain}", {"data": {name: value}}), {name: plain}, {name: plain}),
    ]


def main(apps: Path, environments: Path) -> int:
    totals = [0, 0, 0, 0]
    for name, app in APPS.items():
        python = environments / app["environment"] / "bin" / "python"
        if not (apps / app["folder"]).exists() or not python.exists():
            print(f"{name}: not here ({apps / app['folder']}, {python})")
            continue
        totals = [
            total + more
            for total, more in zip(totals, compare(name, app, apps / app["folder"], python), strict=True)
        ]
    python = environments / "benchmarkpython" / "bin" / "python"
    if (apps / "BenchmarkPython").exists() and python.exists():
        totals = [
            total + more
            for total, more in zip(totals, benchmark_python(apps / "BenchmarkPython", python), strict=True)
        ]
    stopped, exploits, untouched, honest = totals
    print(
        f"together: {stopped} of {exploits} exploits stopped at the sink ({stopped / max(1, exploits):.1%}); {untouched} of {honest} honest requests untouched ({untouched / max(1, honest):.1%})"
    )
    return 0


if __name__ == "__main__":
    sys.exit(
        main(Path(sys.argv[1]), Path(sys.argv[2]) if len(sys.argv) > 2 else ROOT / "build" / "attack-apps")
    )
