"""Every driver's statements are looked at, on real servers: an attack does not reach the database, honest values do."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from typing import Any

import attacks
import pytest
from sqlalchemy import String, create_engine, literal_column, select, text
from sqlalchemy.engine import make_url
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

Run = Callable[[str, tuple[Any, ...]], Any]


class Base(DeclarativeBase):
    pass


class Person(Base):
    __tablename__ = "person"
    name: Mapped[str] = mapped_column(String(50), primary_key=True)


def _made(connection: Any, until: ExitStack) -> Any:
    until.enter_context(closing(connection))
    cursor = connection.cursor()
    cursor.execute("CREATE TABLE IF NOT EXISTS person (name VARCHAR(50))")
    connection.commit()
    return connection


def _with_cursor(connection: Any, **options: Any) -> Run:
    def run(statement: str, values: tuple[Any, ...]) -> Any:
        cursor = connection.cursor(**options)
        cursor.execute(statement, values or None)
        return cursor.fetchall()

    return run


def psycopg(url: str, until: ExitStack) -> dict[str, Run]:
    import psycopg as driver
    from psycopg import sql
    from psycopg.rows import dict_row

    connection = _made(driver.connect(url, autocommit=True), until)

    def composed(statement: str, values: tuple[Any, ...]) -> Any:
        return connection.execute(sql.SQL(statement), values or None).fetchall()

    def copied(statement: str, values: tuple[Any, ...]) -> Any:
        with (
            connection.cursor() as cursor,
            cursor.copy(f"COPY ({statement}) TO STDOUT", values or None) as copy,
        ):
            return list(copy)

    def asynchronous(statement: str, values: tuple[Any, ...]) -> Any:
        async def ask() -> Any:
            async with await driver.AsyncConnection.connect(url) as other:
                return await (await other.execute(statement, values or None)).fetchall()

        return asyncio.run(ask())

    return {
        "connection": lambda statement, values: connection.execute(statement, values or None).fetchall(),
        "cursor": _with_cursor(connection),
        "rows": _with_cursor(connection, row_factory=dict_row),
        "composed": composed,
        "copy": copied,
        "bytes": lambda statement, values: connection.execute(statement.encode(), values or None).fetchall(),
        "asynchronous": asynchronous,
    }


def psycopg2(url: str, until: ExitStack) -> dict[str, Run]:
    import psycopg2 as driver
    from psycopg2.extras import DictCursor, NamedTupleCursor, RealDictCursor

    connection = _made(driver.connect(url), until)
    connection.autocommit = True
    other = until.enter_context(closing(driver.connect(url, cursor_factory=RealDictCursor)))
    other.autocommit = True
    return {
        "cursor": _with_cursor(connection),
        "dictionaries": _with_cursor(connection, cursor_factory=RealDictCursor),
        "rows": _with_cursor(connection, cursor_factory=DictCursor),
        "tuples": _with_cursor(connection, cursor_factory=NamedTupleCursor),
        "connection's own kind": _with_cursor(other),
    }


def pymysql(url: str, until: ExitStack) -> dict[str, Run]:
    import pymysql as driver
    from pymysql.cursors import DictCursor, SSCursor

    place = make_url(url)
    connection = _made(
        driver.connect(
            host=place.host,
            port=place.port,
            user=place.username,
            password=place.password,
            database=place.database,
            autocommit=True,
        ),
        until,
    )

    def queried(statement: str, values: tuple[Any, ...]) -> Any:
        connection.query(connection.cursor().mogrify(statement, values or None))

    return {
        "cursor": _with_cursor(connection),
        "dictionaries": _with_cursor(connection, cursor=DictCursor),
        "streamed": _with_cursor(connection, cursor=SSCursor),
        "connection": queried,
    }


def mysqlclient(url: str, until: ExitStack) -> dict[str, Run]:
    driver = pytest.importorskip("MySQLdb")
    from MySQLdb.cursors import DictCursor

    place = make_url(url)
    connection = _made(
        driver.connect(
            host=place.host,
            port=place.port,
            user=place.username,
            password=place.password,
            database=place.database,
            autocommit=True,
        ),
        until,
    )
    return {
        "cursor": _with_cursor(connection),
        "dictionaries": _with_cursor(connection, cursorclass=DictCursor),
    }


def sqlalchemy(url: str, until: ExitStack) -> dict[str, Run]:
    engine = create_engine(url)
    until.callback(engine.dispose)
    Base.metadata.create_all(engine)

    def bound(statement: str, values: tuple[Any, ...]) -> tuple[Any, dict[str, Any]]:
        named = statement.replace("%s", ":q").replace("%%", "%")
        return text(named if values else named.replace(":", "\\:")), dict.fromkeys(
            ("q",) if values else (), *values
        )

    def core(statement: str, values: tuple[Any, ...]) -> Any:
        with engine.connect() as connection:
            return connection.execute(*bound(statement, values)).all()

    def raw(statement: str, values: tuple[Any, ...]) -> Any:
        with engine.connect() as connection:
            return connection.exec_driver_sql(statement, values or None).all()

    def session(statement: str, values: tuple[Any, ...]) -> Any:
        with Session(engine) as given:
            return given.execute(*bound(statement, values)).all()

    def model(statement: str, values: tuple[Any, ...]) -> Any:
        name = values[0] if values else statement.partition("'")[2][:-1]
        condition = Person.name == name if values else literal_column(f"'{name}'") == Person.name
        with Session(engine) as given:
            return given.scalars(select(Person).where(condition)).all()

    return {"core": core, "raw": raw, "session": session, "model": model}


KINDS = [
    ("psycopg", psycopg, "postgresql"), ("psycopg2", psycopg2, "postgresql"), ("pymysql", pymysql, "mariadb"), ("mysqlclient", mysqlclient, "mariadb"),
    ("sqlalchemy+psycopg", sqlalchemy, "postgresql+psycopg"), ("sqlalchemy+psycopg2", sqlalchemy, "postgresql+psycopg2"), ("sqlalchemy+pymysql", sqlalchemy, "mysql+pymysql"),
    ("sqlalchemy+sqlite", sqlalchemy, "sqlite"),
]  # fmt: skip


@pytest.fixture
def until() -> Iterator[ExitStack]:
    """Closes at the end of the test what was opened in it."""
    with ExitStack() as stack:
        yield stack


@pytest.mark.server("postgresql")
@pytest.mark.server("mariadb")
@pytest.mark.parametrize(("make", "kind"), [item[1:] for item in KINDS], ids=[item[0] for item in KINDS])
def test_statements(
    watched: Any, make: Any, kind: str, until: ExitStack, request: pytest.FixtureRequest, tmp_path: Any
) -> None:
    from flask import request as asked

    if kind.startswith("postgresql"):
        url = request.getfixturevalue("fresh_postgresql_url").replace("postgresql:", f"{kind}:")
    elif kind == "sqlite":
        url = f"sqlite:///{tmp_path}/people.db"
    else:
        url = request.getfixturevalue("fresh_mariadb_url")
        url = url.replace("mysql:", f"{kind}:") if "+" in kind else url
    runs = make(url, until)

    @watched.app.get("/concatenated/<how>")
    def concatenated(how: str) -> str:
        return str(runs[how](f"SELECT name FROM person WHERE name = '{asked.args['q']}'", ()))

    @watched.app.get("/parameters/<how>")
    def parameters(how: str) -> str:
        sign = "?" if kind == "sqlite" and how == "raw" else "%s"
        return str(runs[how](f"SELECT name FROM person WHERE name = {sign}", (asked.args["q"],)))

    for how in runs:
        for value in attacks.ON_SERVERS:
            seen = watched.ask(f"/concatenated/{how}", query_string={"q": value})
            assert [found.sink for found in seen][:1] == ["sql"], (how, value)
        assert watched.ask(f"/concatenated/{how}", query_string={"q": "select the name; or drop it"}) == []
        assert watched.answer().status_code == 200, how
        for value in attacks.BOUND:
            assert watched.ask(f"/parameters/{how}", query_string={"q": value}) == [], (how, value)
            assert watched.answer().status_code == 200, (how, value)
