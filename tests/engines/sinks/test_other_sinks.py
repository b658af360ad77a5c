"""Paths, commands, templates, code, addresses and objects: what a value changes is seen, what it merely contains is not."""

from __future__ import annotations

import base64
import datetime as dt
import os
import pickle
from typing import Any

import pytest
from flask import Blueprint, request, send_file


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


@pytest.mark.parametrize("endpoint", ["static", "shop.static"])
def test_a_view_that_only_has_the_name_of_flasks_own_is_looked_at(watched: Any, endpoint: str) -> None:
    def send(name: str) -> Any:
        return send_file(watched.files / name)

    blueprint = Blueprint("shop", __name__)
    target = blueprint if "." in endpoint else watched.app
    watched.app.view_functions.pop("static")
    target.add_url_rule("/sent/<path:name>", endpoint.rpartition(".")[2], send)
    watched.app.register_blueprint(blueprint)
    assert [item.sink for item in watched.ask("/sent/../secret.txt")] == ["path"]
    assert watched.ask("/sent/plan.txt") == []
    watched.answer().close()


def test_flasks_own_static_files_are_sent_and_a_hook_beside_them_is_looked_at(watched: Any) -> None:
    static = watched.files.parent / "static"
    static.mkdir()
    (static / "style.css").write_text("main {}")

    @watched.app.before_request
    def record() -> None:
        if "log" in request.args:
            (watched.files / request.args["log"]).read_text()

    assert watched.ask("/static/style.css") == []
    assert watched.answer().data == b"main {}"
    watched.answer().close()
    assert watched.ask("/static/../secret.txt") == []
    assert watched.answer().status_code == 404
    assert [item.sink for item in watched.ask("/static/style.css?log=../secret.txt")] == ["path"]


def test_parsers_make_elements_of_the_classes_that_they_were_told_to(watched: Any) -> None:
    from lxml import etree

    class Part(etree.ElementBase):  # type: ignore[misc]
        pass

    lookup, parser = etree.ElementNamespaceClassLookup(), etree.XMLParser()
    lookup.get_namespace("urn:lab")["part"] = Part
    parser.set_element_class_lookup(lookup)

    @watched.app.post("/parts")
    def parts() -> str:
        return type(etree.fromstring(request.get_data(), parser)).__name__

    assert watched.ask("/parts", method="POST", data='<part xmlns="urn:lab"/>') == []
    assert watched.answer().text == "Part"
