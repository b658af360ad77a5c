"""A second run costs what has changed, and never says anything else than a first."""

from __future__ import annotations

import random

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


# Whatever is changed, a second run says what a first would.
SITE = {
    "shop/__init__.py": "from flask import Flask\nfrom shop import views, people\n"
    "def create_app():\n    app = Flask(__name__)\n    app.register_blueprint(views.bp, url_prefix='/shop')\n"
    "    app.register_blueprint(people.bp)\n    app.config.from_object('shop.config')\n    return app\napp = create_app()\n",
    "shop/config.py": "DEBUG = False\nSECRET_KEY = 'dev'\nSESSION_COOKIE_SECURE = True\n",
    "shop/text.py": "import html\ndef made(x):\n    return 'SELECT ' + x\ndef shown(x):\n    return html.escape(x)\ndef clean(x):\n    return x.strip()\n",
    "shop/store.py": "import sqlite3\nclass Store:\n    def ask_for(self, sql):\n        return sqlite3.connect('x').execute(sql).fetchall()\n",
    "shop/filters.py": "from markupsafe import Markup\ndef bold(x):\n    return Markup('<b>' + x + '</b>')\n",
    "shop/views.py": "from flask import Blueprint, g, render_template, request\nfrom shop.store import Store\nfrom shop.text import made, shown, clean\n"
    "bp = Blueprint('views', __name__)\n"
    "@bp.get('/list')\ndef things():\n    return str(Store().ask_for(made(request.args['q'])))\n"
    "@bp.get('/page')\ndef page():\n    return render_template('page.html', q=clean(request.args['q']))\n"
    "@bp.post('/guess')\ndef guess():\n    return str(g.store.ask_for(request.form['sql']))\n",
    "shop/people.py": "import hashlib\nfrom flask import Blueprint, request, session\nbp = Blueprint('people', __name__, url_prefix='/people')\n"
    "@bp.post('/login')\ndef login():\n    session['user'] = request.form['name']\n    return hashlib.md5(request.form['password'].encode()).hexdigest()\n"
    "@bp.get('/<int:id>/delete')\ndef delete(id):\n    return 'gone'\n",
    "shop/templates/page.html": "<p>{{ q }}</p>",
    "shop/templates/base.html": "<title>{% block t %}{% endblock %}</title>",
    ".env": "API_KEY=abc\n",
    "shop/static/own.js": "document.body.innerHTML = location.hash;\n",
}
LINES = [
    (
        "shop/views.py",
        "@bp.get('/more{n}')\ndef more{n}():\n    return Store().ask_for('SELECT ' + request.args['x{n}'])\n",
    ),
    ("shop/views.py", "# fumes {n}\n"),
    ("shop/text.py", "def made(x):\n    return str(int(x))\n"),
    ("shop/text.py", "def made(x):\n    return 'DELETE ' + x\n"),
    ("shop/text.py", "def clean(x):\n    return int(x)\n"),
    ("shop/store.py", "    def ask_for(self, sql):\n        return []\n"),
    (
        "shop/store.py",
        "class Other{n}:\n    def ask_for(self, sql):\n        import os\n        os.system(sql)\n",
    ),
    ("shop/filters.py", "app.jinja_env.filters['bold'] = bold\n"),
    (
        "shop/people.py",
        "@bp.before_request\ndef check{n}():\n    if 'user' not in session:\n        return 'no', 403\n",
    ),
    ("shop/people.py", "PASSWORD = 'correct horse {n}'\n"),
    ("shop/config.py", "DEBUG = True\nSESSION_COOKIE_SECURE = False\n"),
    ("shop/config.py", "this is no Python {n}\n"),
    ("shop/templates/page.html", "<i>{{{{ q|safe }}}}</i>"),
    ("shop/templates/page.html", "<i>{{{{ q|bold }}}}</i>"),
    ("shop/templates/page.html", "{{% if %}}"),
    (".env", "SECRET_KEY=changeme{n}\n"),
    ("shop/static/own.js", "eval(location.search);\n"),
    (
        "shop/new{n}.py",
        "from shop.text import made\nimport pickle\ndef load(x):\n    return pickle.loads(made(x))\n",
    ),
]


@pytest.mark.parametrize("seed", range(4))
def test_whatever_is_changed_a_second_run_says_what_a_first_would(tmp_path, seed):
    chance = random.Random(seed)
    project(tmp_path, SITE)
    for n in range(12):
        files = sorted(path for path in tmp_path.rglob("*") if path.is_file())
        match chance.choice(["add", "add", "add", "insert", "restore", "delete", "rename", "sanitizer"]):
            case "add":
                name, text = chance.choice(LINES)
                place = tmp_path / name
                place.write_text((place.read_text() if place.exists() else "") + text.format(n=n))
            case "insert":
                place = chance.choice(files)
                place.write_text("\n" + place.read_text())
            case "restore":
                name = chance.choice(sorted(SITE))
                (tmp_path / name).write_text(SITE[name])
            case "delete" if len(files) > 6:
                chance.choice(files).unlink()
            case "rename":
                place = chance.choice(files)
                place.rename(place.with_name(f"renamed{n}{place.suffix}"))
            case "sanitizer":
                pass
        sanitizers = {"shop.text.clean": ("html",)} if chance.random() < 0.3 else {}
        warm = analyse(tmp_path, RULES, Options(jobs=1, sanitizers=sanitizers))
        cold = analyse(tmp_path, RULES, Options(jobs=1, sanitizers=sanitizers, cache=False))
        assert warm.findings == cold.findings, n
        assert (warm.unknowns, sorted(map(repr, warm.not_covered))) == (
            cold.unknowns,
            sorted(map(repr, cold.not_covered)),
        )
        assert warm.routes == cold.routes
