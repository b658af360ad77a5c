"""An application that does harm is attacked, and nothing outside of the copy has changed."""

from __future__ import annotations

import hashlib
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from servers.process import until


def fingerprint(folder: Path) -> dict[str, str]:
    """Every file's content and mode, byte for byte."""
    return {
        path.relative_to(folder).as_posix(): f"{path.lstat().st_mode:o} "
        + (hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else "")
        for path in sorted(folder.rglob("*"))
    }


HARMFUL = """
import multiprocessing, os, pathlib, shutil, signal, smtplib, socket, sqlite3, subprocess, threading, urllib.request
from flask import Flask, request
app = Flask(__name__)
shared = multiprocessing.Value("i", 0)
OUTSIDE = pathlib.Path({outside!r})

@app.get("/")
def index():
    return "<p>" + request.args.get("q", "")

@app.post("/delete")
def delete():
    shutil.rmtree(OUTSIDE, ignore_errors=True)
    (OUTSIDE / "plan.txt").unlink()
    return "deleted"

@app.post("/write")
def write():
    (OUTSIDE / "new.txt").write_text(request.form.get("q", ""))
    return "written"

@app.post("/link")
def link():
    os.symlink(OUTSIDE / "plan.txt", "here")
    open("here", "a").write("x")
    return "linked"

@app.post("/rename")
def rename():
    os.rename(OUTSIDE / "plan.txt", "mine")
    return "renamed"

@app.post("/database")
def database():
    with sqlite3.connect(OUTSIDE / "shop.db") as connection:
        connection.execute("DELETE FROM goods")
    return "emptied"

@app.post("/own")
def own():
    pathlib.Path(app.root_path, "app.py").write_text("gone")
    return "overwritten"

@app.get("/mail")
def mail():
    smtplib.SMTP("127.0.0.1", {port}).quit()
    return "sent"

@app.get("/call")
def call():
    return urllib.request.urlopen("http://127.0.0.1:{port}/").read()

@app.get("/run")
def run():
    return subprocess.check_output(["touch", str(OUTSIDE / "ran")])

@app.get("/fork")
def fork():
    if os.fork() == 0:
        (OUTSIDE / "forked").write_text("x")
        os._exit(0)
    return "forked"

@app.get("/kill-parent")
def kill_parent():
    os.kill(os.getppid(), signal.SIGKILL)
    return "killed"

@app.get("/exit")
def leave():
    os._exit(3)

@app.get("/for-ever")
def for_ever():
    while True:
        pass

app.run()
"""


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    import sqlite3

    folder = tmp_path / "outside"
    folder.mkdir()
    (folder / "plan.txt").write_text("plan")
    connection = sqlite3.connect(folder / "shop.db")
    connection.execute("CREATE TABLE goods (name TEXT)")
    connection.execute("INSERT INTO goods VALUES ('hat')")
    connection.commit()
    connection.close()
    return folder


@pytest.fixture
def listening() -> Any:
    import socket

    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        yield server


def test_nothing_outside_the_copy_changes(
    attacked: Callable[..., Any], project: Any, outside: Path, listening: Any, tmp_path: Path
) -> None:
    source = HARMFUL.format(outside=str(outside), port=listening.getsockname()[1])
    project(source)
    before = fingerprint(tmp_path)
    result = attacked(source, "FH443", each=0.5)
    assert fingerprint(tmp_path) == before
    with pytest.raises(BlockingIOError):
        listening.accept()
    tried = " ".join(result.refused)
    for event in (
        "shutil.rmtree",
        "open",
        "os.rename",
        "socket.connect",
        "subprocess.Popen",
        "os.fork",
        "os.kill",
    ):
        assert event in tried
    # The route that ends the process is named and left out; the rest is looked at all the same.
    assert {item.where for item in result.not_covered if item.what == "route"} == {"GET /exit"}
    assert [(item.rule, item.route) for item in result.findings] == [("FH443", "GET /")]
    assert result.access["GET /for-ever"] == {"nobody": False}


@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGINT])
def test_the_originals_are_untouched_when_the_audit_is_ended_in_the_middle(
    project: Any, tmp_path: Path, end: int
) -> None:
    root = project(
        """
import os, sqlite3
from flask import Flask
app = Flask(__name__)
database = sqlite3.connect(os.path.join(app.root_path, "shop.db"), isolation_level=None)
database.execute("CREATE TABLE IF NOT EXISTS goods (name TEXT)")
@app.get("/")
def index():
    database.execute("INSERT INTO goods VALUES ('x')")
    print("asked", flush=True)
    while True:
        pass
""",
    )
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    before = fingerprint(root)
    program = (
        "import sys, pathlib; from fumehood.audit import all_rules; from fumehood.engines.attack.run import *\n"
        "attack(pathlib.Path(sys.argv[1]), 'app', [rule for rule in all_rules() if rule.id == 'FH443'], AttackOptions(each=60))"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", program, str(root)],
        env={**os.environ, "TMPDIR": str(scratch)},
        stderr=subprocess.DEVNULL,
    )
    try:
        until(lambda: any(path.stat().st_size for path in scratch.rglob("shop.db")), "the copy's database")
        process.send_signal(end)
        process.wait(timeout=20)
        assert fingerprint(root) == before
        # The child does not outlive its parent for long.
        until(lambda: not _children_of(scratch), "the child's end")
        if end == signal.SIGKILL:
            # The next attack removes what the killed one could not.
            assert list(scratch.iterdir()) != []
            subprocess.run(
                [sys.executable, "-c", "from fumehood.engines.attack.sandbox import *; remove_left_behind()"],
                env={**os.environ, "TMPDIR": str(scratch)},
                check=True,
            )
        assert list(scratch.iterdir()) == []
    finally:
        process.kill()
        process.wait()


def _children_of(scratch: Path) -> list[str]:
    """Processes that work in the scratch folder."""
    found = []
    for place in Path("/proc").glob("[0-9]*"):
        try:
            if str((place / "cwd").readlink()).startswith(str(scratch)):
                found.append(place.name)
        except OSError:
            continue
    return found
