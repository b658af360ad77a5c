"""A database of the attack's own on the application's PostgreSQL, MySQL or MariaDB server.

The child makes it when the application first connects through SQLAlchemy, with the application's own credentials, and hands every
connection to it instead. The parent drops it when the child has ended, however that ended. Its name says when, where and
by which process it was begun, so that a later attack knows what a killed one left behind.
"""

from __future__ import annotations

import hashlib
import importlib
import json
import os
import platform
import re
import secrets
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import wrapt

if TYPE_CHECKING:
    from fumehood.engines.attack.sandbox import Sandbox

__all__ = ["PREFIX", "Servers", "dropped", "new_name"]

PREFIX = "fumehood_attack_"
_LEFT_AFTER = (
    6 * 3600
)  # seconds after which a database of another machine's attack is one that was left behind
_NAME = re.compile(rf"{PREFIX}(?P<begun>[0-9a-f]+)_(?P<host>[0-9a-f]{{6}})_(?P<process>\d+)_[0-9a-f]+(_\d+)*")
_DRIVERS = {"psycopg2": "psycopg2", "psycopg": "psycopg", "pymysql": "pymysql", "mysqldb": "MySQLdb"}
_DATABASE = ("dbname", "database", "db")

# What an account may do to a server beside its databases' rows, at the begin of a statement; and functions of PostgreSQL that reach outside.
_REACHES_OUT = re.compile(
    r"(?:^|;)\s*(?:(?:create|drop|alter|rename)\s+(?:database|role|user|group|tablespace|system|server)\b|grant\b|revoke\b|use\b|kill\b|shutdown\b"
    r"|set\s+(?:global|persist|@@global)\b|load\s+data\b|copy\b[^;]*\b(?:to|from)\s+(?:program|')|lock\s+instance\b|flush\b|reset\s+master\b)"
    r"|\b(?:dblink\w*|lo_export|lo_import|pg_terminate_backend|pg_cancel_backend|pg_reload_conf)\s*\(|\binto\s+(?:out|dump)file\b",
    re.IGNORECASE,
)


def new_name() -> str:
    """Return a name that no database has yet."""
    return f"{PREFIX}{int(time.time()):x}_{_host()}_{os.getpid()}_{secrets.token_hex(2)}"


def _host() -> str:
    return hashlib.sha256(platform.node().encode()).hexdigest()[:6]


def dropped(made: dict[str, Any]) -> str:
    """Drop what a child has made. Returns why that could not be done, or "".

    Parameters:
        made: what the child told: the driver, what it connects with, and the name.
    """
    name = made["name"]
    if not _NAME.fullmatch(name):
        return ""
    try:
        with closing(_connect(made)) as connection:
            _drop(connection, made["driver"], name)
    except Exception as error:  # noqa: BLE001 - whatever a driver raises; the name must be told
        return f"the database {name} could not be dropped ({_first_line(error)}); drop it by hand"
    return ""


class Servers:
    """Lets the application connect to one kind of thing outside: a database of its own on its server.

    Parameters:
        sandbox: what refuses everything else.
        name: of the database to make; the second server's has a number behind it.
        tell: tells the parent what is about to be made, and what went wrong.
    """

    def __init__(self, sandbox: Sandbox, name: str, tell: Callable[[str, Any], None]) -> None:
        self.sandbox, self.name, self.tell = sandbox, name, tell
        self.made: dict[str, str] = {}
        self.others: frozenset[str] = frozenset()  # databases of a MySQL server beside the copy
        self._lock = threading.RLock()

    def install(self) -> None:
        """Begin, before the application is imported."""
        wrapt.register_post_import_hook(self._listen, "sqlalchemy.engine")
        for module in _DRIVERS.values():
            wrapt.register_post_import_hook(self._refuse_others, module)
        for module in ("pymysql.connections", "MySQLdb.connections"):
            wrapt.register_post_import_hook(self._check_queries, module)

    def _listen(self, engine: Any) -> None:
        event = importlib.import_module("sqlalchemy.event")
        event.listen(engine.Engine, "do_connect", self._connect)
        event.listen(engine.Engine, "before_cursor_execute", self._before)

    def _refuse_others(self, driver: Any) -> None:
        """A driver in C makes no audit event when it connects."""

        def connect(wrapped: Any, _instance: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
            if not self.sandbox.is_open():
                self.sandbox.refuse_connection(f"{driver.__name__}.connect")
            return wrapped(*args, **kwargs)

        for name in ("connect", "Connection.connect", "AsyncConnection.connect", "Connect"):
            owner, _, method = name.rpartition(".")
            if hasattr(getattr(driver, owner, None) if owner else driver, method):
                wrapt.wrap_function_wrapper(driver, name, connect)

    def _check_queries(self, module: Any) -> None:
        def query(wrapped: Any, _instance: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
            if not self.sandbox.is_open():
                self._check(args[0] if args else kwargs.get("sql", kwargs.get("query", "")))
            return wrapped(*args, **kwargs)

        wrapt.wrap_function_wrapper(module, "Connection.query", query)

    def _before(
        self, conn: Any, _cursor: Any, statement: str, _parameters: Any, _context: Any, _many: bool
    ) -> None:
        if conn.dialect.name != "sqlite":
            self._check(statement)

    def _check(self, statement: Any) -> None:
        text = statement.decode("utf-8", "replace") if isinstance(statement, bytes) else str(statement)
        if _REACHES_OUT.search(text) or self._names_another(text):
            self.sandbox.refuse(f"statement {text}")

    def _names_another(self, text: str) -> bool:
        """Whether a statement reads or changes a table of another database, as MySQL's can."""
        found = re.findall(
            r"\b(?:from|into|update|join|table|exists|truncate|replace|view|trigger|on)\s+[`\"]?([\w$-]+)[`\"]?\s*\.",
            text if self.others else "",
            re.IGNORECASE,
        )
        return any(name.lower() in self.others for name in found)

    def _connect(self, dialect: Any, _record: Any, args: Sequence[Any], parameters: dict[str, Any]) -> Any:
        driver = _DRIVERS.get(dialect.driver)
        if driver is None:
            return None  # refused as every other connection
        made = {"driver": driver, "args": list(args), "parameters": _plain(parameters)}
        kept = {key: value for key, value in parameters.items() if key not in _DATABASE}
        with self.sandbox.opened():
            kept["dbname" if driver.startswith("psycopg") else "database"] = self._database(made)
            return dialect.connect(*args, **kept)

    def _database(self, made: dict[str, Any]) -> str:
        address = json.dumps(made, sort_keys=True)
        with self._lock:
            if address not in self.made:
                name = f"{self.name}_{len(self.made)}" if self.made else self.name
                with closing(_connect(made)) as connection:
                    self._make(connection, {**made, "name": name})
                self.made[address] = name
            return self.made[address]

    def _make(self, connection: Any, made: dict[str, Any]) -> None:
        driver, name = made["driver"], made["name"]
        for left in _left_behind(connection, driver):
            with suppress(Exception):  # another account's, or somebody else has just dropped it
                _drop(connection, driver, left)
        if not driver.startswith("psycopg"):
            own = {"information_schema", "performance_schema", name}
            self.others = self.others | {item.lower() for item in _names(connection, driver)} - own
        self.tell("database", made)
        try:
            _run(connection, f"CREATE DATABASE {name}")
        except Exception as error:
            self.tell("error", _may_not(made, error))
            raise


def _may_not(made: dict[str, Any], error: Exception) -> str:
    parameters = made["parameters"]
    user, host = parameters.get("user", "the account"), parameters.get("host", "its server")
    postgres = made["driver"].startswith("psycopg")
    grant = (
        f'ALTER ROLE "{user}" CREATEDB' if postgres else f"GRANT ALL ON `{PREFIX}%`.* TO the account {user}"
    )
    return (
        f"the attack works on a database of its own, and {user} may not make one on {host} ({_first_line(error)}). "
        f"Allow it there ({grant}), or point the application's setting at another server or at an SQLite file"
    )


def _plain(parameters: dict[str, Any]) -> dict[str, Any]:
    kept = {}
    for key, value in parameters.items():
        with suppress(TypeError, ValueError):
            kept[key] = json.loads(json.dumps(value))
    return kept


def _connect(made: dict[str, Any]) -> Any:
    driver = importlib.import_module(made["driver"])
    connection = driver.connect(*made["args"], **made["parameters"])
    if made["driver"].startswith("psycopg"):
        connection.autocommit = True  # neither CREATE DATABASE nor DROP DATABASE is allowed in a transaction
    else:
        connection.autocommit(True)
    return connection


def _run(connection: Any, statement: str) -> list[Any]:
    with closing(connection.cursor()) as cursor:
        cursor.execute(statement)
        return list(cursor.fetchall()) if cursor.description else []


def _names(connection: Any, driver: str) -> Iterator[str]:
    statement = "SELECT datname FROM pg_database" if driver.startswith("psycopg") else "SHOW DATABASES"
    for (name,) in _run(connection, statement):
        yield name.decode() if isinstance(name, bytes) else str(name)


def _left_behind(connection: Any, driver: str) -> list[str]:
    return [
        name for name in _names(connection, driver) if (found := _NAME.fullmatch(name)) and _is_left(found)
    ]


def _is_left(found: re.Match[str]) -> bool:
    if found["host"] == _host() and Path("/proc/self").exists():
        return not Path(f"/proc/{found['process']}").exists()
    return int(found["begun"], 16) < time.time() - _LEFT_AFTER


def _drop(connection: Any, driver: str, name: str) -> None:
    if driver.startswith("psycopg"):
        _run(connection, f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'")  # noqa: S608 - of our own making: letters, digits, underscores
    _run(connection, f"DROP DATABASE IF EXISTS {name}")


def _first_line(error: BaseException) -> str:
    return f"{type(error).__name__}: {str(error).strip().splitlines()[0] if str(error).strip() else ''}"
