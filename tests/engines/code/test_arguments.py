"""What a function does with arguments of which no caller is known is a suspicion, where harm is likely, and nothing more."""

from __future__ import annotations

import pytest

import fumehood.practices
from engines.code.reading import project
from fumehood.engines.code import Options, analyse
from fumehood.findings import Certainty, Severity, discover

RULES = discover(fumehood.practices)
HEAD = "import os, pickle, subprocess, sqlite3, ldap3, yaml\ndb = sqlite3.connect('lab.db')\n"


def suspected(root, code, path="store.py"):
    result = analyse(project(root, {path: HEAD + code}), RULES, Options(cache=False, jobs=1))
    mine = [item for item in result.findings if "the parameter" in item.message]
    assert all(item.certainty is Certainty.SUSPECTED and item.severity <= Severity.MEDIUM for item in mine)
    return [item.rule for item in mine]


@pytest.mark.parametrize(
    ("code", "rule"),
    [
        ("def find(name):\n    return db.execute(f\"SELECT id FROM person WHERE name = '{name}'\")\n", "FH801"),
        ("def find(age):\n    return db.execute('SELECT id FROM person WHERE age > %s' % age)\n", "FH801"),
        ("def find(urls):\n    some = \"','\".join(urls)\n    return db.execute(f\"SELECT id FROM link WHERE url IN ('{some}')\")\n", "FH801"),
        ("class Store:\n    def find(self, name: str):\n        db.execute(\"DELETE FROM person WHERE name = '\" + name + \"'\")\n", "FH801"),
        ("def ping(host):\n    os.system('ping -c 1 ' + host)\n", "FH440"),
        ("def ping(host):\n    subprocess.run(f'ping -c 1 {host}', shell=True)\n", "FH440"),
        ("def total(terms):\n    return eval(terms)\n", "FH441"),
        ("def restored(data):\n    return pickle.loads(data)\n", "FH447"),
        ("def settings(text):\n    return yaml.load(text, Loader=yaml.Loader)\n", "FH447"),
        ("def look(uid):\n    link = ldap3.Connection('ldap.example')\n    link.search('ou=people', f'(uid={uid})')\n", "FH840"),
        ("class Directory:\n    def look(self, uid):\n        self.link.search('ou=people', '(&(uid=' + uid + '))')\n", "FH840"),
    ],
)  # fmt: skip
def test_suspects(code, rule, tmp_path):
    assert suspected(tmp_path, code) == [rule]


@pytest.mark.parametrize(
    "code",
    [
        "def find(name):\n    return db.execute('SELECT id FROM person WHERE name = ?', (name,))\n",
        "def count(table):\n    return db.execute(f'SELECT COUNT(*) FROM {table}')\n",  # a name of the program's
        "def ordered(column):\n    return db.execute('SELECT id FROM person ORDER BY ' + column)\n",
        "def find(ids):\n    marks = ','.join('?' * len(ids))\n    return db.execute(f'SELECT a FROM b WHERE id IN ({marks})', ids)\n",
        "def find(number: int):\n    return db.execute(f'SELECT id FROM person WHERE id = {number}')\n",
        "def find(number):\n    return db.execute(f'SELECT id FROM person WHERE id = {int(number)}')\n",
        "def run(command):\n    return subprocess.run(command, shell=True)\n",  # a function for commands
        "def ping(host):\n    subprocess.run(['ping', host])\n",
        "def settings(text):\n    return yaml.safe_load(text)\n",
        "def _find(name):\n    return db.execute(f\"SELECT id FROM person WHERE name = '{name}'\")\n\ndef known():\n    return _find('ann')\n",
        "from ldap3.utils.conv import escape_filter_chars\ndef look(link, uid):\n    link.search('ou=people', f'(uid={escape_filter_chars(uid)})')\n",
        "def look(index, text):\n    index.search('all', 'text ' + text)\n",  # another search
    ],
)
def test_leaves_alone(code, tmp_path):
    assert suspected(tmp_path, code) == []


@pytest.mark.parametrize("path", ["manage.py", "migrations/versions/a1.py", "scripts/fill.py"])
def test_what_an_operator_runs_by_hand_is_the_operators(path, tmp_path):
    code = "def find(name):\n    return db.execute(f\"SELECT id FROM person WHERE name = '{name}'\")\n"
    assert suspected(tmp_path, code, path) == []
