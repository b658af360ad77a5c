# ruff: noqa: RUF001 - many scripts are the point
"""What honest people send: names, prose, code, addresses, paths, documents, in many scripts. Endless, and the same for one seed."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator

__all__ = ["honest_values"]

_NAMES = ["O'Brien", "D'Angelo", "N'Golo Kanté", "Seán Ó Súilléabháin", "Anne-Marie", "李小龍", "Владимир", "محمد", "Ñandú", "Drop Table", "Null", "True",
    "Robert \"Bob\" Tables", "van der Berg", "Ng", "Xæa-12", "Smith & Sons", "Jr.; Sr.", "ʻOkina", "दीपक", "김철수", "Ελένη", "שרה"]  # fmt: skip
_PROSE = ["select", "from", "where", "union", "drop", "table", "order", "by", "insert", "into", "values", "or", "and", "not", "null", "like", "delete", "update", "set",
    "the", "a", "people", "users", "hat", "please", "it's", "don't", "--", "and/or", "1=1", "50%", "C++", "e.g.", "(maybe)", "\"quoted\"", "‘curly’", "…", "#1", "@ada", "$5",
    "100 €", "naïve", "北京", "привет", "مرحبا", "नमस्ते", "🙂", "../", "..", "*", "?", "[1]", "{x}", "<3", "a < b", "x > y", ";", ":-)", "|", "`ls`", "~", "\\o/"]  # fmt: skip
_CODE = ["SELECT * FROM users WHERE id = 1;", "for (int i = 0; i < n; i++) { sum += a[i]; }", "rm -rf ./build && make", "print('hello')", "echo \"$HOME\" | tr a-z A-Z",
    "<script>alert('example')</script>", "{{ user.name }} is a placeholder", "{% if x %}yes{% endif %}", "import os; os.getcwd()", "if a and b or c: pass", "git commit -m 'it works'",
    "' OR 1=1 -- is how the attack begins", "=SUM(A1:B2)", "x -> x + 1", "&nbsp;&lt;b&gt;", "%s %d %(name)s", "SELECT name FROM person WHERE name = 'O''Brien'"]  # fmt: skip
_WHERE = ["/home/ada/notes.txt", "../images/logo.png", "C:\\Users\\Ada\\Desktop", "~/bin", "https://example.org/a?b=c&d=e#f", "http://localhost:8080/", "ftp://files.example/",
    "mailto:o'brien@example.org", "//cdn.example/x.js", "https://example.org/?q=select+*+from+x", "/etc/hosts", "file:///tmp/x", "192.168.1.10", "[::1]:80", "a@b.example"]  # fmt: skip
_MARKDOWN = [
    "# Title\n\nSome *text* and `code`.",
    "- one\n- two\n  - three",
    "| a | b |\n|---|---|\n| 1 | 2 |",
    "```sql\nSELECT 1; -- one\n```",
    "> quoted\n\n[link](../a.md)",
]


def honest_values(chance: random.Random, count: int) -> Iterator[str]:
    """Yield so many values.

    Parameters:
        chance: decides; one seed, one sequence.
        count: how many.
    """
    kinds = (_name, _prose, _prose, _code, _where, _document, _markdown)
    for _ in range(count):
        yield chance.choice(kinds)(chance)


def _name(chance: random.Random) -> str:
    return " ".join(chance.choices(_NAMES, k=chance.randint(1, 3)))


def _prose(chance: random.Random) -> str:
    return " ".join(chance.choices(_PROSE, k=chance.randint(2, 30)))


def _code(chance: random.Random) -> str:
    return chance.choice(["", "Try: ", "I ran "]) + "\n".join(chance.choices(_CODE, k=chance.randint(1, 3)))


def _where(chance: random.Random) -> str:
    return (
        chance.choice(["", "see ", "moved to "])
        + chance.choice(_WHERE)
        + chance.choice(["", " please", f"?n={chance.randint(1, 999)}"])
    )


def _document(chance: random.Random) -> str:
    return json.dumps({chance.choice(_PROSE): chance.choice(_NAMES), "text": _prose(chance), "n": chance.randint(-9, 9), "where": chance.choice(_WHERE)},
        ensure_ascii=chance.random() < 0.5)  # fmt: skip


def _markdown(chance: random.Random) -> str:
    return "\n\n".join(chance.choices(_MARKDOWN, k=2)) + "\n" + _prose(chance)
