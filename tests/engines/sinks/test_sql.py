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
        ("/noted", "' OR 1=1 --"),
    ],
)
def test_a_value_that_adds_to_the_statement_is_seen(watched: Any, path: str, value: str) -> None:
    (observation,) = watched.ask(path, query_string={"q": value})
    assert (observation.sink, observation.source, observation.parameter) == ("sql", "query", "q")
    assert not observation.site.function.endswith("run")  # which runs what the view has put together
    assert watched.answer().status_code == 403


def test_values_of_forms_json_and_cookies_are_seen(watched: Any) -> None:
    attack = "x' OR 'a'='a"
    assert watched.ask("/quoted", method="POST", data={"q": attack})[0].source == "form"
    assert watched.ask("/quoted", method="POST", json={"q": attack})[0].source == "json"
    assert watched.ask("/cookie", cookie=("q", "x'||'a"))[0].source == "cookie"


ATTACK = "x' OR 'a'='a"


@pytest.mark.parametrize(
    "parts",
    [
        {"data": {**{f"k{n}": f"a%20{n},b;c" for n in range(900)}, "q": ATTACK}},
        {"json": {"padding": [f"a {n}" for n in range(60_000)], "q": ATTACK}},
    ],
    ids=["form", "json"],
)
def test_no_padding_hides_a_value(watched: Any, parts: dict[str, Any]) -> None:
    assert [found.sink for found in watched.ask("/quoted", method="POST", **parts)] == ["sql"]


def test_no_depth_hides_a_value(watched: Any) -> None:
    document: Any = ATTACK
    for _ in range(64):
        document = [document]
    assert watched.ask("/nested", method="POST", json=document)


def test_the_end_of_a_long_value_is_looked_at(watched: Any) -> None:
    for length in (60_000, 70_000, 150_000):
        assert watched.ask("/quoted", method="POST", data={"q": "a" * length + ATTACK})
        assert not watched.ask("/quoted", method="POST", data={"q": "a b " * (length // 4) + " no attack"})


@pytest.mark.parametrize("header", ["Accept-Language", "User-Agent", "Accept", "Pragma", "Sec-CH-UA"])
@pytest.mark.parametrize("value", [ATTACK, '" OR "1"="1', "1 OR 1=1", "1/**/OR/**/1=1"])
def test_no_header_is_beyond_suspicion(watched: Any, header: str, value: str) -> None:
    (found,) = watched.ask(f"/header/{header}", headers={header: value})
    assert found.source == "header"


@pytest.mark.parametrize(
    ("header", "value"),
    [
        ("Accept-Language", "en-GB,en;q=0.9, de;q=0.5"),
        ("Accept", "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"),
        ("Sec-CH-UA", '"Chromium";v="131", "Not_A Brand";v="24"'),
        ("Content-Type", "multipart/form-data; boundary=----WebKitFormBoundary7MA4YWxkTrZu0gW"),
        ("Cache-Control", "max-age=0"),
    ],
)
def test_what_browsers_send_in_headers_is_no_attack(watched: Any, header: str, value: str) -> None:
    assert not watched.ask(f"/quoted-header/{header}", headers={header: value})


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
