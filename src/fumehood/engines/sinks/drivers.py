"""Dangerous calls that Python does not announce: public functions of drivers and libraries, wrapped when they are imported."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import lru_cache, partial
from typing import Any

import wrapt

from fumehood.engines.sinks import libraries, markup, sqlite
from fumehood.engines.sinks.languages import Language, sql
from fumehood.engines.sinks.watch import active

__all__ = ["look_at_statement", "wrap_drivers"]

_lock = threading.Lock()
_done = threading.Event()

_LANGUAGES = {
    dialect: Language(
        partial(sql.changes, dialect=dialect),
        partial(sql.named, dialect=dialect),
        partial(sql.edges, dialect=dialect),
        partial(sql.core, dialect=dialect),
    )
    for dialect in ("sqlite", "postgresql", "mysql")
}


def look_at_statement(statement: Any, call: str, dialect: str) -> None:
    """Look at one SQL statement before its driver gets it. On the path of every query: two look-ups for one seen before."""
    scope = active.get()
    if scope is None:
        return
    if isinstance(statement, bytes):
        statement = statement.decode("utf-8", "replace")
    if not isinstance(statement, str) or statement in scope.known:
        return  # a composed statement of the driver's own kind is parameterised by construction
    scope.guarded(lambda: scope.text("sql", call, statement, _LANGUAGES[dialect]))


def wrap_drivers() -> None:
    """Wrap what is imported already, and the rest when it is. Once per process."""
    with _lock:
        if _done.is_set():
            return
        _done.set()
    sqlite.wrap(look_at_statement)
    for module, wrap in _WRAPPERS.items():
        wrapt.register_post_import_hook(wrap, module)


# --- other drivers ------------------------------------------------------------------------------------------------------


def _wrap_methods(module: str, dialect: str, *names: str) -> Callable[[Any], None]:
    """Return what wraps methods of a driver's classes whose first argument is a statement, where a class defines them itself."""

    def wrap(loaded: Any) -> None:
        for name in names:
            owner, _, method = name.partition(".")
            if method in vars(getattr(loaded, owner, object)):
                wrapt.wrap_function_wrapper(loaded, name, _before(f"{module}.{name}", dialect))

    return wrap


def _before(call: str, dialect: str) -> Any:
    def before(wrapped: Any, instance: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        if active.get() is not None:
            statement = args[0] if args else kwargs.get("query", kwargs.get("sql"))
            look_at_statement(_composed(statement, instance), call, dialect)
        return wrapped(*args, **kwargs)

    return before


def _composed(statement: Any, instance: Any) -> Any:
    """Return the text of a statement that a driver's ``sql`` module has put together: its literals are quoted there."""
    if isinstance(statement, str | bytes) or not hasattr(statement, "as_string"):
        return statement
    try:
        return statement.as_string(getattr(instance, "connection", instance))
    except (TypeError, ValueError, LookupError, AttributeError):
        return None


_PSYCOPG = ("execute", "executemany", "stream", "copy")


def _wrap_psycopg2(loaded: Any) -> None:
    base = loaded.extensions.cursor

    class CursorWatch:
        """Goes before a cursor class of psycopg2, whose own is of a C type."""

        def execute(self, query: Any, vars: Any = None) -> Any:  # noqa: A002 - the driver's name
            look_at_statement(_composed(query, self), "psycopg2.cursor.execute", "postgresql")
            return super().execute(query, vars)  # type: ignore[misc]

        def executemany(self, query: Any, vars_list: Any) -> Any:
            look_at_statement(_composed(query, self), "psycopg2.cursor.executemany", "postgresql")
            return super().executemany(query, vars_list)  # type: ignore[misc]

        def copy_expert(self, sql: Any, *args: Any, **kwargs: Any) -> Any:
            look_at_statement(_composed(sql, self), "psycopg2.cursor.copy_expert", "postgresql")
            return super().copy_expert(sql, *args, **kwargs)  # type: ignore[misc]

    @lru_cache(maxsize=64)
    def watched(factory: type[Any]) -> type[Any]:
        if not isinstance(factory, type) or issubclass(factory, CursorWatch):
            return factory
        return type(factory.__name__, (CursorWatch, factory), {})

    class ConnectionWatch:
        def cursor(self, name: Any = None, cursor_factory: Any = None, *args: Any, **kwargs: Any) -> Any:
            factory = watched(cursor_factory or self.cursor_factory or base)  # type: ignore[attr-defined]
            return super().cursor(name, factory, *args, **kwargs)  # type: ignore[misc]

    @lru_cache(maxsize=64)
    def watched_connection(factory: type[Any]) -> Any:
        if not isinstance(factory, type) or issubclass(factory, ConnectionWatch):
            return factory
        return type(factory.__name__, (ConnectionWatch, factory), {})

    def connect(wrapped: Any, _instance: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        if len(args) < 2:  # the second is the connection's class
            kwargs["connection_factory"] = watched_connection(
                kwargs.get("connection_factory") or loaded.extensions.connection
            )
        return wrapped(*args, **kwargs)

    wrapt.wrap_function_wrapper(loaded, "connect", connect)


_WRAPPERS: dict[str, Callable[[Any], None]] = {
    "psycopg": _wrap_methods(
        "psycopg",
        "postgresql",
        *(
            f"{kind}.{name}"
            for kind in (
                "Cursor",
                "AsyncCursor",
                "ClientCursor",
                "AsyncClientCursor",
                "ServerCursor",
                "AsyncServerCursor",
                "RawCursor",
            )
            for name in _PSYCOPG
        ),
    ),
    "psycopg2": _wrap_psycopg2,
    "pymysql.cursors": _wrap_methods("pymysql.cursors", "mysql", "Cursor.execute", "Cursor.executemany"),
    "pymysql.connections": _wrap_methods("pymysql.connections", "mysql", "Connection.query"),
    "MySQLdb.cursors": _wrap_methods(
        "MySQLdb.cursors", "mysql", "BaseCursor.execute", "BaseCursor.executemany"
    ),
    "MySQLdb.connections": _wrap_methods("MySQLdb.connections", "mysql", "Connection.query"),
    "mysql.connector.cursor": _wrap_methods(
        "mysql.connector.cursor", "mysql", "MySQLCursor.execute", "MySQLCursor.executemany"
    ),
    "mysql.connector.cursor_cext": _wrap_methods(
        "mysql.connector.cursor_cext", "mysql", "CMySQLCursor.execute", "CMySQLCursor.executemany"
    ),
    "asyncpg.connection": _wrap_methods(
        "asyncpg.connection",
        "postgresql",
        "Connection.execute",
        "Connection.fetch",
        "Connection.fetchrow",
        "Connection.fetchval",
    ),
    **libraries.WRAPPERS,
    **markup.WRAPPERS,
}
