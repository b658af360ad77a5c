"""What holds on every page, whoever looks."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

import fumehood.starter
from starter.conftest import Notebook, Person

PATHS = [
    "/notes", "/notes?q=nothing", "/notes/1", "/notes/1/edit", "/notes/new", "/notes/1/delete", "/people",
    "/people/1", "/journal", "/account", "/account/tokens", "/change", "/notes/999",
]  # fmt: skip
DOORS = ["/login", "/register", "/reset", "/confirm", "/nothing/here"]


class Page(HTMLParser):
    """What a page is made of, as far as a browser or a screen reader cares."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.inline = ""
        self._in_script = False
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self._in_script = tag in {"script", "style"}

    def handle_data(self, data: str) -> None:
        if self._in_script:
            self.inline += data.strip()

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for found, attributes in self.tags if found == tag]


@pytest.fixture
def ada(notebook: Notebook) -> Person:
    ada = notebook.person("ada", "admin")
    ada.write("A note", "Some *text*")
    ada.post("/notes/1/comments", text="Hm")
    return ada


def check(text: str) -> None:
    page = Page(text)
    ids = [attributes["id"] for _, attributes in page.tags if attributes.get("id")]
    assert len(ids) == len(set(ids)), "an id is there twice"
    assert page.inline == ""
    for tag, attributes in page.tags:
        assert not any(name == "style" or name.startswith("on") for name in attributes), (tag, attributes)
    assert page.all("html")[0]["lang"] == "en"
    assert len(page.all("main")) == 1
    assert len(page.all("h1")) == 1
    assert page.all("a")[0]["href"] == "#main"
    labelled = {attributes.get("for") for attributes in page.all("label")}
    for tag in ("input", "textarea", "select"):
        for attributes in page.all(tag):
            if attributes.get("type") not in {"hidden", "submit"}:
                assert attributes.get("id") in labelled, attributes
    for attributes in page.all("img"):
        assert "alt" in attributes
    for attributes in page.all("form"):
        assert attributes.get("method") == "post" or attributes.get("role") == "search"
    described = re.findall(r'aria-(?:describedby|labelledby|controls)="([^"]+)"', text)
    assert {name for names in described for name in names.split()} <= set(ids)


def test_pages_are_clean_labelled_and_free_of_inline_code(ada: Person) -> None:
    for path in PATHS:
        check(ada.get(path).text)


def test_so_are_those_before_the_door(notebook: Notebook) -> None:
    for path in DOORS:
        check(notebook.stranger().get(path).text)


def test_every_form_that_changes_something_has_a_token(ada: Person) -> None:
    for path in PATHS:
        for form in re.findall(r'<form method="post".*?</form>', ada.get(path).text, re.DOTALL):
            assert 'name="csrf_token"' in form


def test_every_route_says_who_may_come(notebook: Notebook) -> None:
    from fumehood.practices.access.policy import declared

    app = notebook.app
    for rule in app.url_map.iter_rules():
        assert all(declared(app, rule.endpoint, []).values()), rule


def test_strangers_get_nothing_but_the_door(notebook: Notebook) -> None:
    stranger = notebook.stranger()
    for path in PATHS:
        answer = stranger.get(path)
        assert answer.status_code == 302
        assert answer.location.startswith("/login")


def test_a_mistake_of_ours_shows_a_number_and_no_trace(
    ada: Person, notebook: Notebook, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("the secret reason")

    monkeypatch.setitem(notebook.app.view_functions, "notes.index", fumehood.permit("notes:read")(broken))
    answer = ada.get("/notes")
    assert answer.status_code == 500
    assert re.search(r"<code>[0-9a-f]{16}</code>", answer.text)
    assert "secret reason" not in answer.text
    assert "Traceback" not in answer.text


def test_a_broken_database_is_said_without_asking_the_database(ada: Person, notebook: Notebook) -> None:
    with notebook.app.app_context():
        from sqlalchemy import text

        from fumehood.starter.database import db

        db.session.execute(text("DROP TABLE user_roles"))
        db.session.commit()
    answer = ada.get("/notes")
    assert answer.status_code == 500
    assert "That was our fault" in answer.text
    assert "user_roles" not in answer.text


def test_another_hosts_name_gets_an_error_page_and_no_failure(notebook: Notebook) -> None:
    answer = notebook.app.test_client().get("/login", base_url="https://evil.example", buffered=True)
    assert answer.status_code == 400
    assert "evil.example" not in answer.text


def test_it_uses_the_public_api_and_names_itself_nowhere() -> None:
    """A copy under another name is the same application."""
    folder = Path(fumehood.starter.__file__).parent
    for path in folder.rglob("*.py"):
        source = path.read_text()
        assert not re.search(r"(from|import) fumehood\.", source), path
        assert "fumehood.starter" not in source, path
