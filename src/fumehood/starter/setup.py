"""What must be there before the first request: the tables, the roles, an administrator.

All of it happens in one transaction that only one process can be in: it is safe when several start at once, and when one is
killed half-way, the next start finds either nothing or everything.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
from alembic import command as alembic
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Flask, current_app
from flask.cli import with_appcontext
from sqlalchemy import Connection, Engine, create_engine, event, exc, select, text
from sqlalchemy.orm import Session

from fumehood import ConfigurationError, hash_password, one_time_password

from .database import MIGRATIONS, db, now
from .models import Role, User
from .roles import ADMIN, ROLES

__all__ = ["command", "migrating", "prepare"]

# Any number that no other program on the same PostgreSQL uses for its advisory locks.
_LOCK = 7_240_118_201

_WELCOME = """
  The notebook is new. Sign in as its administrator:

      e-mail    {email}
      password  {password}

  The password works once: you choose your own when you sign in. It is not shown again.
"""


def prepare(app: Flask) -> None:
    """Create or migrate the database, the roles and the first administrator. Calling it again changes nothing.

    Raises:
        ConfigurationError: when the database cannot be used, or was made by a newer version of this application.
    """
    with app.app_context():
        try:
            with migrating() as connection:
                _migrate(connection)
                made = _people(connection)
        except exc.DBAPIError as error:
            why = (str(error.orig).strip() or type(error.orig).__name__).splitlines()[0].rstrip(".")
            raise ConfigurationError(
                f"The database {db.engine.url.render_as_string()} cannot be used: {why}. "
                "Start it, or set DATABASE_URL to one that this application may write to."
            ) from error
        if made is not None:
            app.extensions["fumehood"].record("account.created", subject=str(made), role=ADMIN)


@click.command("prepare")
@with_appcontext
def command() -> None:
    """Create or migrate the database, the roles and the first administrator."""
    try:
        prepare(current_app._get_current_object())  # type: ignore[attr-defined]
    except ConfigurationError as error:
        raise click.ClickException(str(error)) from None


@contextmanager
def migrating() -> Iterator[Connection]:
    """Open the transaction in which tables may change; it waits for another process that is in its own."""
    if db.engine.dialect.name == "sqlite":
        engine = _sqlite_engine()
        try:
            with engine.begin() as connection:
                yield connection
        finally:
            engine.dispose()
        return
    with db.engine.begin() as connection:
        # The lock ends with the transaction. A big table may take longer than a page may.
        connection.execute(text("SET LOCAL statement_timeout = 0"))
        connection.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": _LOCK})
        yield connection


def _sqlite_engine() -> Engine:
    """SQLite changes tables inside transactions too, if the driver's own idea of when one begins is switched off."""
    database = Path(db.engine.url.database or "")
    if database.parent.is_dir() and not database.exists():
        database.touch(mode=0o600)  # notes and password hashes are nobody's business on a shared machine
    engine = create_engine(db.engine.url, connect_args={"timeout": 60})

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, _record: Any) -> None:
        connection.isolation_level = None

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine


def _migrate(connection: Connection) -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    present = MigrationContext.configure(connection).get_current_revision()
    if present is not None and present not in known:
        raise ConfigurationError(
            f"The database {db.engine.url.render_as_string()} was made by a newer version of this application (its tables are "
            f"at {present}, which this version does not know). Install that version, or set DATABASE_URL to another database."
        )
    alembic.upgrade(config, "head")


def _people(connection: Connection) -> int | None:
    """Make the roles, and an administrator if there was never anybody; return the administrator's id."""
    with Session(connection, join_transaction_mode="create_savepoint") as session:
        held = {role.name: role for role in session.scalars(select(Role))}
        for name, (words, permissions) in ROLES.items():
            role = held.setdefault(name, Role(name=name))
            if role.description != words or set(role.permissions or ()) != set(permissions):
                role.description, role.permissions = words, list(permissions)
            session.add(role)
        made = None
        if session.scalar(select(User.id).limit(1)) is None:
            made = _administrator(session, held[ADMIN])
        session.commit()
        return made.id if made else None


def _administrator(session: Session, role: Role) -> User:
    password = one_time_password()
    email = str(current_app.config["ADMINISTRATOR_EMAIL"]).strip()
    try:
        email = current_app.extensions["security"].mail_util.normalize(email)
    except ValueError as error:
        raise ConfigurationError(
            f"FLASK_ADMINISTRATOR_EMAIL is {email!r}, and nobody could sign in with that: {error}"
        ) from None
    made = User(
        email=email, name="Administrator", password=hash_password(password), confirmed_at=now(),
        must_change_password=True, roles=[role],
    )  # fmt: skip
    session.add(made)
    session.flush()
    # Shown before it is kept: were it the other way round, a kill in between would leave an account that nobody can open.
    sys.stdout.write(_WELCOME.format(email=email, password=password))
    sys.stdout.flush()
    return made
