"""No attack gets through: payload by payload, where each would work, and also decoded, cut, joined, in threads and in streams."""

from __future__ import annotations

import base64
import io
import json
import pickle
from typing import Any

import attacks
import pytest

# A call that is stopped half-made leaves things to be collected, which Python reports.
pytestmark = pytest.mark.filterwarnings(
    "ignore::pytest.PytestUnraisableExceptionWarning", "ignore:unclosed:ResourceWarning"
)


def sinks(seen: list[Any]) -> set[str]:
    return {observation.sink for observation in seen}


@pytest.mark.parametrize(("place", "value"), attacks.SQL)
def test_sql(watched: Any, place: str, value: str) -> None:
    path = {"quoted": "/quoted", "number": "/number", "sorted": "/sorted"}[place]
    assert sinks(watched.ask(path, query_string={"q": value})) == {"sql"}


@pytest.mark.parametrize("coding", attacks.CODINGS)
@pytest.mark.parametrize("value", [attacks.INJECTION, "' UNION SELECT name FROM users --", "'--"])
def test_sql_in_a_value_that_is_decoded(watched: Any, coding: str, value: str) -> None:
    coded = attacks.CODINGS[coding](value)
    assert sinks(watched.ask(f"/coded/{coding}", query_string={"q": coded})) == {"sql"}
    assert sinks(watched.ask(f"/coded/{coding}", method="POST", data={"q": coded})) == {"sql"}


@pytest.mark.parametrize(
    ("path", "parts"),
    [
        ("/from-json", {"data": json.dumps({"a": {"b": [{"q": attacks.INJECTION}]}})}),
        (
            "/from-json",
            {"data": json.dumps({"a": {"b": [{"q": attacks.INJECTION}]}}).replace("'", "\\u0027")},
        ),
        ("/from-stream", {"data": attacks.INJECTION, "content_type": "text/plain"}),
        ("/from-lines", {"data": f"first\nsecond\n{attacks.INJECTION}", "content_type": "text/plain"}),
        ("/from-xml", {"data": f"<a><q>{attacks.INJECTION}</q></a>", "content_type": "application/xml"}),
        (
            "/from-xml",
            {"data": "<a><q>x&#39; OR &#x27;a&apos;='a</q></a>", "content_type": "application/xml"},
        ),
        (
            "/from-xml",
            {"data": f"<a><q><![CDATA[{attacks.INJECTION}]]></q></a>", "content_type": "application/xml"},
        ),
        ("/from-graph", {"json": {"query": f'{{ user(name: "{attacks.INJECTION}") {{ id }} }}'}}),
        ("/upload-name", {"data": {"f": (io.BytesIO(b"x"), attacks.INJECTION)}}),
    ],
)
def test_sql_in_a_body_that_is_read_by_hand(watched: Any, path: str, parts: dict[str, Any]) -> None:
    assert sinks(watched.ask(path, method="POST", **parts)) == {"sql"}


@pytest.mark.parametrize(
    ("path", "query"),
    [
        ("/sliced", {"q": f"prefix:{attacks.INJECTION}..."}),
        ("/replaced", {"q": "X' UNION select SELECT name FROM users --X"}),
        ("/replaced", {"q": "x' ORX 'a'='aXXX"}),
        ("/joined-values", {"q": ["x' OR", " 'a'", "='a"]}),
        ("/joined-values", {"q": list(attacks.INJECTION)}),
        ("/two", {"a": "x'", "b": "OR 'a'='a"}),
        ("/two", {"a": "x'/*", "b": "*/OR/**/1=1--"}),
    ],
)
def test_sql_in_a_value_that_is_cut_or_joined(watched: Any, path: str, query: dict[str, Any]) -> None:
    assert sinks(watched.ask(path, query_string=query)) == {"sql"}


def test_sql_in_a_token(watched: Any) -> None:
    payload = base64.urlsafe_b64encode(json.dumps({"name": attacks.INJECTION}).encode()).decode().rstrip("=")
    assert sinks(watched.ask("/token", headers={"Authorization": f"Bearer e30.{payload}.AAAA"})) == {"sql"}


@pytest.mark.parametrize(
    "kind", ["thread", "executor", "map", "pool", "to_thread", "loop", "stream", "stream-with-context"]
)
def test_sql_elsewhere_than_in_the_request_s_own_thread(watched: Any, kind: str) -> None:
    assert sinks(watched.ask(f"/in/{kind}", query_string={"q": attacks.INJECTION})) == {"sql"}
    assert not watched.ask(f"/in/{kind}", query_string={"q": "Ada"})


@pytest.mark.parametrize(("place", "value"), attacks.COMMANDS)
def test_commands(watched: Any, place: str, value: str) -> None:
    path = "/words-of" if place == "words" else f"/{place}"
    assert sinks(watched.ask(path, query_string={"q": value.replace("%3B", ";")})) == {"shell"}


@pytest.mark.parametrize("value", ["; id", "$(id)", "`id`"])
def test_commands_of_a_shell_that_is_started_by_name(watched: Any, value: str) -> None:
    assert sinks(watched.ask("/listed-shell", query_string={"q": value})) == {"shell"}


@pytest.mark.parametrize("value", [item for _, item in attacks.COMMANDS])
def test_quoted_for_the_shell_every_value_is_one_word(watched: Any, value: str) -> None:
    assert not watched.ask("/quoted-shell", query_string={"q": value})


@pytest.mark.parametrize(("place", "value"), attacks.PATHS)
def test_paths(watched: Any, place: str, value: str) -> None:
    seen = watched.ask("/unquoted" if "%" in value else f"/{place}", query_string={"q": value})
    if value in {"../files/../secret.txt", "....//"} and not seen:
        assert watched.answer().status_code == 500  # a folder
    else:
        assert sinks(seen) == {"path"}


@pytest.mark.parametrize("value", attacks.TEMPLATES)
def test_templates(watched: Any, value: str) -> None:
    path = "/template" if "%7B" not in value else "/template-unquoted"
    assert sinks(watched.ask(path, query_string={"q": value})) == {"template"}


@pytest.mark.parametrize("value", attacks.CODE)
def test_code(watched: Any, value: str) -> None:
    assert sinks(watched.ask("/eval", query_string={"q": value})) == {"code"}


@pytest.mark.parametrize(("place", "value"), attacks.OBJECTS)
def test_objects(watched: Any, place: str, value: str) -> None:
    path = "/yaml-of" if place == "yaml" else f"/{place}"
    assert sinks(watched.ask(path, query_string={"q": value})) == {"object"}


def test_objects_in_bodies_and_files(watched: Any) -> None:
    data = pickle.dumps(attacks._Runs())
    assert sinks(watched.ask("/pickled-body", method="POST", data=data)) == {"object"}
    assert sinks(watched.ask("/pickled-file", method="POST", data={"f": (io.BytesIO(data), "x")})) == {
        "object"
    }
