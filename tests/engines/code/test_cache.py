"""A second run costs what has changed, and never says anything else than a first."""

from __future__ import annotations

import pytest

from engines.code.reading import HEADER, project, read
from fumehood.engines.code import cache, worker


@pytest.fixture(autouse=True)
def _own_folder(tmp_path_factory, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))


@pytest.fixture
def interpreted(monkeypatch):
    paths = []
    original = worker.Worker.unit

    def unit(self, path):
        paths.append(path)
        return original(self, path)

    monkeypatch.setattr(worker.Worker, "unit", unit)
    return paths


FILES = {
    "app.py": HEADER
    + 'from text import made\n@app.get("/")\ndef v():\n    run(made(request.args["q"]))\n    return "done"\n',
    "text.py": "def made(x):\n    return 'SELECT ' + x\n",
    "other.py": "def other():\n    return 1\n",
}


def test_nothing_changed(tmp_path, interpreted):
    first = read(project(tmp_path, FILES), cache=True)
    interpreted.clear()
    second = read(tmp_path, cache=True)
    assert interpreted == []
    assert (second.findings, second.routes, second.not_covered) == (
        first.findings,
        first.routes,
        first.not_covered,
    )
    assert len(second.findings) == 1


def test_a_change_reaches_those_who_import_it(tmp_path, interpreted):
    read(project(tmp_path, FILES), cache=True)
    interpreted.clear()
    (tmp_path / "text.py").write_text("def made(x):\n    return 'SELECT 1'\n")
    assert read(tmp_path, cache=True).findings == ()
    assert sorted(interpreted) == ["app.py", "text.py"]


def test_a_changed_template_is_read_again(tmp_path):
    import fumehood.practices
    from fumehood.engines.code import Options, analyse
    from fumehood.findings import discover

    rules = [rule for rule in discover(fumehood.practices) if rule.id == "FH443"]
    app = 'from flask import *\napp = Flask(__name__)\n@app.get("/")\ndef v():\n    return render_template("p.html", q=request.args["q"])\n'
    project(tmp_path, {"app.py": app, "templates/p.html": "{{ q }}"})
    assert analyse(tmp_path, rules, Options()).findings == ()
    (tmp_path / "templates" / "p.html").write_text("{{ q|safe }}")
    assert len(analyse(tmp_path, rules, Options()).findings) == 1


def test_a_broken_cache_is_no_cache(tmp_path):
    first = read(project(tmp_path, FILES), cache=True)
    (kept,) = cache.folder().glob("*.msgpack")
    assert kept.stat().st_mode & 0o077 == 0
    whole = kept.read_bytes()
    for damage in (b"", b"[]", b"\x00", whole[: len(whole) // 2], whole.replace(b"findings", b"lostings")):
        kept.write_bytes(damage)
        assert read(tmp_path, cache=True).findings == first.findings


def test_a_cache_that_cannot_be_written_is_no_error(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", "/proc/none")
    assert len(read(project(tmp_path, FILES), cache=True).findings) == 1


def test_several_processes_find_the_same(tmp_path, monkeypatch):
    from fumehood.engines.code import parallel

    files = dict(FILES) | {f"more{number}.py": FILES["other.py"] for number in range(12)}
    one = read(project(tmp_path, files), jobs=1)
    monkeypatch.setattr(parallel, "_WORTH_IT", 0)
    assert read(tmp_path, jobs=2).findings == one.findings
