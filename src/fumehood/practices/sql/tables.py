"""The hood's own tables: where they live, how they are made, how they are written to by several workers at once.

They live in the database of ``FUMEHOOD_DATABASE_URL``; without it on the application's own database server, or, where
that is SQLite or nothing, in a SQLite file of their own under ``instance/``. A file of its own because SQLite has one writer
at a time: a view that records an event in the middle of its own transaction would wait for itself.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import weakref
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flask import Flask
from sqlalchemy import Column, Integer, MetaData, Table, create_engine, event, exc, insert, select, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.schema import CreateIndex, CreateTable

from fumehood.private_files import private_folder
from fumehood.settings import ConfigurationError

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

    from fumehood.practices.interface import Installation

__all__ = ["LAYOUT", "create", "metadata", "own_engine", "own_url", "reading", "writing"]

# The layout of the tables. Raised when a table changes in a way that an older hood cannot work with.
LAYOUT = 1

metadata = MetaData()
layouts = Table("fumehood_layout", metadata, Column("layout", Integer, primary_key=True, autoincrement=False))

_READ_ONLY = "fumehood_reading"
_READY = "fumehood_ready_tables"


def own_url(app: Flask, installation: Installation) -> URL | None:
    """Return the address of the database that holds the hood's own tables, or None for a throw-away one (tests).

    Raises:
        ConfigurationError: if the configured address cannot be understood.
    """
    configured = installation.settings.database_url
    if configured:
        return _parsed(configured, "FUMEHOOD_DATABASE_URL")
    if of_app := app.config.get("SQLALCHEMY_DATABASE_URI"):
        url = _parsed(str(of_app) if not isinstance(of_app, URL) else of_app, "SQLALCHEMY_DATABASE_URI")
        if url.get_backend_name() != "sqlite":
            return url
    if app.testing:
        return None
    return URL.create("sqlite", database=str(Path(app.instance_path) / "fumehood" / "hood.sqlite3"))


def own_engine(app: Flask, installation: Installation) -> Engine:
    """Make the engine for the hood's own tables and check that this hood can work with what is there.

    Raises:
        ConfigurationError: if the database cannot be reached or was laid out by a newer version of Fumehood.
    """
    url = own_url(app, installation)
    throw_away = None
    if url is None or (url.get_backend_name() == "sqlite" and url.database in {None, "", ":memory:"}):
        # A file rather than memory: threads and transactions then behave as they do in production.
        throw_away = tempfile.mkdtemp(prefix="fumehood-")
        url = URL.create("sqlite", database=str(Path(throw_away) / "hood.sqlite3"))
    engine = _sqlite(app, url) if url.get_backend_name() == "sqlite" else _server(app, url, installation)
    weakref.finalize(installation, _close, engine, throw_away, os.getpid())
    _stay_in_process(engine)
    try:
        create(engine, layouts)
        _check_layout(engine)
    except exc.DBAPIError as error:
        engine.dispose()
        mend = (
            "Make room on the disk, give the application write permission to that folder,"
            if url.get_backend_name() == "sqlite"
            else "Start it,"
        )
        raise ConfigurationError(
            f"The database of the hood's own tables, {url.render_as_string()}, cannot be used: "
            f"{_first_line(error)}. {mend} or set FUMEHOOD_DATABASE_URL to one that this application may write to."
        ) from error
    return engine


def create(engine: Engine, *tables: Table) -> None:
    """Create the tables that do not exist yet; safe when several workers do so at once. Remembers what is there."""
    ready: set[str] = engine.__dict__.setdefault(_READY, set())
    if all(table.name in ready for table in tables):
        return
    # Alone: on PostgreSQL two workers that meet in CREATE TABLE IF NOT EXISTS can both fail.
    with writing(engine, alone_for="tables") as connection:
        for table in tables:
            connection.execute(CreateTable(table, if_not_exists=True))
            for index in table.indexes:
                connection.execute(CreateIndex(index, if_not_exists=True))
    ready.update(table.name for table in tables)


@contextmanager
def writing(engine: Engine, *, alone_for: str = "") -> Iterator[Connection]:
    """Open a transaction that writes.

    Parameters:
        engine: the engine of the hood's own tables.
        alone_for: a name; no other worker is inside a transaction of this name at the same time. On SQLite every writing
            transaction is alone; PostgreSQL takes an advisory lock until the transaction ends.
    """
    with engine.begin() as connection:
        if alone_for and engine.dialect.name == "postgresql":
            number = zlib.crc32(b"fumehood:" + alone_for.encode())
            connection.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": number})
        yield connection


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """Open a transaction that only reads; it never waits for a writer on SQLite or PostgreSQL."""
    with engine.execution_options(**{_READ_ONLY: True}).begin() as connection:
        yield connection


def _parsed(address: str | URL, name: str) -> URL:
    try:
        url = make_url(address)
    except exc.ArgumentError:
        # The address is not repeated: it may hold a password.
        raise ConfigurationError(
            f"{name} is not a database address. Write it as sqlite:///path or postgresql+psycopg://user@host/name."
        ) from None
    # The driver that the hood brings, where the address names none.
    return url.set(drivername="postgresql+psycopg") if url.drivername in {"postgresql", "postgres"} else url


def _first_line(error: exc.DBAPIError) -> str:
    return (str(error.orig).strip() or type(error.orig).__name__).splitlines()[0].rstrip(".")


def _sqlite(app: Flask, url: URL) -> Engine:
    path = Path(app.instance_path, url.database or "")
    if path.parent.name == "fumehood":
        private_folder(path.parent)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            # Made here, so that nobody else may ever read it; SQLite gives its other files the same permissions.
            os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    except OSError as error:
        raise ConfigurationError(
            f"The database of the hood's own tables, {path}, cannot be made: {error.strerror}. Give the application write permission to "
            "that folder, or set FUMEHOOD_DATABASE_URL to a database that it may write to."
        ) from error
    engine = create_engine(
        url.set(database=str(path)), connect_args={"timeout": 10, "check_same_thread": False}, pool_timeout=10
    )

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, _record: Any) -> None:
        # The driver's own BEGIN is deferred: two workers that read, then write, would fail instead of wait.
        connection.isolation_level = None
        for pragma in ("journal_mode = WAL", "synchronous = NORMAL", "foreign_keys = ON"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        only_reads = connection.get_execution_options().get(_READ_ONLY)
        connection.exec_driver_sql("BEGIN" if only_reads else "BEGIN IMMEDIATE")

    return engine


def _server(app: Flask, url: URL, installation: Installation) -> Engine:
    arguments: dict[str, Any] = {}
    options = app.config.get("SQLALCHEMY_ENGINE_OPTIONS")
    if isinstance(options, Mapping) and not installation.settings.database_url:
        arguments.update(options.get("connect_args") or {})
    if url.get_backend_name() == "postgresql":
        arguments.setdefault("connect_timeout", 5)
    try:
        return create_engine(
            url, connect_args=arguments, pool_size=2, max_overflow=4, pool_timeout=5, pool_pre_ping=True
        )
    except (ImportError, exc.NoSuchModuleError) as error:
        raise ConfigurationError(
            f"The driver for {url.drivername} databases is missing ({error}). "
            "For PostgreSQL: pip install 'fumehood[postgresql]', and write the address as postgresql+psycopg://..."
        ) from error


def _stay_in_process(engine: Engine) -> None:
    """A connection opened before a fork (gunicorn --preload) must not be used by two processes, nor closed by the second."""
    if not hasattr(os, "register_at_fork"):
        return
    known = weakref.ref(engine)
    parents: list[object] = []

    def start_anew() -> None:
        if (engine := known()) is not None:
            parents.append(engine.pool)
            engine.dispose(close=False)

    os.register_at_fork(after_in_child=start_anew)


def _check_layout(engine: Engine) -> None:
    with reading(engine) as connection:
        found = connection.execute(select(layouts.c.layout)).scalar()
    if found is None:
        with writing(engine, alone_for="tables") as connection:
            if connection.execute(select(layouts.c.layout)).scalar() is None:
                connection.execute(insert(layouts).values(layout=LAYOUT))
    elif found > LAYOUT:
        engine.dispose()
        raise ConfigurationError(
            f"The hood's own tables in {engine.url.render_as_string()} have layout {found}, made by a newer version of Fumehood; "
            f"this one knows layouts up to {LAYOUT}. Install the newer version, or set FUMEHOOD_DATABASE_URL to another database."
        )


def _close(engine: Engine, throw_away: str | None, process: int) -> None:
    if process != os.getpid():
        return
    engine.dispose()
    if throw_away:
        shutil.rmtree(throw_away, ignore_errors=True)
