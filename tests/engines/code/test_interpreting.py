"""What a person who reads the code sees, the engine sees: what reaches the statement, and what cannot."""

from __future__ import annotations

import pytest

from engines.code.reading import HEADER, project, reaches, read

Q = 'q = request.args["q"]\n'

REACHED = {
    "concatenated": Q + 'run("SELECT " + q)',
    "formatted": Q + 'run("SELECT {}".format(q))',
    "percent": Q + 'run("SELECT %s" % (q,))',
    "percent by name": Q + 'run("SELECT %(q)s" % {"q": q})',
    "format by item": Q + 'run("SELECT {0[q]}".format({"q": q}))',
    "joined": Q + 'run(" ".join(["SELECT", q]))',
    "appended": Q + 'parts = ["SELECT "]\nparts.append(q)\nrun("".join(parts))',
    "by index": Q + 'items = ["a", q, "b"]\nitems.pop(0)\nrun(items[0])',
    "by key": Q + 'd = {}\nd["a"] = "x"\nd["b"] = q\nrun(d["b"])',
    "one of two branches": Q + 'if request.method == "POST":\n    s = "1"\nelse:\n    s = q\nrun(s)',
    "known branch": Q + 's = "x"\nif 7 * 6 > 40:\n    s = q\nrun(s)',
    "match": Q + 'match "ABC"[0]:\n    case "A":\n        s = q\n    case _:\n        s = "1"\nrun(s)',
    "growing in a loop": 's = ""\nfor c in request.args["q"]:\n    s += c\nrun(s)',
    "found in a loop": 's = ""\nfor name in request.form:\n    if request.form[name] == "x":\n        s = name\n        break\nrun(s)',
    "while": Q + 's = ""\nwhile len(s) < 10:\n    s = s + q\nrun(s)',
    "comprehension": 'run("".join([part.strip() for part in request.args["q"].split(",")]))',
    "dict comprehension": 'd = {k: v for k, v in request.args.items()}\nrun(d["q"])',
    "unpacked": Q + 'a, *b = "x", q, "y"\nrun(b[0])',
    "walrus": 'if (q := request.args.get("q")):\n    run(q)',
    "lambda": Q + 'f = lambda text: "SELECT " + text\nrun(f(q))',
    "closure": Q + 'def make():\n    def inner():\n        return "SELECT " + q\n    return inner\nrun(make()())',
    "partial": Q + "import functools\nfunctools.partial(run, q)()",
    "passed along": Q + "def apply(f, x):\n    return f(x)\napply(run, q)",
    "attribute": Q + "class Box:\n    pass\nb = Box()\nb.text = q\nrun(b.text)",
    "method": Q + "class Box:\n    def __init__(self, text):\n        self.text = text\n    def sql(self):\n        return 'SELECT ' + self.text\nrun(Box(q).sql())",
    "inherited": Q + "class A:\n    def sql(self):\n        return self.text\nclass B(A):\n    def __init__(self, t):\n        super().__init__()\n        self.text = t\nrun(B(q).sql())",
    "property": Q + "class Box:\n    def __init__(self, t):\n        self._t = t\n    @property\n    def t(self):\n        return self._t\nrun(Box(q).t)",
    "generator": Q + "def parts():\n    yield 'SELECT '\n    yield q\nrun(''.join(parts()))",
    "try": Q + "try:\n    s = q\nexcept ValueError:\n    s = ''\nrun(s)",
    "with": Q + "import contextlib\n@contextlib.contextmanager\ndef opened(x):\n    yield x\nwith opened(q) as s:\n    run(s)",
    "decoded": "import base64\nrun(base64.b64decode(request.args['q']).decode())",
    "default": "run(request.args.get('q', 'x'))",
    "or": "run(request.args.get('q') or 'x')",
    "conditional expression": Q + "run(q if 7 * 6 > 40 else 'x')",
    "recursive": "def again(s, n):\n    return again(s + 'x', n - 1) if n else s\nrun(again(request.args['q'], 3))",
    "string buffer": Q + "import io\nb = io.StringIO()\nb.write('SELECT ')\nb.write(q)\nrun(b.getvalue())",
    "sliced": Q + "s = 'help' + q + 'end'\nrun(s[4:-3])",
}  # fmt: skip

HARMLESS = {
    "bound": Q + 'run("SELECT ?", q)',
    "number": 'run("SELECT %s" % int(request.args["q"]))',
    "typed": 'run(f"SELECT {request.args.get(\'q\', 1, type=int)}")',
    "as a number": Q + 'run("SELECT %d" % int(q))',
    "other index": Q + 'items = ["a", q, "b"]\nitems.pop(0)\nrun(items[1])',
    "other key": Q + 'd = {}\nd["a"] = "x"\nd["b"] = q\nrun(d["a"])',
    "branch not taken": Q + 's = "x"\nif 7 * 6 > 50:\n    s = q\nrun(s)',
    "match elsewhere": Q + 'match "ABC"[1]:\n    case "A":\n        s = q\n    case _:\n        s = "1"\nrun(s)',
    "overwritten": Q + 'q = "x"\nrun(q)',
    "other attribute": Q + "class Box:\n    pass\nb = Box()\nb.text = q\nb.other = 'x'\nrun(b.other)",
    "other part of the configuration": Q + "import configparser\nc = configparser.ConfigParser()\nc.set('s', 'a', 'x')\nc.set('s', 'b', q)\nrun(c.get('s', 'a'))",
    "after return": Q + 'return "x"\nrun(q)',
    "after abort": Q + "abort(400)\nrun(q)",
    "length": Q + 'run(f"SELECT {len(q)}")',
    "chosen": Q + 'run({"a": "SELECT 1", "b": "SELECT 2"}[q])',
    "the path of a fixed route": "run(request.path.split('/')[0])",
}  # fmt: skip


@pytest.mark.parametrize("name", REACHED)
def test_follows(name, tmp_path):
    assert reaches(tmp_path, REACHED[name])


@pytest.mark.parametrize("name", HARMLESS)
def test_leaves_alone(name, tmp_path):
    assert not reaches(tmp_path, HARMLESS[name])


def test_follows_through_files(tmp_path):
    files = {
        "shop____init__": "from .text import *\nfrom .deep.more import last as renamed\n",
        "shop__text": "from . import deep\ndef first(x):\n    return deep.more.last(x)\n",
        "shop__deep____init__": "from shop.deep import more\n",
        "shop__deep__more": "def last(x):\n    return 'SELECT ' + x\n",
    }
    assert reaches(tmp_path, Q + "import shop\nrun(shop.first(q))", **files)
    assert reaches(tmp_path, Q + "from shop import renamed\nrun(renamed(q))", **files)


def test_a_package_goes_before_a_module_of_its_name(tmp_path):
    project(
        tmp_path,
        {
            "lab.py": "from lab import app\napp.run()\n",
            "lab/__init__.py": HEADER,
            "lab/rows.py": "from . import run\ndef find(name):\n    run('select ' + name)\n",
            "lab/views.py": (
                "from . import app, rows\nfrom flask import request\n"
                "@app.get('/')\ndef index():\n    rows.find(request.args['q'])\n"
            ),
        },
    )
    assert [flow.parameter for flow in read(tmp_path).findings] == ["q"]


def test_follows_into_another_package_of_the_repository(tmp_path):
    rows = "import sqlite3\ndef find(name):\n    sqlite3.connect('lab').execute('select ' + name)\n"
    view = (
        "from flask import Flask, request\nfrom shelf.rows import find\napp = Flask(__name__)\n"
        "@app.get('/')\ndef index():\n    find(request.args['q'])\n"
    )
    project(
        tmp_path,
        {
            "common/shelf/__init__.py": "",
            "common/shelf/rows.py": rows,
            "server/lab/__init__.py": "",
            "server/lab/views.py": view,
        },
    )
    assert [flow.parameter for flow in read(tmp_path).findings] == ["q"]


def test_the_standard_library_goes_before_a_module_beside_it(tmp_path):
    files = {
        "shop/__init__.py": "",
        "shop/secrets.py": "from app import run as token_hex\n",
        "shop/text.py": "from secrets import token_hex\n",
    }
    project(tmp_path, files)
    assert not reaches(tmp_path, Q + "from shop.text import token_hex\ntoken_hex(q)")


def test_modules_that_import_one_another(tmp_path):
    files = {
        "one": "from two import b\ndef a(x):\n    return b(x)\n",
        "two": "import one\ndef b(x):\n    return x\n",
    }
    assert reaches(tmp_path, Q + "import one\nrun(one.a(q))", **files)


def test_what_a_hook_leaves_in_g_is_a_requests(tmp_path):
    text = HEADER + (
        "from flask import g\n@app.before_request\ndef load():\n    g.who = request.headers['X-Who']\n    g.number = int(request.args['n'])\n"
        "@app.get('/')\ndef view():\n    run('SELECT ' + WHAT)\n    return ''\n"
    )
    bad = read(project(tmp_path / "bad", {"app.py": text.replace("WHAT", "g.who")}))
    good = read(project(tmp_path / "good", {"app.py": text.replace("WHAT", "str(g.number)")}))
    assert (len(bad.findings), len(good.findings)) == (1, 0)


def test_methods_called_by_a_name_that_begins_as_known(tmp_path):
    more = "class W:\n    def do_run(self, value):\n        run('SELECT ' + value)\n"
    assert reaches(
        tmp_path,
        "from w import W\ngetattr(W(), 'do_' + request.args['m'])(request.args['v'])",
        w=HEADER + more,
    )


def test_class_methods_called_on_the_class(tmp_path):
    more = "class W:\n    def __init__(self, v):\n        self.v = v\n    @classmethod\n    def make(cls, v):\n        return cls(v)\n"
    assert reaches(tmp_path, "from w import W\nrun('SELECT ' + W.make(request.args['v']).v)", w=more)


def test_patterns_of_match_leave_numbers_and_named_constants_harmless(tmp_path):
    body = "match request.get_json():\n    case {'n': int(n)}:\n        run(f'SELECT {n}')\n    case 'a' | 'b' as verb:\n        run('SELECT ' + verb)"
    assert not reaches(tmp_path, body)


@pytest.mark.parametrize(
    "body",
    [
        "from collections import defaultdict\nd = defaultdict(list)\nd['k'].append(request.args['q'])\nrun('SELECT ' + d['k'][0])",
        "from collections import deque\nq = deque()\nq.appendleft(request.args['q'])\nrun('SELECT ' + q.popleft())",
        "from collections import OrderedDict\nd = OrderedDict(k=request.args['q'])\nrun('SELECT ' + d['k'])",
    ],
)
def test_collections_keep_what_they_are_given(body, tmp_path):
    assert reaches(tmp_path, body)
