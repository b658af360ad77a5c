"""Paths, commands, templates, code, addresses and objects: what a value changes is seen, what it merely contains is not."""

from __future__ import annotations

import base64
import datetime as dt
import os
import pickle
from typing import Any

import pytest


class Exploit:
    def __reduce__(self) -> tuple[Any, tuple[str]]:
        return os.system, ("true",)


# A connection that is stopped half-made is closed when it is collected, which Python reports.
@pytest.mark.filterwarnings(
    "ignore::pytest.PytestUnraisableExceptionWarning", "ignore:unclosed:ResourceWarning"
)
@pytest.mark.parametrize(
    ("path", "value", "sink"),
    [
        ("/file", "../secret.txt", "path"),
        ("/joined", "../secret.txt", "path"),
        ("/joined", "x/../../secret.txt", "path"),
        ("/file", "/etc/hostname", "path"),
        ("/resolved", "../../../../../etc/hostname", "path"),
        ("/shell", "a; id", "shell"),
        ("/shell", "$(id)", "shell"),
        ("/shell", "a\nid", "shell"),
        ("/shell-quoted", "`id`", "shell"),
        ("/shell-quoted", '" ; id ; "', "shell"),
        ("/template", "{{ 7*7 }}", "template"),
        ("/template", "{% for x in [1] %}{% endfor %}", "template"),
        ("/eval", "().__class__.__bases__", "code"),
        ("/eval", "[x for x in (1,)]", "code"),
        ("/fetch", "http://127.0.0.1:9/", "url"),
        ("/fetch", "http://localhost:9/", "url"),
        ("/fetch", "http://2130706433:9/", "url"),
        ("/fetch", "http://[::1]:9/", "url"),
        ("/fetch", "file:///etc/hostname", "url"),
        ("/pickle", base64.b64encode(pickle.dumps(Exploit())).decode(), "object"),
    ],
)
def test_an_attack_is_seen_where_it_would_work(watched: Any, path: str, value: str, sink: str) -> None:
    seen = watched.ask(path, query_string={"q": value})
    assert [observation.sink for observation in seen] == [sink]
    assert seen[0].site.path == __file__.replace("test_other_sinks", "conftest")


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("/file", "plan.txt"),
        ("/joined", "./plan.txt"),
        ("/joined", "../files/plan.txt"),
        ("/shell", "hello"),
        ("/shell-quoted", "it's; fine & dandy | really"),
        ("/words", "a; id && $(id) ../../etc/passwd"),
        ("/words", "O'Brien"),
        ("/template", "a { b } % c"),
        ("/eval", "-17"),
        ("/eval", "3.5"),
        (
            "/pickle",
            base64.b64encode(pickle.dumps({"when": dt.date(2026, 1, 1), "n": [1, 2]})).decode(),
        ),
    ],
)
def test_an_honest_value_passes(watched: Any, path: str, value: str) -> None:
    assert watched.ask(path, query_string={"q": value}) == []
    assert watched.answer().status_code == 200


def test_yaml_that_makes_objects_is_seen_and_plain_yaml_passes(watched: Any) -> None:
    (observation,) = watched.ask(
        "/yaml", method="POST", data={"q": "!!python/object/apply:os.system ['true']"}
    )
    assert (observation.sink, observation.parameter) == ("object", "q")
    assert watched.ask("/yaml", method="POST", data={"q": "title: 'os.system'\nitems: [1, 2]"}) == []


def test_nothing_is_looked_at_outside_a_request(watched: Any) -> None:
    assert (watched.files / ".." / "secret.txt").read_text() == "secret"
