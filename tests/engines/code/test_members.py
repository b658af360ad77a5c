"""A call on an object of unknown type is followed into the method of that name, when the program has but one or a few."""

from __future__ import annotations

import time

import pytest

from engines.code.reading import HEADER, project, reaches, read

STORE = """
from app import run

class Store:
    def __init__(self):
        self.table = "notes"

    def find_by_title(self, title):
        run(f"SELECT * FROM {self.table} WHERE title = '{title}'")
"""


@pytest.mark.parametrize(
    "call",
    [
        "current_app.config['STORE'].find_by_title(request.args['q'])",
        "current_app.extensions['store'].find_by_title(request.args['q'])",
        "{}.get('store').find_by_title(title=request.args['q'])",
        "store.find_by_title(request.args['q'])",
    ],
)
def test_follows_a_method_that_the_program_defines_once(call, tmp_path):
    body = f"from flask import current_app\n{call}"
    assert reaches(tmp_path, f"store = None\n{body}", store=STORE)


@pytest.mark.parametrize(
    "call",
    [
        "store.find_by_title(int(request.args['q']))",  # a number carries nothing
        "store.find_by_title(request.args['q'], 1, 2)",  # that method takes no such arguments
        "store.get(request.args['q'])",  # a name of Python's own types
        "request.args.find_by_title(request.args['q'])",  # an object of a library
    ],
)
def test_leaves_other_calls_alone(call, tmp_path):
    store = STORE + "    def get(self, key):\n        run('SELECT ' + key)\n"
    assert not reaches(tmp_path, f"store = None\n{call}", store=store)


def test_follows_what_implements_an_abstract_method(tmp_path):
    files = {
        "app.py": HEADER
        + """
from base import Backend

@app.get("/")
def view():
    Backend().look(request.args["q"])
    return "done"
""",
        "base.py": 'class Backend:\n    def look(self, text):\n        """Find it."""\n        raise NotImplementedError\n',
        "sql.py": "from base import Backend\nfrom app import run\n\nclass Sql(Backend):\n    def look(self, text):\n        run('SELECT ' + text)\n",
    }
    assert read(project(tmp_path, files)).findings


def test_a_hook_leaves_an_object_for_the_views(tmp_path):
    files = {
        "app.py": HEADER
        + """
from flask import g

class Look:
    def __init__(self, table):
        self.table = table

    def up(self, text):
        run(f"SELECT * FROM {self.table} WHERE a = " + text)

@app.before_request
def begin():
    g.look = Look("notes")

@app.get("/")
def view():
    g.look.up(request.args["q"])
    return "done"
"""
    }
    assert read(project(tmp_path, files)).findings


def test_the_cache_minds_where_methods_are(tmp_path, monkeypatch, tmp_path_factory):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
    view = '\n@app.get("/")\ndef v():\n    store = None\n    store.find_by_title(request.args["q"])\n    return "done"\n'
    project(tmp_path, {"app.py": HEADER + view, "store.py": STORE})
    assert read(tmp_path, cache=True).findings
    (tmp_path / "store.py").write_text(STORE.replace("find_by_title", "found_by_title"))
    assert not read(tmp_path, cache=True).findings


def test_a_value_of_very_many_parts_does_not_slow_it_down(tmp_path):
    lines = [
        f"    if config.get('k{n}') not in ALLOWED:\n        config['k{n}'] = data['a{n}']['b'].get('c{n}')\n"
        for n in range(120)
    ]
    text = f"""{HEADER}
ALLOWED = ("a", "b")
def fill(config, data):
{"".join(lines)}
@app.post("/")
def view():
    config = dict(request.json)
    for name in config:
        fill(config, request.json)
        config[name] = config[config[name]]
    run("SELECT " + config["k3"])
    return "done"
"""
    began = time.process_time()
    assert read(project(tmp_path, {"app.py": text})).findings
    assert time.process_time() - began < 30
