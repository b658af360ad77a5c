"""An application that matches regular expressions is told from one that leaves that to its framework."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask import Flask, jsonify, render_template_string, request

from fumehood.engines.attack.patterns import matching

NAME = re.compile(r"\w+")


def found_by_module() -> str:
    return "yes" if re.search(r"\w+", request.args["q"]) else "no"


def found_by_object() -> str:
    return "yes" if NAME.fullmatch(request.args["q"]) else "no"


def rendered() -> str:
    return render_template_string("{{ request.args.q | upper }}")


def echoed() -> object:
    return jsonify(request.args.to_dict())


@pytest.mark.parametrize(
    ("view", "expected"),
    [(found_by_module, True), (found_by_object, True), (rendered, False), (echoed, False)],
)
def test_only_what_the_application_matches_is_heard(view: Callable[[], object], *, expected: bool) -> None:
    app = Flask(__name__)
    app.add_url_rule("/", view_func=view)
    client = app.test_client()
    with matching() as matched:
        assert client.get("/?q=word").status_code == 200
    assert matched.any is expected
