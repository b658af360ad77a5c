"""What the guard of the practice input refuses, and what it lets through."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, jsonify, request, url_for
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st

from fumehood import ConfigurationError, Fumehood, public
from fumehood.practices.input.limits import insist_on_depth
from hooded import browser, hooded_app


def bare(folder: Path) -> Flask:
    return Flask("shop", instance_path=str(folder))


def made(folder: Path, **config: Any) -> Flask:
    app = bare(folder)
    app.config.update(FUMEHOOD_HOSTS="shop.example,.example.org,localhost", **config)
    Fumehood(app)

    @app.route("/", methods=["GET", "POST"], defaults={"rest": ""})
    @app.route("/<path:rest>", methods=["GET", "POST"])
    @public
    def echo(rest: str) -> Any:
        if request.is_json:
            return jsonify(kind=type(request.get_json()).__name__)
        return jsonify(path=rest, fields=len(request.form), query=request.args)

    return app


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> FlaskClient:
    client = made(tmp_path_factory.mktemp("shop")).test_client()
    client.environ_base["HTTP_SEC_FETCH_SITE"] = "same-origin"
    return client


def test_answers_by_its_own_names(client: FlaskClient) -> None:
    for host in ("shop.example", "SHOP.example".lower(), "shop.example:443", "a.b.example.org", "localhost"):
        assert client.get("/", base_url=f"https://{host}").status_code == 200


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "shop.example.evil",
        "evil-shop.example",
        "shop.example@evil",
        "[::1",
        "shop.example:99999",
        "a b",
    ],
)
def test_does_not_answer_by_other_names(client: FlaskClient, host: str) -> None:
    answer = client.get("/", base_url="https://shop.example", headers={"Host": host})
    assert answer.status_code == 400


def test_without_names_only_loopback_is_answered_and_the_log_says_what_to_set(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    app = bare(tmp_path)
    Fumehood(app)
    assert "Set it to the names of the site" in caplog.text
    app.add_url_rule("/", "page", public(lambda: "page"))
    assert app.test_client().get("/", base_url="https://localhost").status_code == 200
    answer = app.test_client().get("/", base_url="https://shop.example")
    assert answer.status_code == 400
    assert "shop.example" not in answer.text


def test_a_server_name_is_a_host(tmp_path: Path) -> None:
    app = bare(tmp_path)
    app.config.update(SERVER_NAME="shop.example:8443")
    Fumehood(app)
    assert "shop.example" in app.config["TRUSTED_HOSTS"]


def test_the_applications_own_list_stays(tmp_path: Path) -> None:
    app = bare(tmp_path)
    app.config.update(TRUSTED_HOSTS=["own.example"])
    Fumehood(app)
    assert app.config["TRUSTED_HOSTS"] == ["own.example"]


@pytest.mark.parametrize(
    "host", ["*", "https://shop.example", "shop.example/path", "shop.example:443", "a b", "[::1]"]
)
def test_what_is_not_a_host_stops_the_start(tmp_path: Path, host: str) -> None:
    app = bare(tmp_path)
    app.config.update(FUMEHOOD_HOSTS=[host])
    with pytest.raises(ConfigurationError, match=r"FUMEHOOD_HOSTS.*not a host name"):
        Fumehood(app)


@pytest.mark.parametrize(
    "path", ["/a\0b", "/\xff\xfe", "/a\r\nSet-Cookie:x", "/\xc0\xae\xc0\xae/", "/\x7f", "/\xed\xa0\x80"]
)
def test_ambiguous_addresses_are_refused(client: FlaskClient, path: str) -> None:
    # As a WSGI server gives them: decoded, a character a byte.
    answer = client.get("/", base_url="https://shop.example", environ_overrides={"PATH_INFO": path})
    assert answer.status_code == 400


def test_nul_in_the_query_is_refused(client: FlaskClient) -> None:
    assert client.get("/?q=%00", base_url="https://shop.example").status_code == 400


@pytest.mark.parametrize(
    "path", ["/a%20b", "/caf%C3%A9", "/%F0%9F%94%AC", "/a+b", "/?q=%E4%BD%A0&q=2", "/a/../b"]
)
def test_honest_addresses_pass(client: FlaskClient, path: str) -> None:
    assert client.get(path, base_url="https://shop.example").status_code == 200


def test_sizes_have_limits(client: FlaskClient) -> None:
    base = "https://shop.example"
    assert client.get("/?" + "a" * 9000, base_url=base).status_code == 414
    assert client.get("/", base_url=base, headers=[(f"X-{n}", "1") for n in range(101)]).status_code == 431
    assert client.get("/", base_url=base, headers={"X-Long": "a" * 20_000}).status_code == 431
    assert client.post("/", base_url=base, data=b"a" * (16 * 1024 * 1024 + 1)).status_code in {200, 413}
    form = "&".join(f"f{n}=1" for n in range(1001))
    kind = "application/x-www-form-urlencoded"
    assert client.post("/", base_url=base, data=form, content_type=kind).status_code == 413
    big = json.dumps(["a" * 1024] * 1100)
    assert client.post("/", base_url=base, data=big, content_type="application/json").status_code == 413
    assert (
        client.post(
            "/", base_url=base, data={f"f{n}": "1" for n in range(1001)}, content_type="multipart/form-data"
        ).status_code
        == 413
    )


def test_honest_sizes_pass(client: FlaskClient) -> None:
    base = "https://shop.example"
    assert client.get("/?" + "a" * 8000, base_url=base).status_code == 200
    assert (
        client.get("/", base_url=base, headers=[(f"X-{n}", "1" * 100) for n in range(60)]).status_code == 200
    )
    form = {f"f{n}": "x" for n in range(1000)}
    assert client.post("/", base_url=base, data=form).json["fields"] == 1000  # type: ignore[index]
    assert client.post("/", base_url=base, json=[{"a": [1] * 50}] * 1000).status_code == 200
    assert client.post("/", base_url=base, json={"text": "[" * 5000 + '"\\'}).status_code == 200


@pytest.mark.parametrize(
    "body",
    [
        b"[" * 200_000,
        b"[" * 200_000 + b"]" * 200_000,
        b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
        b'["\\"", ' * 300 + b"1" + b"]" * 300,
        '{"a": 1}'.encode("utf-16"),
        b'["\\\\", ' + b"[" * 5000,
    ],
)
def test_json_that_breaks_parsers_is_a_mistake_of_the_client(client: FlaskClient, body: bytes) -> None:
    answer = client.post("/", base_url="https://shop.example", data=body, content_type="application/json")
    assert answer.status_code == 400


def test_a_chunked_body_has_the_same_limit(tmp_path: Path) -> None:
    app = made(tmp_path, MAX_CONTENT_LENGTH=1000)
    import io

    environ = {
        "HTTP_SEC_FETCH_SITE": "same-origin",
        "wsgi.input_terminated": True,
        "HTTP_TRANSFER_ENCODING": "chunked",
    }
    for size, status in ((900, 200), (5000, 413)):
        answer = app.test_client().post(
            "/",
            base_url="https://shop.example",
            input_stream=io.BytesIO(b"a=" + b"1" * size),
            content_type="application/x-www-form-urlencoded",
            environ_overrides=environ,
        )
        assert answer.status_code == status


def _depth(value: Any) -> int:
    if isinstance(value, list):
        return 1 + max(map(_depth, value), default=0)
    if isinstance(value, dict):
        return 1 + max(map(_depth, value.values()), default=0)
    return 0


_JSON = st.recursive(
    st.none() | st.integers() | st.text(alphabet='[]{}"\\a\n'),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(alphabet='[]{}"\\b', max_size=4), inner, max_size=3)
    ),
    max_leaves=20,
)


@given(value=_JSON, deepest=st.integers(1, 6))
def test_the_depth_of_json_is_what_a_parser_says(value: Any, deepest: int) -> None:
    content = json.dumps(value).encode()
    if _depth(value) <= deepest:
        insist_on_depth(content, deepest)
    else:
        with pytest.raises(ValueError, match="nested deeper"):
            insist_on_depth(content, deepest)


@given(st.lists(st.sampled_from([b"[", b"]", b"{", b"}", b'"', b"\\", b",", b"1", b'\\"']), max_size=400))
def test_whatever_passes_does_not_overwhelm_the_parser(pieces: list[bytes]) -> None:
    content = b"[" * 5000 + b"".join(pieces)
    with pytest.raises(ValueError, match="nested deeper"):
        insist_on_depth(content, 64)


def test_an_unknown_host_is_journaled(tmp_path: Path) -> None:
    app = made(tmp_path)
    app.test_client().get("/", base_url="https://evil.example")
    journal = app.extensions["fumehood"].journal
    journal.flush()
    assert [entry.details["reason"] for entry in journal.latest(event="request.refused")] == ["unknown host"]


@pytest.mark.parametrize(
    "host",
    [
        "notes.example:@evil.example",
        "notes.example:443@evil.example",
        "notes.example:443/evil",
        "evil.example/a.notes.example",
        "evil.example#.notes.example",
        "evil.example\\.notes.example",
    ],
)
def test_a_host_that_hides_another_behind_a_known_name_gets_into_no_link(tmp_path: Path, host: str) -> None:
    app = hooded_app(tmp_path, TRUSTED_HOSTS=["notes.example", ".notes.example"])

    @app.get("/link")
    @public
    def link() -> str:
        return url_for("link", _external=True)

    answer = browser(app).get("/link", base_url="https://notes.example", headers={"Host": host})
    assert answer.status_code == 400
    assert "evil" not in answer.text


def named(folder: Path, **config: Any) -> Flask:
    app = bare(folder)
    app.config.update(config)
    Fumehood(app)

    @app.get("/link/")
    @public
    def link() -> str:
        return url_for("link", _external=True)

    return app


def test_full_addresses_are_the_sites_own_whatever_the_request_names(tmp_path: Path) -> None:
    app = named(tmp_path, FUMEHOOD_SITE_URL="https://shop.example:8443/", FUMEHOOD_HOSTS=".example")
    for host in ("shop.example", "shop.example:666", "other.example"):
        assert (
            app.test_client().get("/link/", base_url=f"https://{host}").text
            == "https://shop.example:8443/link/"
        )
    answer = app.test_client().get("/link", base_url="https://shop.example:666")
    assert answer.location == "https://shop.example:8443/link/"
    with app.app_context():  # a mail that no request asked for
        assert url_for("link") == "https://shop.example:8443/link/"


def test_a_sites_address_names_its_host_too(tmp_path: Path) -> None:
    client = named(tmp_path, FUMEHOOD_SITE_URL="https://shop.example").test_client()
    assert client.get("/link/", base_url="https://shop.example").status_code == 200
    for host in ("localhost", "evil.example"):
        assert client.get("/link/", base_url=f"https://{host}").status_code == 400
    here = named(tmp_path, FUMEHOOD_SITE_URL="https://127.0.0.1:8443").test_client()
    assert here.get("/link/", base_url="https://localhost").status_code == 200


@pytest.mark.parametrize(
    "address", ["shop.example", "http://shop.example", "https://shop.example/a", "https://a,https://b", 7]
)
def test_what_is_no_sites_address_stops_the_start(tmp_path: Path, address: Any) -> None:
    with pytest.raises(ConfigurationError, match="FUMEHOOD_SITE_URL must be"):
        named(tmp_path, FUMEHOOD_SITE_URL=address)
