"""The hood's own cookies are found as browsers send them, and no other is taken for one."""

from __future__ import annotations

import pytest
from flask import Flask, Response

from fumehood.practices.https.cookies import cookie_of, vary_with_cookie


def found(header):
    with Flask("notes").test_request_context(
        headers={"Cookie": header} if header is not None else {}
    ) as context:
        return cookie_of(context.request, "__Host-session")


@pytest.mark.parametrize(
    "header",
    [
        "__Host-session=a.b-c",
        "x=1; __Host-session=a.b-c; y=2",
        'x=1;__Host-session="a.b-c"',
        "__Host-session=a.b-c; __Host-session=d",
    ],
)
def test_it_is_found_among_others(header):
    assert found(header) == "a.b-c"


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "session=a",
        "x__Host-session=a",
        "\x85__Host-session=a",
        "\xa0__Host-session=a",
        "x=__Host-session",
        "__host-session=a",
        "=__Host-session=a",
    ],
)
def test_what_looks_like_it_is_not_it(header):
    assert found(header) is None


def test_vary_is_added_to_what_is_there():
    response = Response()
    vary_with_cookie(response)
    vary_with_cookie(response)
    assert response.headers.getlist("Vary") == ["Cookie"]
    response = Response(headers={"Vary": "Accept"})
    vary_with_cookie(response)
    assert response.headers["Vary"] == "Accept, Cookie"
