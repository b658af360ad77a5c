"""Names that are ``None`` until a function of their module has run."""

from __future__ import annotations

import pytest

from engines.code.reading import reaches

STORE = """
from db import run
store = None
class Store:
    def find(self, name):
        return run("SELECT " + name)
"""
DB = "import sqlite3\ndef run(sql):\n    return sqlite3.connect('lab.db').execute(sql)\n"
FIND = 'import store\nif store.store is None:\n    abort(503)\nstore.store.find(request.args["q"])'


@pytest.mark.parametrize(
    "start",
    [
        "def start():\n    global store\n    store = Store()\n",
        "def made():\n    return Store()\ndef start(path):\n    global store\n    if path:\n        store = made()\n",
    ],
)
def test_follows_what_a_function_of_the_module_leaves_in_it(start, tmp_path):
    assert reaches(tmp_path, FIND, store=STORE + start, db=DB)


def test_follows_what_comes_after_a_name_that_anybody_may_fill(tmp_path):
    start = "def start(registry):\n    global store\n    store = registry.open()\n"
    body = 'import store\nif store.store is None:\n    abort(503)\nrun(request.args["q"])'
    assert reaches(tmp_path, body, store=STORE + start, db=DB)


def test_leaves_alone_what_stays_empty(tmp_path):
    assert not reaches(
        tmp_path, 'import store\nif store.store:\n    run(request.args["q"])', store=STORE, db=DB
    )
