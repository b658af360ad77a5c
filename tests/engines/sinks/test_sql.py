"""A value that becomes more than one literal of a statement is seen; prose, names and quotes that stay inert are not."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fumehood.engines.sinks.languages import sql


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("/quoted", "' OR 1=1 --"),
        ("/quoted", "x' UNION SELECT sql FROM sqlite_master --"),
        ("/quoted", "'; DROP TABLE users; --"),
        ("/quoted", "'||(SELECT name FROM users)||'"),
        ("/number", "1 OR 1=1"),
        ("/number", "1/**/OR/**/1=1"),
        ("/number", "(SELECT id FROM users)"),
        ("/sorted", "name; DROP TABLE users"),
        ("/sorted", "(CASE WHEN 1=1 THEN name ELSE id END)"),
        ("/upper", "x' union select name from users --"),
        ("/half", "a,x' OR 'a'='a"),
        ("/decoded", base64.b64encode(b"x' OR 'a'='a").decode()),
        ("/twice", "' OR city = '"),
    ],
)
def test_a_value_that_adds_to_the_statement_is_seen(watched: Any, path: str, value: str) -> None:
    (observation,) = watched.ask(path, query_string={"q": value})
    assert (observation.sink, observation.source, observation.parameter) == ("sql", "query", "q")
    assert observation.site.function.endswith("run")
    assert watched.answer().status_code == 403


def test_values_of_forms_json_and_cookies_are_seen(watched: Any) -> None:
    attack = "x' OR 'a'='a"
    assert watched.ask("/quoted", method="POST", data={"q": attack})[0].source == "form"
    assert watched.ask("/quoted", method="POST", json={"q": attack})[0].source == "json"
    assert watched.ask("/cookie", cookie=("q", "x'||'a"))[0].source == "cookie"


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("/bound", "O'Brien"),
        ("/bound", "' OR 1=1 --"),
        ("/bound", "FROM users"),
        ("/fixed", "FROM users WHERE city = 'Oslo'"),
        ("/fixed", "select name from users"),
        ("/escaped", "O'Brien"),
        ("/escaped", "Robert'); DROP TABLE students; --"),
        ("/quoted", "please select one from the list; or drop it -- thanks"),
        ("/quoted", "SELECT * FROM users WHERE 1=1"),
        ("/quoted", "C:\\temp\\x"),
        ("/quoted", "日本語 /* not a comment */"),
        ("/number", "-17"),
        ("/number", "3.25"),
        ("/sorted", "users.name desc"),
    ],
)
def test_a_value_that_stays_one_literal_passes(watched: Any, path: str, value: str) -> None:
    assert watched.ask(path, query_string={"q": value}) == []
    assert watched.answer().status_code == 200


def test_a_statement_that_has_passed_is_not_looked_at_again(watched: Any) -> None:
    watched.ask("/fixed", query_string={"q": "anything at all"})
    known = len(watched.watch.known)
    watched.ask("/fixed", query_string={"q": "something else"})
    assert len(watched.watch.known) == known


def test_a_failing_look_is_counted_and_lets_the_call_pass_unless_told_otherwise(
    watched: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> str:
        raise ValueError("no")

    monkeypatch.setattr("fumehood.engines.sinks.watch._occurrences", broken)
    watched.ask("/number", query_string={"q": "1 OR 1=1"})
    assert watched.answer().status_code == 200
    failures = watched.watch.failures
    assert failures > 0
    watched.watch.fail_closed = True
    watched.app.testing = False
    watched.ask("/number", query_string={"q": "2 OR 2=2"})
    assert watched.answer().status_code == 500


@given(st.text(max_size=40), st.sampled_from(["sqlite", "postgresql", "mysql"]))
def test_every_text_is_read_to_its_end(text: str, dialect: str) -> None:
    found = sql.tokens(text, dialect)
    assert "".join(text[token.start : token.end] for token in found) == text


@given(st.text(min_size=1, max_size=40))
def test_a_doubled_quote_never_leaves_its_literal(text: str) -> None:
    inside = text.replace("'", "''")
    statement = f"SELECT name FROM users WHERE name = '{inside}' AND id = 1"
    start = statement.index("'") + 1
    assert sql.changes(statement, start, start + len(inside), "sqlite") == ""
