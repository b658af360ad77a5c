"""The app's own database connections, set up right: constraints, timeouts, TLS, one statement at a time."""

from __future__ import annotations

import contextlib
import os
import re
import ssl
import time
from typing import TYPE_CHECKING, Any

from flask import Flask
from sqlalchemy import Engine, event, exc

from fumehood.practices.interface import installed
from fumehood.settings import ConfigurationError

if TYPE_CHECKING:
    from fumehood.practices.interface import Installation

__all__ = ["SeveralStatements", "guard_engines"]

_CONNECT_SECONDS = 5
_IDLE_SECONDS = 30.0
_LOOPBACK = frozenset({"", "localhost", "127.0.0.1", "::1"})
_MYSQL = frozenset({"mysql", "mariadb"})
_ANSWER_SECONDS = 5  # how much later than the server itself a client gives up
_WEAK_TLS = frozenset({"disable", "allow", "prefer"})

# What a semicolon may stand in without ending a statement: strings, quoted names, dollar quotes, comments.
_TRIGGER = re.compile(r"\s*create\s+(temp(orary)?\s+)?trigger\b", re.IGNORECASE)
# Each server by its own rules: what is a string to one and not to another would hide a statement.
_STANDARD = r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|`[^`]*`|--[^\n]*|/\*.*?\*/"
_QUOTED = re.compile(_STANDARD, re.DOTALL)
_QUOTED_POSTGRESQL = re.compile(
    r"(?<![\w$])[eE]'(?:[^'\\]|''|\\.)*'|(?<![\w$])\$((?:[^\W\d]\w*)?)\$.*?\$\1\$|" + _STANDARD, re.DOTALL
)
# Here "--" needs a blank after it, "#" begins a comment, and what stands in /*! ... */ is run.
_QUOTED_MYSQL = re.compile(
    r"'(?:[^'\\]|''|\\.)*'|\"(?:[^\"\\]|\"\"|\\.)*\"|`[^`]*`|--(?=\s|$)[^\n]*|#[^\n]*|/\*(?!M?!).*?\*/",
    re.DOTALL,
)
_QUOTED_BY = {"postgresql": _QUOTED_POSTGRESQL, "mysql": _QUOTED_MYSQL, "mariadb": _QUOTED_MYSQL}


class SeveralStatements(exc.InvalidRequestError):
    """One call was to run several SQL statements: the shape of an injection. Run them one by one."""


def guard_engines(app: Flask, installation: Installation, db: Any) -> None:
    """Set up every engine of a Flask-SQLAlchemy extension.

    Raises:
        ConfigurationError: when the extension was not initialised with the app yet.
    """
    initialized: Any = app.extensions.get("sqlalchemy")
    if initialized is None or initialized is not db:
        raise ConfigurationError(
            "Call db.init_app(app) before Fumehood(app, db=db): the hood sets up its connections."
        )
    with app.app_context():
        engines = list(initialized.engines.values())
    for engine in engines:
        _guard(app, installation, engine)
    if not installation.development:
        for name in ("SQLALCHEMY_ECHO", "SQLALCHEMY_RECORD_QUERIES"):
            if app.config.get(name):
                app.logger.warning(
                    "%s is on: statements and their values, personal data too, are kept or logged.", name
                )


def _guard(app: Flask, installation: Installation, engine: Engine) -> None:
    backend = engine.url.get_backend_name()
    if backend == "sqlite":
        _keep_private(engine)
        event.listen(engine, "connect", _prepare_sqlite)
    else:
        _warn_of_weak_tls(app, engine)
        event.listen(engine, "do_connect", _arguments_for(installation, engine))
        if backend in _MYSQL:
            event.listen(engine, "connect", _prepare_mysql(installation.settings.statement_seconds))
        event.listen(engine, "connect", _remember)
        event.listen(engine, "checkin", _checked_in)
        event.listen(engine, "checkout", _check_alive(engine))
    # The place of the guard at the driver: what judges a statement with the request's values in sight joins this listener.
    event.listen(engine, "before_cursor_execute", _one_statement)


def _keep_private(engine: Engine) -> None:
    """Make SQLite's new file one that other users of the machine cannot read (CWE-276); its journals get the same mode.

    A file that is there already keeps its mode: another program may be meant to read it.
    """

    def make(_dialect: Any, _record: Any, positional: Any, _arguments: Any) -> None:
        name = positional[0] if positional else ""
        if isinstance(name, str) and name not in {"", ":memory:"} and not name.startswith("file:"):
            with contextlib.suppress(OSError):  # SQLite says itself what is wrong
                os.close(os.open(name, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))

    event.listen(engine, "do_connect", make)


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    for pragma in (
        "foreign_keys = ON",
        "busy_timeout = 10000",
        "journal_mode = WAL",
        "synchronous = NORMAL",
    ):
        connection.execute(f"PRAGMA {pragma}").close()


def _arguments_for(installation: Installation, engine: Engine) -> Any:
    backend, host = engine.url.get_backend_name(), engine.url.host or ""
    driver = engine.url.get_driver_name()
    seconds = installation.settings.statement_seconds
    local = host in _LOOPBACK or host.startswith("/")

    def add(_dialect: Any, _record: Any, _positional: Any, arguments: dict[str, Any]) -> None:
        if backend == "postgresql":
            arguments.setdefault("connect_timeout", _CONNECT_SECONDS)
            if not local:
                arguments.setdefault("sslmode", "require")
            if seconds and "options" not in arguments:
                milliseconds = seconds * 1000
                arguments["options"] = (
                    f"-c statement_timeout={milliseconds} -c idle_in_transaction_session_timeout={2 * milliseconds}"
                )
        elif driver in {"pymysql", "mysqldb"}:
            arguments.setdefault("connect_timeout", _CONNECT_SECONDS)
            if not local and not any(name.startswith("ssl") for name in arguments):
                arguments |= {"ssl": _any_certificate()} if driver == "pymysql" else {"ssl_mode": "REQUIRED"}
            if seconds:
                arguments.setdefault("read_timeout", seconds + _ANSWER_SECONDS)
                arguments.setdefault("write_timeout", seconds + _ANSWER_SECONDS)

    return add


def _any_certificate() -> ssl.SSLContext:
    """Encrypt, as PostgreSQL's ``sslmode=require`` does: who has an authority names it in the address, and it is looked at."""
    context = ssl.create_default_context()
    # fumehood: ignore[FH360] -- better than the clear text that was asked for
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def _prepare_mysql(seconds: int) -> Any:
    """Let the server itself end what takes too long, and hold foreign keys whatever its configuration says."""

    def prepare(connection: Any, _record: Any) -> None:
        cursor = connection.cursor()
        try:
            cursor.execute("SET SESSION foreign_key_checks = 1")
            if not seconds:
                return
            cursor.execute("SELECT VERSION()")
            if "mariadb" in str(cursor.fetchone()[0]).lower():
                cursor.execute(f"SET SESSION max_statement_time = {int(seconds)}")
                cursor.execute(f"SET SESSION idle_transaction_timeout = {2 * int(seconds)}")
            else:
                cursor.execute(f"SET SESSION max_execution_time = {1000 * int(seconds)}")  # of SELECT only
        finally:
            cursor.close()

    return prepare


def _warn_of_weak_tls(app: Flask, engine: Engine) -> None:
    url = engine.url
    host = url.host or ""
    if host in _LOOPBACK or host.startswith("/"):
        return
    query = url.query
    if url.get_backend_name() == "postgresql" and query.get("sslmode") in _WEAK_TLS:
        app.logger.warning(
            "The connection to the database at %s may go in clear text (sslmode=%s): use verify-full, or require at least.",
            host,
            query["sslmode"],
        )
    if url.get_backend_name() in _MYSQL and not any(key.startswith("ssl") for key in query):
        app.logger.warning(
            "The certificate of the database at %s is not looked at: name its authority in the address, ssl_ca=...",
            host,
        )


def _remember(_connection: Any, record: Any) -> None:
    record.info["fumehood_process"] = os.getpid()
    record.info["fumehood_used"] = time.monotonic()


def _checked_in(_connection: Any, record: Any) -> None:
    record.info["fumehood_used"] = time.monotonic()


def _check_alive(engine: Engine) -> Any:
    """A connection that a restarted server or a firewall has dropped, or that another process opened, is replaced unseen."""

    def check(connection: Any, record: Any, proxy: Any) -> None:
        if record.info.get("fumehood_process", os.getpid()) != os.getpid():
            record.dbapi_connection = proxy.dbapi_connection = None
            raise exc.DisconnectionError("opened by another process")
        if time.monotonic() - record.info.get("fumehood_used", 0.0) < _IDLE_SECONDS:
            return
        try:
            engine.dialect.do_ping(connection)
        except Exception as error:
            raise exc.DisconnectionError("no longer connected") from error

    return check


def _one_statement(
    connection: Any, _cursor: Any, statement: str, _parameters: Any, _context: Any, _many: bool
) -> None:
    if ";" not in statement:
        return
    if connection.dialect.name == "sqlite" and _TRIGGER.match(statement):
        return  # a trigger's body has statements of its own; what follows the trigger, SQLite's driver refuses itself
    if (
        ";"
        in _QUOTED_BY.get(connection.dialect.name, _QUOTED).sub("", statement).strip().rstrip(";").rstrip()
    ):
        _record()
        raise SeveralStatements("Several SQL statements in one call: run them one by one, with bound values.")


def _record() -> None:
    from flask import has_request_context

    if has_request_context():
        installed().record("request.refused", practice="sql", reason="several SQL statements in one call")
