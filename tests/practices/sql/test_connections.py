"""An app's database connections are set up right: constraints hold, nothing waits for ever, one call runs one statement."""

from __future__ import annotations

import time
from types import SimpleNamespace

import pytest
from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import ForeignKey, create_engine, exc, text
from sqlalchemy.orm import Mapped, mapped_column

from fumehood import Fumehood
from fumehood.practices.sql import connections
from fumehood.practices.sql.connections import SeveralStatements
from fumehood.settings import ConfigurationError


def make(url, tmp_path, *, testing=True, config=None, **settings):
    app = Flask("shop", instance_path=str(tmp_path))
    app.testing = testing
    app.config.update(SQLALCHEMY_DATABASE_URI=url, **(config or {}))
    db = SQLAlchemy()

    class Shelf(db.Model):
        id: Mapped[int] = mapped_column(primary_key=True)
        name: Mapped[str] = mapped_column(default="")

    class Book(db.Model):
        id: Mapped[int] = mapped_column(primary_key=True)
        shelf_id: Mapped[int] = mapped_column(ForeignKey("shelf.id"))

    db.init_app(app)
    Fumehood(app, db=db, settings=settings)
    app.db, app.Shelf, app.Book = db, Shelf, Book
    return app


@pytest.fixture
def sqlite(tmp_path):
    app = make(f"sqlite:///{tmp_path}/shop.sqlite3", tmp_path)
    with app.app_context():
        app.db.create_all()
        yield app
        app.db.session.remove()
        app.db.engine.dispose()


@pytest.fixture
def postgresql(tmp_path, postgresql_url):
    app = make(postgresql_url, tmp_path, statement_seconds=1)
    with app.app_context():
        yield app
        app.db.session.remove()
        app.db.engine.dispose()


@pytest.fixture(params=["mysql+pymysql", "mysql+mysqldb"])
def mariadb(request, tmp_path, fresh_mariadb_url):
    if request.param.endswith("mysqldb"):
        pytest.importorskip("MySQLdb")
    app = make(
        fresh_mariadb_url.replace("mysql:", f"{request.param}:"),
        tmp_path,
        statement_seconds=1,
        database_url=f"sqlite:///{tmp_path}/hood.sqlite3",
    )
    with app.app_context():
        yield app
        app.db.session.remove()
        app.db.engine.dispose()


# What is stopped.


def test_a_new_sqlite_database_is_for_its_owner_alone(sqlite, tmp_path):
    with sqlite.app_context():
        sqlite.db.session.add(sqlite.Shelf(name="poetry"))
        sqlite.db.session.commit()
        modes = {path.name: path.stat().st_mode & 0o777 for path in tmp_path.glob("shop.sqlite3*")}
    assert modes["shop.sqlite3"] == 0o600
    assert set(modes.values()) == {0o600}


def test_a_sqlite_database_that_others_may_read_on_purpose_stays_so(tmp_path):
    path = tmp_path / "shop.sqlite3"
    path.touch(mode=0o640)
    app = make(f"sqlite:///{path}", tmp_path)
    with app.app_context():
        app.db.create_all()
        app.db.engine.dispose()
    assert path.stat().st_mode & 0o777 == 0o640


PILED = [
    "SELECT 1; DROP TABLE shelf",
    "SELECT 'a'; DELETE FROM shelf --",
    "SELECT 1;\n-- hidden\nDROP TABLE shelf;",
    "SELECT ';'; UPDATE shelf SET name = ';'",
    "SELECT $$;$$; DROP TABLE shelf",
    "/* ; */ SELECT 1; /* ; */ SELECT 2",
    # Strings to some servers, and not to these.
    "SELECT '\\'; DROP TABLE shelf; --'",
    "SELECT 1 AS a$$; DROP TABLE shelf; --$$",
]
PILED_ON_MYSQL = [
    *PILED[:4],
    "SELECT 1 AS $$; DROP TABLE shelf; SELECT 1 AS $$",
    "SELECT 1--1; DROP TABLE shelf",
    "SELECT 1 /*! ; DROP TABLE shelf */",
    "SELECT 1 /*M! ; DROP TABLE shelf */",
    "SELECT 'it\\'s'; DROP TABLE shelf",
]


@pytest.mark.parametrize("statement", PILED)
def test_a_second_statement_in_one_call_is_refused_on_sqlite(sqlite, statement):
    with pytest.raises(SeveralStatements):
        sqlite.db.session.execute(text(statement))


@pytest.mark.parametrize("statement", PILED)
def test_a_second_statement_in_one_call_is_refused_on_postgresql(postgresql, statement):
    # psycopg sends a statement without values as it is, and the server would run them all.
    with pytest.raises(SeveralStatements), postgresql.db.engine.connect() as connection:
        connection.exec_driver_sql(statement)


@pytest.mark.parametrize("server", ["mysql", "mariadb"])
def test_mysql_is_read_by_its_own_rules(server):
    mysql = SimpleNamespace(dialect=SimpleNamespace(name=server))
    for statement in PILED_ON_MYSQL:
        with pytest.raises(SeveralStatements):
            connections._one_statement(mysql, None, statement, (), None, False)
    for statement in (
        "SELECT 'it\\'s; fine'",
        'SELECT "a;b"',
        "SELECT 1 # a; b",
        "SELECT 1 -- a; b",
        "SELECT `a;b`;",
    ):
        connections._one_statement(mysql, None, statement, (), None, False)


@pytest.mark.parametrize("statement", PILED_ON_MYSQL)
def test_a_second_statement_in_one_call_is_refused_on_mariadb(mariadb, statement):
    # mysqlclient lets the server run them all.
    with pytest.raises(SeveralStatements), mariadb.db.engine.connect() as connection:
        connection.exec_driver_sql(statement)


def test_a_statement_that_takes_too_long_is_ended_by_mariadb(mariadb):
    began = time.monotonic()
    with mariadb.db.engine.connect() as connection:
        with pytest.raises(exc.OperationalError, match="max_statement_time"):
            connection.exec_driver_sql("SELECT SLEEP(60)")
        assert time.monotonic() - began < 30
        assert connection.scalar(text("SELECT 1")) == 1  # and the connection goes on
        assert connection.scalar(text("SELECT @@idle_transaction_timeout")) == 2


def test_a_row_cannot_point_to_one_that_is_not_there_on_mariadb(mariadb):
    with mariadb.db.engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE shelf (id INTEGER PRIMARY KEY, name VARCHAR(80))")
        connection.exec_driver_sql(
            "CREATE TABLE book (id INTEGER PRIMARY KEY, shelf_id INTEGER, FOREIGN KEY (shelf_id) REFERENCES shelf (id))"
        )
    with pytest.raises(exc.IntegrityError), mariadb.db.engine.begin() as connection:
        connection.execute(text("INSERT INTO book VALUES (1, :shelf)"), {"shelf": 99})


def test_values_and_semicolons_in_them_work_on_mariadb(mariadb):
    evil = "it's; DROP TABLE shelf; --"
    with mariadb.db.engine.connect() as connection:
        assert connection.scalar(text("SELECT :v"), {"v": evil}) == evil
        assert connection.exec_driver_sql("SELECT 'it\\'s; fine'").scalar() == "it's; fine"
        assert connection.exec_driver_sql("SELECT 1 # a; b").scalar() == 1


@pytest.mark.parametrize("driver", ["pymysql", "mysqldb"])
def test_another_host_of_mariadb_is_asked_for_tls(tmp_path, fresh_mariadb_url, monkeypatch, caplog, driver):
    pytest.importorskip("MySQLdb" if driver == "mysqldb" else driver)
    monkeypatch.setattr(
        connections, "_LOOPBACK", frozenset()
    )  # the server is here, and treated as if it were not
    address = fresh_mariadb_url.replace("mysql:", f"mysql+{driver}:")
    app = make(address, tmp_path, database_url=f"sqlite:///{tmp_path}/hood.sqlite3")
    with app.app_context():
        with app.db.engine.connect() as connection:
            assert connection.exec_driver_sql("SHOW STATUS LIKE 'Ssl_cipher'").one()[1] != ""
        app.db.engine.dispose()
    assert "certificate of the database at 127.0.0.1 is not looked at" in caplog.text


def test_a_value_that_looks_like_sql_is_a_value(sqlite):
    evil = "x'); DROP TABLE shelf; --"
    sqlite.db.session.execute(text("INSERT INTO shelf (name) VALUES (:name)"), {"name": evil})
    assert sqlite.db.session.scalar(text("SELECT name FROM shelf WHERE name = :name"), {"name": evil}) == evil
    assert (
        sqlite.db.session.scalar(text("SELECT count(*) FROM shelf WHERE name = :n"), {"n": "' OR '1'='1"})
        == 0
    )


def test_a_row_cannot_point_to_one_that_is_not_there(sqlite):
    sqlite.db.session.add(sqlite.Book(shelf_id=99))
    with pytest.raises(exc.IntegrityError):
        sqlite.db.session.commit()
    sqlite.db.session.rollback()


def test_a_statement_that_takes_too_long_is_ended(postgresql):
    began = time.monotonic()
    with pytest.raises(exc.OperationalError, match="statement timeout"):
        postgresql.db.session.execute(text("SELECT pg_sleep(60)"))
    assert time.monotonic() - began < 30


def test_a_dropped_connection_is_replaced_unseen(postgresql, postgresql_url, monkeypatch):
    from fumehood.practices.sql import connections

    monkeypatch.setattr(connections, "_IDLE_SECONDS", 0.0)
    engine = postgresql.db.engine
    with engine.connect() as connection:
        process = connection.scalar(text("SELECT pg_backend_pid()"))
    killer = create_engine(postgresql_url)
    with killer.connect() as connection:
        connection.execute(text("SELECT pg_terminate_backend(:process)"), {"process": process})
    killer.dispose()
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT pg_backend_pid()")) != process


def test_a_connection_to_another_host_asks_for_tls(tmp_path):
    from fumehood.practices.interface import installed
    from fumehood.practices.sql.connections import _arguments_for

    app = make("sqlite://", tmp_path)
    with app.app_context():
        given: dict[str, object] = {}
        for address, expected in (
            ("postgresql+psycopg://u@db.example/shop", "require"),
            ("postgresql+psycopg://u@127.0.0.1/shop", None),
            ("postgresql+psycopg:///shop?host=/run/postgresql", None),
        ):
            given = {}
            _arguments_for(installed(), create_engine(address))(None, None, (), given)
            assert given.get("sslmode") == expected
        given = {"sslmode": "verify-full", "options": "-c search_path=x"}
        _arguments_for(installed(), create_engine("postgresql+psycopg://u@db.example/shop"))(
            None, None, (), given
        )
        assert given == {"sslmode": "verify-full", "options": "-c search_path=x", "connect_timeout": 5}


def test_weak_tls_and_logged_statements_are_named_at_the_start(tmp_path, caplog):
    url = "postgresql+psycopg://u:hunter2secret@db.example/shop?sslmode=prefer"
    make(
        url,
        tmp_path,
        testing=False,
        config={"SQLALCHEMY_ECHO": True, "SECRET_KEY": "k" * 10 + "9fQ2xL7vB4nM1zR8"},
        mode="production",
        database_url=f"sqlite:///{tmp_path}/hood.sqlite3",
    )
    assert "sslmode=prefer" in caplog.text
    assert "SQLALCHEMY_ECHO" in caplog.text
    assert "hunter2secret" not in caplog.text


def test_an_extension_that_is_not_set_up_stops_the_start(tmp_path):
    app = Flask("shop", instance_path=str(tmp_path))
    app.testing = True
    with pytest.raises(ConfigurationError, match=r"db\.init_app"):
        Fumehood(app, db=SQLAlchemy())


# What is let through.


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT ';'",
        "SELECT 1;",
        "SELECT 1 ; ",
        "SELECT 'it''s; fine' AS \"a;b\"",
        "SELECT 1 -- one; two",
        "SELECT /* a; b */ 1",
        "INSERT INTO shelf (name) VALUES ('a; DROP TABLE shelf')",
    ],
)
def test_a_semicolon_that_ends_nothing_is_let_through(sqlite, statement):
    sqlite.db.session.execute(text(statement))


def test_dollar_quotes_and_functions_work_on_postgresql(postgresql):
    with postgresql.db.engine.begin() as connection:
        connection.exec_driver_sql("DO $body$ BEGIN PERFORM 1; PERFORM 2; END $body$")
        assert connection.exec_driver_sql("SELECT $$a;b$$").scalar() == "a;b"
        assert connection.exec_driver_sql(r"SELECT E'it\'s; fine'").scalar() == "it's; fine"


def test_sqlite_is_set_up_for_several_workers(sqlite):
    pragmas = {
        name: sqlite.db.session.scalar(text(f"PRAGMA {name}"))
        for name in ("journal_mode", "foreign_keys", "busy_timeout")
    }
    assert pragmas == {"journal_mode": "wal", "foreign_keys": 1, "busy_timeout": 10000}


def test_a_search_index_kept_by_triggers_works(sqlite):
    """FTS5 tables are refused to triggers where the schema is not trusted, in the SQLite of Debian 12 among others."""
    for statement in (
        "CREATE TABLE paper (id INTEGER PRIMARY KEY, body TEXT)",
        "CREATE VIRTUAL TABLE paper_index USING fts5(body)",
        "CREATE TRIGGER paper_added AFTER INSERT ON paper BEGIN INSERT INTO paper_index(rowid, body) VALUES (new.id, new.body); END",
        "INSERT INTO paper (body) VALUES ('gel electrophoresis')",
    ):
        sqlite.db.session.execute(text(statement))
    assert sqlite.db.session.scalar(text("SELECT rowid FROM paper_index WHERE paper_index MATCH 'gel'")) == 1


def test_an_in_memory_database_works_too(tmp_path):
    app = make("sqlite://", tmp_path)
    with app.app_context():
        app.db.create_all()
        app.db.session.add(app.Shelf(name="a"))
        app.db.session.commit()
        assert app.db.session.query(app.Shelf).count() == 1
        app.db.session.remove()
        app.db.engine.dispose()


def test_every_bind_is_set_up(tmp_path):
    app = make(
        "sqlite://",
        tmp_path,
        config={"SQLALCHEMY_BINDS": {"archive": f"sqlite:///{tmp_path}/archive.sqlite3"}},
    )
    with app.app_context(), app.db.engines["archive"].connect() as connection:
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1
    with app.app_context():
        app.db.engines["archive"].dispose()


def test_an_app_without_the_hoods_models_is_set_up_too(tmp_path):
    app = Flask("shop", instance_path=str(tmp_path))
    app.testing = True
    app.config["SQLALCHEMY_DATABASE_URI"] = f"sqlite:///{tmp_path}/plain.sqlite3"
    db = SQLAlchemy(app)
    Fumehood(app)
    with app.app_context():
        assert db.session.scalar(text("PRAGMA foreign_keys")) == 1
        db.session.remove()
        db.engine.dispose()
