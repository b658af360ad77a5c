from __future__ import annotations

import re
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import ForeignKey, Integer, String, func, select
from sqlalchemy.orm import Mapped, column_property, mapped_column, relationship

from fumehood import AccountMixin, Fumehood, Owned, RoleMixin, allow, current_person, permit, public

HOST = "https://localhost"
PASSWORD = "seven herons on a wire"


class Browser(FlaskClient):
    """A browser that stays on one site: over HTTPS, same-origin, asking for pages."""

    def open(self, *args: Any, **kwargs: Any) -> Any:
        kwargs.setdefault("base_url", HOST)
        headers = {"Sec-Fetch-Site": "same-origin", "Sec-Fetch-Mode": "navigate", "Accept": "text/html"}
        kwargs["headers"] = {**headers, **dict(kwargs.get("headers") or {})}
        return super().open(*args, **kwargs)

    def sign_in(self, email: str, password: str = PASSWORD, **more: Any) -> Any:
        return self.post("/login", data={"email": email, "password": password, **more})

    def cookie(self, name: str = "__Host-session") -> str | None:
        held = self.get_cookie(name)
        return held.value if held else None


class Records(list[tuple[str, dict[str, Any]]]):
    """What was journaled, by event."""

    def of(self, event: str) -> list[dict[str, Any]]:
        return [details for name, details in self if name == event]


def make_models() -> SimpleNamespace:
    db = SQLAlchemy()

    class Role(db.Model, RoleMixin):  # type: ignore[name-defined]
        pass

    class User(db.Model, AccountMixin):  # type: ignore[name-defined]
        notes: Mapped[list[Any]] = relationship("Note", back_populates="owner")

    class Note(db.Model, Owned):  # type: ignore[name-defined]
        id: Mapped[int] = mapped_column(Integer, primary_key=True)
        text: Mapped[str] = mapped_column(String(80), default="")
        owner: Mapped[Any] = relationship("User", back_populates="notes")
        tags: Mapped[list[Any]] = relationship("Tag", cascade="all, delete-orphan")

    class Tag(db.Model):  # type: ignore[name-defined]
        id: Mapped[int] = mapped_column(Integer, primary_key=True)
        note_id: Mapped[int] = mapped_column(ForeignKey("note.id", ondelete="CASCADE"))
        name: Mapped[str] = mapped_column(String(80))
        note: Mapped[Any] = relationship("Note", back_populates="tags")

    last = select(func.max(Note.text)).where(Note.owner_id == User.id).correlate_except(Note)
    User.last_note = column_property(last.scalar_subquery(), deferred=True)

    return SimpleNamespace(db=db, Role=Role, User=User, Note=Note, Tag=Tag)


@pytest.fixture
def mails() -> list[Any]:
    return []


@pytest.fixture
def make(mails: list[Any], monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """Make an app with accounts; returns it with its models, its journal's records and a way to get browsers."""

    def make(url: str = "sqlite://", **settings: Any) -> Any:
        models = make_models()
        app = Flask("notebook")
        app.testing = True
        app.config["SQLALCHEMY_DATABASE_URI"] = url
        app.test_client_class = Browser
        models.db.init_app(app)
        cheap = {"argon2_memory_kib": 1024, "argon2_passes": 1, "sign_up": True, "storage_url": "memory://"}
        hood = Fumehood(
            app,
            db=models.db,
            user=models.User,
            role=models.Role,
            mailer=mails.append,
            settings={**cheap, **settings},
        )
        records = Records()
        journal = app.extensions["fumehood"].journal
        written = journal.record
        monkeypatch.setattr(
            journal,
            "record",
            lambda event, **details: (records.append((event, details)), written(event, **details))[1],
        )
        _routes(app, hood)
        with app.app_context():
            models.db.create_all()
        return SimpleNamespace(
            app=app, hood=hood, records=records, browser=app.test_client, mails=mails, **vars(models)
        )

    return make


def _routes(app: Flask, hood: Fumehood) -> None:
    @app.get("/")
    @public
    def home() -> str:
        return "home"

    @app.get("/me")
    @allow()
    def me() -> str:
        person = current_person()
        assert person is not None
        return person.name

    @app.get("/reports")
    @allow("analyst", "admin")
    def reports() -> str:
        return "reports"

    @app.post("/notes")
    @permit("notes:write")
    def write_note() -> str:
        return "written"

    @app.post("/danger")
    @hood.allow(fresh=600)
    def danger() -> str:
        return "done"


@pytest.fixture
def site(make: Callable[..., Any]) -> Any:
    """An app with accounts, and Ada and Bob who have one."""
    return with_people(make())


def with_people(site: Any) -> Any:
    from fumehood import create_account, grant_role

    with site.app.app_context():
        ada = create_account("ada@example.org", PASSWORD)
        grant_role(ada, "writer", permissions=["notes:write", "notes:read"])
        bob = create_account("bob@example.org", PASSWORD)
        site.ada, site.bob = ada.id, bob.id
    site.records.clear()
    return site


def link_in(mail: Any) -> str:
    found = re.search(r"https://localhost(/\S+)", mail.get_content())
    assert found, mail.get_content()
    return found[1]
