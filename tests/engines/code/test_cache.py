"""A second run costs what has changed, and never says anything else than a first."""

from __future__ import annotations

import pytest

from engines.code.reading import HEADER, RULES, project, read
from fumehood.engines.code import CodeCheck, Options, analyse, cache, worker
from fumehood.findings import Rule, Severity


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


class Reader(Rule, CodeCheck):
    """Looks at a part of the program, and counts how often it is asked."""

    id = "FH898"
    name = "reader"
    severity = Severity.LOW
    cwe = 1

    def __init__(self, part):
        self.part, self.asked = part, 0

    def program(self, program):
        self.asked += 1
        yield self.finding(f"{self.part}: {len(getattr(program, self.part))}")


@pytest.mark.parametrize(
    ("part", "change", "said"),
    [
        ("settings", 'app.config["DEBUG"] = True\n', 1),
        ("functions", "def more():\n    return 1\n", 5),
        ("classes", "class More:\n    name = 1\n", 1),
        ("imports", "import json\n", 3),
    ],
)
def test_a_rule_is_asked_again_when_what_it_looked_at_has_changed(tmp_path, part, change, said):
    rule = Reader(part)
    project(tmp_path, {**FILES, "page.html": "<p>"})
    for _ in range(2):
        analyse(tmp_path, (rule,), Options(jobs=1))
    assert rule.asked == 1
    app = tmp_path / "app.py"
    app.write_text(app.read_text() + "app.size = 3\n")  # of no concern to any of them
    (tmp_path / "page.html").write_text("<b>")
    analyse(tmp_path, (rule,), Options(jobs=1))
    assert rule.asked == 1
    app.write_text(app.read_text() + change)
    (found,) = analyse(tmp_path, (rule,), Options(jobs=1)).findings
    assert rule.asked == 2
    assert found.message == f"{part}: {said}"


def test_texts_that_no_encoding_has_and_huge_numbers_are_kept_too(tmp_path):
    odd = 'app.config["A"] = 10**40\napp.config["B"] = 123456789012345678901234567890\nPASSWORD = "\\ud800secret-of-many"\n'
    project(tmp_path, {"app.py": FILES["app.py"] + odd, "text.py": FILES["text.py"]})
    first = analyse(tmp_path, RULES, Options(jobs=1))
    assert not [item for item in first.not_covered if item.fatal]
    assert analyse(tmp_path, RULES, Options(jobs=1)).findings == first.findings
