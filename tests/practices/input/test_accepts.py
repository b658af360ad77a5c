"""Views get valid models; everything else is answered before them."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask.views import MethodView
from pydantic import BaseModel, ConfigDict, Field

from fumehood import Form, accepts, public
from fumehood.practices.input.forms import OneLine, WebAddress
from hooded import HTTPS, SAME_ORIGIN, browser, hooded_app


class Note(BaseModel):
    title: str = Field(max_length=20)
    stars: int = Field(default=0, ge=0, le=5)
    due: date | None = None
    tags: list[str] = []


class Secret(BaseModel):
    model_config = ConfigDict(strict=True)
    token: str = Field(pattern="^[a-z]+$")


class Loose(BaseModel):
    model_config = ConfigDict(extra="ignore")
    title: str


def add_views(app: Flask) -> None:
    @app.post("/notes")
    @public
    @accepts(Note)
    def add(body: Note) -> Any:
        return body.model_dump(mode="json")

    @app.post("/secret")
    @public
    @accepts(Secret)
    def secret(body: Secret) -> Any:
        return "fine"

    @app.post("/loose")
    @public
    @accepts(Loose)
    def loose(note: Loose) -> Any:
        return note.model_dump()

    @app.get("/search")
    @public
    @accepts(Note, source="query")
    def search(wanted: Note) -> Any:
        return wanted.model_dump(mode="json")

    @app.post("/form")
    @public
    @accepts(Note, source="form")
    def form(form: Note) -> Any:
        return form.model_dump(mode="json")

    @app.post("/later")
    @public
    @accepts(Note)
    async def later(body: Note) -> Any:
        return body.title

    class Notes(MethodView):
        @public
        @accepts(Note)
        def post(self, body: Note) -> Any:
            return body.title

    app.add_url_rule("/class", view_func=Notes.as_view("notes"))


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> FlaskClient:
    app = hooded_app(tmp_path_factory.mktemp("notes"))
    add_views(app)
    client = browser(app)
    client.environ_base |= {"HTTP_SEC_FETCH_SITE": "same-origin"}
    return client


def post(client: FlaskClient, path: str, **more: Any) -> Any:
    return client.post(path, base_url=HTTPS, **more)


def test_valid_json_arrives_as_a_model(client: FlaskClient) -> None:
    answer = post(client, "/notes", json={"title": "a", "stars": 3, "due": "2026-11-24", "tags": ["x", "y"]})
    assert answer.json == {"title": "a", "stars": 3, "due": "2026-11-24", "tags": ["x", "y"]}


@pytest.mark.parametrize("path", ["/later", "/class"])
def test_async_views_and_method_views_get_models(client: FlaskClient, path: str) -> None:
    assert post(client, path, json={"title": "a"}).text == "a"
    assert post(client, path, json={"title": 1}).status_code == 422


def test_what_is_wrong_is_named_by_field_and_never_echoed(client: FlaskClient) -> None:
    answer = post(client, "/secret", json={"token": "HUNTER2"})
    assert answer.status_code == 422
    assert answer.mimetype == "application/problem+json"
    assert answer.json["errors"][0]["pointer"] == "#/token"
    assert "HUNTER2" not in answer.text


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"title": "a", "is_admin": True}, "#/is_admin"),
        ({"title": "a" * 21}, "#/title"),
        ({"title": "a", "stars": 6}, "#/stars"),
        ({"title": "a", "stars": "many"}, "#/stars"),
        ({}, "#/title"),
        ({"title": "a", "tags": ["x", {"y": 1}]}, "#/tags/1"),
    ],
)
def test_what_does_not_fit_the_model_is_refused(client: FlaskClient, body: Any, pointer: str) -> None:
    answer = post(client, "/notes", json=body)
    assert answer.status_code == 422
    assert [error["pointer"] for error in answer.json["errors"]] == [pointer]


def test_a_model_that_says_so_ignores_other_fields(client: FlaskClient) -> None:
    assert post(client, "/loose", json={"title": "a", "more": 1}).json == {"title": "a"}


@pytest.mark.parametrize(
    ("data", "kind", "status"),
    [
        (b"{", "application/json", 400),
        (b"title=a", "application/x-www-form-urlencoded", 415),
        (b'{"title": "a"}', "text/plain", 415),
        (b"[" * 100_000, "application/json", 400),
        (json.dumps([1]).encode(), "application/json", 422),
        (b"", "application/json", 400),
    ],
)
def test_other_content_is_refused(client: FlaskClient, data: bytes, kind: str, status: int) -> None:
    assert post(client, "/notes", data=data, content_type=kind).status_code == status


def test_queries_and_forms_take_lists_where_the_model_has_lists(client: FlaskClient) -> None:
    assert client.get("/search?title=a&tags=x&tags=y&stars=2", base_url=HTTPS).json["tags"] == ["x", "y"]  # type: ignore[index]
    answer = post(client, "/form", data={"title": "a", "tags": ["x"], "csrf_token": "t"})
    assert answer.json["tags"] == ["x"]


def test_a_value_given_twice_is_ambiguous(client: FlaskClient) -> None:
    answer = client.get("/search?title=a&title=b", base_url=HTTPS)
    assert answer.status_code == 422
    assert "more than once" in answer.text


def test_a_person_gets_a_page_and_no_markup_of_theirs_in_it(client: FlaskClient) -> None:
    answer = post(client, "/form", data={"title": "a", "<script>": "1"}, headers={"Accept": "text/html"})
    assert answer.status_code == 422
    assert answer.mimetype == "text/html"
    assert "<script>" not in answer.text


def test_a_view_without_a_place_for_the_model_is_a_mistake_at_the_start() -> None:
    with pytest.raises(TypeError, match="no parameter for Note"):

        @accepts(Note)
        def view(other: int) -> None: ...


def test_wrong_use_is_told() -> None:
    with pytest.raises(TypeError, match="one of 'json', 'query', 'form'"):
        accepts(Note, source="cookie")  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="takes a pydantic model"):
        accepts(dict)  # type: ignore[arg-type]


@pytest.fixture
def form_app(tmp_path: Path) -> Flask:
    from wtforms import PasswordField, StringField, TextAreaField

    class Profile(Form):  # type: ignore[misc]
        name = StringField(validators=[OneLine()])
        site = StringField(validators=[WebAddress()])
        text = TextAreaField()
        password = PasswordField()

    app = hooded_app(tmp_path)

    @app.route("/", methods=["GET", "POST"])
    @public
    def profile() -> Any:
        form = Profile()
        if form.validate_on_submit():
            return {name: value for name, value in form.data.items() if name != "csrf_token"}
        return {"errors": form.errors, "html": str(form.name())}

    return app


@pytest.mark.parametrize(
    "field",
    [
        {"name": "a" * 1001},
        {"text": "a" * 20_001},
        {"name": "a\u202etxt.exe"},
        {"name": "a\r\nBcc: everybody"},
        {"site": "javascript:alert(1)"},
        {"site": "https://user:password@example.org"},
        {"site": "//example.org"},
        {"site": "https://example.org\\@evil"},
        {"name": "NUL\0"},
        {"text": "\0"},
        {"password": "NUL\0"},
    ],
)
def test_fields_have_limits_by_themselves(form_app: Flask, field: dict[str, str]) -> None:
    answer = browser(form_app).post("/", base_url=HTTPS, headers=SAME_ORIGIN, data=field)
    assert list(answer.json["errors"]) == list(field)  # type: ignore[index]


def test_honest_fields_pass_and_controls_are_taken_out(form_app: Flask) -> None:
    data = {
        "name": "Zoë O'Neill 研究",
        "site": "https://example.org/a?b=c#d",
        "text": "two\r\nlines\x08",
        "password": "a\x07b",
    }
    answer = browser(form_app).post("/", base_url=HTTPS, headers=SAME_ORIGIN, data=data)
    assert answer.json == {**data, "text": "two\r\nlines"}
    assert 'maxlength="1000"' in browser(form_app).get("/", base_url=HTTPS).json["html"]  # type: ignore[index]


@pytest.mark.parametrize("body", [[1, 2], "text", {"name": {"deep": 1}}, {"name": [{"deep": 1}]}])
def test_json_that_is_no_form_is_a_mistake_of_the_client(form_app: Flask, body: Any) -> None:
    answer = browser(form_app).post("/", base_url=HTTPS, headers=SAME_ORIGIN, json=body)
    assert answer.status_code == 400


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"title": "a\0b"}, "#/title"),
        ({"title": "a", "tags": ["b", "\0"]}, "#/tags/1"),
        ({"title": "a", "x\0": 1}, "#/x"),
    ],
)
def test_text_with_nul_is_told_of_where_it_is(client: FlaskClient, body: Any, pointer: str) -> None:
    answer = client.post("/notes", json=body)
    assert answer.status_code == 422
    assert [error["pointer"] for error in json.loads(answer.data)["errors"]] == [pointer]


def test_text_about_nul_is_none(client: FlaskClient) -> None:
    assert client.post("/notes", json={"title": r"the escape \u0000"}).json["title"] == r"the escape \u0000"  # type: ignore[index]


def test_a_form_with_nul_is_not_valid(client: FlaskClient) -> None:
    assert client.post("/form", data={"title": "a\0"}).status_code == 422
