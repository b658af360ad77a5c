"""Dangerous calls that Python does not announce: public functions of drivers and libraries, wrapped when they are imported."""

from __future__ import annotations

import sqlite3
import sys
import threading
from collections.abc import Callable
from functools import lru_cache, partial
from typing import Any

import wrapt

from fumehood.engines.sinks import markup
from fumehood.engines.sinks.inputs import Value
from fumehood.engines.sinks.languages import sql, template
from fumehood.engines.sinks.watch import Watch, active

__all__ = ["look_at_statement", "wrap_drivers"]

_lock = threading.Lock()
_done = threading.Event()

_CHANGES: dict[str, Callable[[str, int, int], str]] = {
    dialect: partial(sql.changes, dialect=dialect) for dialect in ("sqlite", "postgresql", "mysql")
}


def look_at_statement(statement: Any, call: str, dialect: str) -> None:
    """Look at one SQL statement before its driver gets it. On the path of every query: two look-ups for one seen before."""
    watch = active.get()
    if watch is None:
        return
    if isinstance(statement, bytes):
        statement = statement.decode("utf-8", "replace")
    if not isinstance(statement, str) or statement in watch.known:
        return  # a composed statement of the driver's own kind is parameterised by construction
    watch.guarded(lambda: watch.text("sql", call, statement, _CHANGES[dialect]))


def wrap_drivers() -> None:
    """Wrap what is imported already, and the rest when it is. Once per process."""
    with _lock:
        if _done.is_set():
            return
        _done.set()
    _wrap_sqlite()
    for module, wrap in _WRAPPERS.items():
        wrapt.register_post_import_hook(wrap, module)


# --- sqlite3 ------------------------------------------------------------------------------------------------------------

_cursor_execute = sqlite3.Cursor.execute
_connection_cursor = sqlite3.Connection.cursor
_connect = sqlite3.connect


class _CursorWatch:
    """Goes before a cursor class of sqlite3, whose methods cannot be replaced in place."""

    def execute(self, statement: Any, *parameters: Any) -> Any:
        look_at_statement(statement, "sqlite3.Cursor.execute", "sqlite")
        return super().execute(statement, *parameters)  # type: ignore[misc]

    def executemany(self, statement: Any, *parameters: Any) -> Any:
        look_at_statement(statement, "sqlite3.Cursor.executemany", "sqlite")
        return super().executemany(statement, *parameters)  # type: ignore[misc]

    def executescript(self, script: Any) -> Any:
        look_at_statement(script, "sqlite3.Cursor.executescript", "sqlite")
        return super().executescript(script)  # type: ignore[misc]


class _WatchedCursor(_CursorWatch, sqlite3.Cursor):
    # The usual class, and the usual call: one frame, no super(), the look-ups inline.
    def execute(self, statement: Any, *parameters: Any) -> Any:
        watch = active.get()
        if watch is not None and statement not in watch.known:
            look_at_statement(statement, "sqlite3.Cursor.execute", "sqlite")
        return _cursor_execute(self, statement, *parameters)


@lru_cache(maxsize=64)
def _watched_cursor(factory: type[Any]) -> type[Any]:
    if not isinstance(factory, type) or issubclass(factory, _CursorWatch):
        return factory
    return (
        _WatchedCursor if factory is sqlite3.Cursor else type(factory.__name__, (_CursorWatch, factory), {})
    )


class _ConnectionWatch:
    """Goes before a connection class of sqlite3, whose own ``execute`` methods make a cursor that is not watched."""

    def cursor(self, factory: Any = sqlite3.Cursor) -> Any:
        return super().cursor(_watched_cursor(factory))  # type: ignore[misc]

    def execute(self, statement: Any, *parameters: Any) -> Any:
        return self.cursor().execute(statement, *parameters)

    def executemany(self, statement: Any, *parameters: Any) -> Any:
        return self.cursor().executemany(statement, *parameters)

    def executescript(self, script: Any) -> Any:
        return self.cursor().executescript(script)


class _WatchedConnection(_ConnectionWatch, sqlite3.Connection):
    # The usual class again: without the look-up of the cursor's class, which every query would pay.
    def cursor(self, factory: Any = _WatchedCursor) -> Any:
        return _connection_cursor(self, factory if factory is _WatchedCursor else _watched_cursor(factory))

    def execute(self, statement: Any, *parameters: Any) -> Any:
        watch = active.get()
        if watch is not None and statement not in watch.known:
            look_at_statement(statement, "sqlite3.Connection.execute", "sqlite")
        return _cursor_execute(_connection_cursor(self, _WatchedCursor), statement, *parameters)


@lru_cache(maxsize=64)
def _watched_connection(factory: type[Any]) -> type[Any]:
    if not isinstance(factory, type) or issubclass(factory, _ConnectionWatch):
        return factory
    return (
        _WatchedConnection
        if factory is sqlite3.Connection
        else type(factory.__name__, (_ConnectionWatch, factory), {})
    )


def _watched_connect(*args: Any, **kwargs: Any) -> sqlite3.Connection:
    """``sqlite3.connect``, with connections whose statements are looked at."""
    if len(args) > 5:
        args = (*args[:5], _watched_connection(args[5]), *args[6:])
    else:
        kwargs["factory"] = _watched_connection(kwargs.get("factory", sqlite3.Connection))
    connection: sqlite3.Connection = _connect(*args, **kwargs)
    return connection


def _wrap_sqlite() -> None:
    _watched_connect.__wrapped__ = _connect  # type: ignore[attr-defined]
    for module in list(sys.modules.values()):
        # Also where `from sqlite3 import connect` has taken it before the hood came.
        names = getattr(module, "__dict__", None)
        if isinstance(names, dict) and module.__name__ != __name__:
            for name in [name for name, item in list(names.items()) if item is _connect]:
                setattr(module, name, _watched_connect)


# --- other drivers and libraries ----------------------------------------------------------------------------------------


def _wrap_method(module: str, name: str, dialect: str, argument: str) -> Callable[[Any], None]:
    call = f"{module}.{name}"

    def before(wrapped: Any, _instance: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        look_at_statement(args[0] if args else kwargs.get(argument), call, dialect)
        return wrapped(*args, **kwargs)

    def wrap(loaded: Any) -> None:
        owner, _, method = name.rpartition(".")
        if hasattr(getattr(loaded, owner, None), method):
            wrapt.wrap_function_wrapper(loaded, name, before)

    return wrap


def _wrap_psycopg(loaded: Any) -> None:
    for name in ("Cursor.execute", "Cursor.executemany", "AsyncCursor.execute", "ClientCursor.execute"):
        owner, _, method = name.partition(".")
        if method in vars(getattr(loaded, owner, object)):
            _wrap_method("psycopg", name, "postgresql", "query")(loaded)


def _wrap_psycopg2(loaded: Any) -> None:
    base = loaded.extensions.cursor

    class WatchedCursor(base):  # type: ignore[misc,valid-type]
        def execute(self, query: Any, vars: Any = None) -> Any:  # noqa: A002 - the driver's name
            look_at_statement(query, "psycopg2.cursor.execute", "postgresql")
            return super().execute(query, vars)

        def executemany(self, query: Any, vars_list: Any) -> Any:
            look_at_statement(query, "psycopg2.cursor.executemany", "postgresql")
            return super().executemany(query, vars_list)

    def connect(wrapped: Any, _instance: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        kwargs.setdefault("cursor_factory", WatchedCursor)
        return wrapped(*args, **kwargs)

    wrapt.wrap_function_wrapper(loaded, "connect", connect)


def _wrap_jinja(loaded: Any) -> None:
    def before(wrapped: Any, instance: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        watch = active.get()
        source = args[0] if args else kwargs.get("source")
        if watch is not None and isinstance(source, str) and source not in watch.known:
            starts = (
                instance.variable_start_string,
                instance.block_start_string,
                instance.comment_start_string,
            )
            watch.guarded(
                lambda: watch.text(
                    "template",
                    "jinja2.Environment.from_string",
                    source,
                    lambda text, start, end: template.changes(text, start, end, starts),
                )
            )
        return wrapped(*args, **kwargs)

    wrapt.wrap_function_wrapper(loaded, "Environment.from_string", before)


def _wrap_yaml(loaded: Any) -> None:
    def before(wrapped: Any, _instance: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        watch = active.get()
        if watch is not None and args:
            watch.guarded(lambda: _object_named(watch, "yaml.load", str(args[0])))
        return wrapped(*args, **kwargs)

    for name in ("FullConstructor.find_python_name", "FullConstructor.find_python_module"):
        wrapt.wrap_function_wrapper(loaded, name, before)


def _object_named(watch: Watch, call: str, name: str) -> None:
    for value in watch.inputs().values():
        if name and name in value.text:
            watch.report("object", call, name, value, f"it makes the loader import {name}")
            return


def _wrap_pymongo(loaded: Any) -> None:
    def before(wrapped: Any, _instance: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        watch = active.get()
        if watch is not None:
            watch.guarded(
                lambda: _operators(
                    watch, f"pymongo.Collection.{wrapped.__name__}", (*args[:2], *kwargs.values())
                )
            )
        return wrapped(*args, **kwargs)

    for name in ("find", "find_one", "update_one", "update_many", "delete_one", "delete_many", "replace_one", "count_documents", "aggregate",
                 "find_one_and_update", "find_one_and_delete", "find_one_and_replace", "distinct"):  # fmt: skip
        if hasattr(loaded.Collection, name):
            wrapt.wrap_function_wrapper(loaded, f"Collection.{name}", before)


def _operators(watch: Watch, call: str, arguments: tuple[Any, ...]) -> None:
    inputs = watch.inputs()
    inputs.values()
    for name, chosen in inputs.objects:
        operators = [key for key in chosen if isinstance(key, str) and key.startswith("$")]
        if operators and any(_contains(argument, chosen) for argument in arguments):
            value = Value("json", name, str(chosen)[:500], "")
            watch.report(
                "nosql",
                call,
                str(arguments[0]),
                value,
                f"it is an object with the operator {operators[0]} where a plain value was meant",
            )
            return


def _contains(document: Any, part: Any, depth: int = 0) -> bool:
    if depth > 16:
        return False
    if document == part:
        return True
    if isinstance(document, dict):
        return any(_contains(item, part, depth + 1) for item in document.values())
    return isinstance(document, list | tuple) and any(_contains(item, part, depth + 1) for item in document)


_WRAPPERS: dict[str, Callable[[Any], None]] = {
    "psycopg": _wrap_psycopg,
    "psycopg2": _wrap_psycopg2,
    "pymysql.cursors": _wrap_method("pymysql.cursors", "Cursor.execute", "mysql", "query"),
    "MySQLdb.cursors": _wrap_method("MySQLdb.cursors", "BaseCursor.execute", "mysql", "query"),
    "jinja2.environment": _wrap_jinja,
    "yaml.constructor": _wrap_yaml,
    "pymongo.collection": _wrap_pymongo,
    **markup.WRAPPERS,
}
