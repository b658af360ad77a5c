"""A check removes what it removes, on the path that it dominates, and nothing else."""

from __future__ import annotations

import pytest

from engines.code.reading import reaches

Q = 'q = request.args["q"]\n'

GUARDED = {
    "allow-list": Q + 'if q not in ("a", "b"):\n    abort(400)\nrun(q)',
    "allow-list, corrected": Q + 'if q not in ("a", "b"):\n    q = "a"\nrun(q)',
    "allow-list, inside": Q + 'if q in {"a", "b"}:\n    run(q)',
    "keys of a dict": Q + 'd = {"a": 1}\nif q in d:\n    run(q)',
    "compared": Q + 'if q == "asc":\n    run(q)',
    "digits": Q + "if not q.isdigit():\n    return ''\nrun(q)",
    "whole match": Q + "import re\nif re.fullmatch(r'[a-z]+', q):\n    run(q)",
    "anchored match": Q + "import re\nif not re.match(r'^\\w+$', q):\n    abort(400)\nrun(q)",
    "compiled": Q + "import re\np = re.compile('[0-9]+')\nif p.fullmatch(q):\n    run(q)",
    "substituted": Q + "import re\nrun(re.sub(r'[^a-z]', '', q))",
    "own function": Q + "def good(x):\n    return x in ('a', 'b')\nif not good(q):\n    abort(400)\nrun(q)",
    "own function that answers twice": Q + "def good(x):\n    if not x.isalnum():\n        return False\n    return True\nif good(q):\n    run(q)",
    "own function that raises": Q + "def check(x):\n    if x not in ('a', 'b'):\n        raise ValueError\ncheck(q)\nrun(q)",
    "and": Q + "if q and q in ('a', 'b'):\n    run(q)",
    "de Morgan": Q + "if not (q == 'a' or q == 'b'):\n    abort(400)\nrun(q)",
    "read again": 'if request.args["q"] in ("a", "b"):\n    run(request.args["q"])',
    "what is made of it": Q + 's = "SELECT " + q\nif q in ("a", "b"):\n    run(s)',
    "character by character": "s = ''\nfor c in request.args['q']:\n    if c.isalnum() or c in '_-':\n        s += c\n    else:\n        s += '?'\nrun(s)",
    "UUID": Q + "import uuid\nrun('SELECT ' + str(uuid.UUID(q)))",
    "asserted": Q + "assert q in ('a', 'b')\nrun(q)",
}  # fmt: skip

NOT_GUARDED = {
    "the other branch": Q + 'if q in ("a", "b"):\n    pass\nelse:\n    run(q)',
    "after the branch": Q + 'if q in ("a", "b"):\n    pass\nrun(q)',
    "deny-list": Q + 'if q in ("a", "b"):\n    abort(400)\nrun(q)',
    "compared with the request": Q + 'if q == request.form["q"]:\n    run(q)',
    "a list of the request": Q + 'if q in request.form.getlist("q"):\n    run(q)',
    "match of the beginning": Q + "import re\nif re.match(r'[a-z]+', q):\n    run(q)",
    "match of anything": Q + "import re\nif re.fullmatch(r'.+', q):\n    run(q)",
    "another parameter": Q + 'if request.args["other"] in ("a", "b"):\n    run(q)',
    "another part": 'a, b = request.args["q"].split(":")[0], request.args["q"]\nif a in ("x", "y"):\n    run(b)',
    "or": Q + 'if q in ("a", "b") or request.method == "POST":\n    run(q)',
    "length": Q + "if len(q) < 10:\n    run(q)",
    "checked, then another": Q + 'if q in ("a", "b"):\n    q = request.args["p"]\n    run(q)',
    "escaped for HTML": Q + "import html\nrun(html.escape(q))",
}  # fmt: skip


@pytest.mark.parametrize("name", GUARDED)
def test_guard_holds(name, tmp_path):
    assert not reaches(tmp_path, GUARDED[name])


@pytest.mark.parametrize("name", NOT_GUARDED)
def test_no_guard(name, tmp_path):
    assert reaches(tmp_path, NOT_GUARDED[name])
