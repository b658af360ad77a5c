"""A notebook of its own for each test, on SQLite or on PostgreSQL, with people to sign in as."""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Iterator
from email.message import EmailMessage
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from jinja2 import FileSystemBytecodeCache
from sqlalchemy import select
from werkzeug.test import TestResponse

from fumehood import hash_password
from fumehood.starter import create_app, prepare
from fumehood.starter.database import db, now
from fumehood.starter.models import Role, User

SITE = "https://localhost"
PASSWORD = "nine violet beakers sing"
CHEAP = {"FUMEHOOD_ARGON2_MEMORY_KIB": 1024, "FUMEHOOD_ARGON2_PASSES": 1}


# Templates are compiled once for all tests of a run.
_COMPILED = tempfile.TemporaryDirectory(prefix="fumehood-templates-")
BYTECODE = FileSystemBytecodeCache(_COMPILED.name)


class Notebook:
    """The application, as the people of the lab use it."""

    def __init__(self, folder: Path, **config: Any) -> None:
        self.folder = folder
        self.config = {"INSTANCE_PATH": str(folder), **CHEAP, **config}
        self.app: Flask = create_app(self.config)
        self.app.jinja_env.bytecode_cache = BYTECODE
        self.mail: list[EmailMessage] = []
        self.app.extensions["fumehood"].mailer = self.mail.append

    def person(self, name: str, role: str = "editor") -> Person:
        """Make an account and sign in."""
        with self.app.app_context():
            roles = [db.session.execute(select(Role).where(Role.name == role)).scalar_one()]
            account = User(
                email=f"{name}@example.net",
                name=name.capitalize(),
                password=self.hashed(),
                confirmed_at=now(),
                roles=roles,
            )
            db.session.add(account)
            db.session.commit()
            found = Person(self, account.id, account.email)
        assert found.sign_in(PASSWORD).status_code == 302
        return found

    @staticmethod
    @lru_cache
    def hashed() -> str:
        return hash_password(PASSWORD)

    def close(self) -> None:
        with self.app.app_context():
            db.session.remove()
            db.engine.dispose()
        self.app.extensions["fumehood"].engine.dispose()

    def stranger(self) -> Person:
        return Person(self, 0, "")


class Person:
    """A browser, and who sits before it."""

    def __init__(self, notebook: Notebook, number: int, email: str) -> None:
        self.id, self.email = number, email
        self.client: FlaskClient = notebook.app.test_client()
        self.client.environ_base.update({"HTTP_ORIGIN": SITE, "HTTP_SEC_FETCH_SITE": "same-origin"})

    def sign_in(self, password: str) -> TestResponse:
        return self.post("/login", email=self.email, password=password)

    def get(self, path: str) -> TestResponse:
        return self.client.get(path, base_url=SITE, buffered=True)

    def post(self, path: str, **form: Any) -> TestResponse:
        return self.client.post(path, data=form, base_url=SITE, buffered=True)

    def write(self, title: str = "A note", text: str = "", audience: str = "private", **more: Any) -> str:
        """Write a note and return its address."""
        answer = self.post("/notes/new", title=title, text=text, audience=audience, **more)
        assert re.fullmatch(r"/notes/\d+", answer.location or ""), answer.text
        return str(answer.location)

    def sees(self, path: str) -> bool:
        status = self.get(path).status_code
        assert status in {200, 404}
        return status == 200


@pytest.fixture(scope="session")
def new_instance(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the first start leaves, to be copied: the steps of the database take a while."""
    made = Notebook(tmp_path_factory.mktemp("starter") / "instance")
    prepare(made.app)
    made.close()
    return made.folder


@pytest.fixture
def notebook(tmp_path: Path, new_instance: Path) -> Iterator[Notebook]:
    made = Notebook(Path(shutil.copytree(new_instance, tmp_path / "instance")))
    yield made
    made.close()


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.server("postgresql"))])
def any_notebook(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Notebook]:
    """The same on both databases, for what they do differently."""
    if request.param == "sqlite":
        yield request.getfixturevalue("notebook")
        return
    address = request.getfixturevalue("fresh_postgresql_url")
    made = Notebook(tmp_path / "instance", SQLALCHEMY_DATABASE_URI=address)
    prepare(made.app)
    yield made
    made.close()
