"""sqlite3, whose classes cannot be changed in place: its connections are made of a class that hears of every statement.

A connection keeps the statements that it has prepared. For one that it does not know it calls itself with the text, to prepare
it: there each statement is looked at once for each connection, and one that is known costs nothing at all. Where an
interpreter prepares statements in another way, every call of ``execute`` is looked at.
"""

from __future__ import annotations

import sqlite3
import sys
from collections.abc import Callable
from functools import lru_cache
from typing import Any

__all__ = ["keep_nothing", "wrap"]

_FACTORY, _CACHED = 5, 6  # places of these parameters of sqlite3.connect

_connect = sqlite3.connect
_connection_cursor = sqlite3.Connection.cursor
_look: Callable[[Any, str, str], None] = lambda *_: None  # noqa: E731 - set by wrap
_kept: dict[
    str, int
] = {}  # how many statements connections keep, when that is not for the application to say


def keep_nothing() -> None:
    """Look at every call from now on, also of a statement that its connection knows: for those who only watch."""
    _kept["cached_statements"] = 0


class _CursorWatch:
    """Goes before a cursor class. A script is prepared without asking the connection."""

    __slots__ = ()

    def executescript(self, script: Any) -> Any:
        _look(script, "sqlite3.Cursor.executescript", "sqlite")
        return super().executescript(script)  # type: ignore[misc]


class _EveryCall(_CursorWatch):
    """Where connections do not say what they prepare."""

    __slots__ = ()

    def execute(self, statement: Any, *parameters: Any) -> Any:
        _look(statement, "sqlite3.Cursor.execute", "sqlite")
        return super().execute(statement, *parameters)  # type: ignore[misc]

    def executemany(self, statement: Any, *parameters: Any) -> Any:
        _look(statement, "sqlite3.Cursor.executemany", "sqlite")
        return super().executemany(statement, *parameters)  # type: ignore[misc]


class _ConnectionWatch:
    """Goes before a connection class."""

    def __call__(self, statement: Any) -> Any:
        _look(statement, "sqlite3.Cursor.execute", "sqlite")
        return super().__call__(statement)  # type: ignore[misc]

    def cursor(self, factory: Any = sqlite3.Cursor) -> Any:
        return super().cursor(_watched_cursor(factory))  # type: ignore[misc]


def _prepares_by_calling() -> bool:
    heard = []

    class Asked(sqlite3.Connection):
        def __call__(self, statement: Any) -> Any:
            heard.append(statement)
            return super().__call__(statement)

    connection = _connect(":memory:", factory=Asked)
    try:
        connection.execute("SELECT 1")
    finally:
        connection.close()
    return heard == ["SELECT 1"]


_BEFORE = _CursorWatch if _prepares_by_calling() else _EveryCall


@lru_cache(maxsize=64)
def _watched_cursor(factory: type[Any]) -> type[Any]:
    if not isinstance(factory, type) or issubclass(factory, _CursorWatch):
        return factory
    return type(factory.__name__, (_BEFORE, factory), {"__slots__": ()})


_USUAL_CURSOR = _watched_cursor(sqlite3.Cursor)


class _UsualConnection(_ConnectionWatch, sqlite3.Connection):
    # The usual class: without the look-up of the cursor's class, which every query would pay.
    def cursor(self, factory: Any = _USUAL_CURSOR) -> Any:
        return _connection_cursor(self, factory if factory is _USUAL_CURSOR else _watched_cursor(factory))


@lru_cache(maxsize=64)
def _watched_connection(factory: type[Any]) -> type[Any]:
    if not isinstance(factory, type) or issubclass(factory, _ConnectionWatch):
        return factory
    if factory is sqlite3.Connection:
        return _UsualConnection
    return type(factory.__name__, (_ConnectionWatch, factory), {})


def _watched_connect(*args: Any, **kwargs: Any) -> sqlite3.Connection:
    """``sqlite3.connect``, with connections whose statements are looked at."""
    if len(args) > _FACTORY:
        args = (*args[:_FACTORY], _watched_connection(args[_FACTORY]), *args[_FACTORY + 1 :])
    else:
        kwargs["factory"] = _watched_connection(kwargs.get("factory", sqlite3.Connection))
    if _kept and len(args) > _CACHED:
        args = (*args[:_CACHED], 0, *args[_CACHED + 1 :])
    elif _kept:
        kwargs.update(_kept)
    connection: sqlite3.Connection = _connect(*args, **kwargs)
    return connection


def wrap(look: Callable[[Any, str, str], None]) -> None:
    """Make connections of watched classes from now on, also where `from sqlite3 import connect` came before.

    Parameters:
        look: is given each statement, the name of the call, and the dialect.
    """
    global _look
    _look = look
    _watched_connect.__wrapped__ = _connect  # type: ignore[attr-defined]
    for module in list(sys.modules.values()):
        names = getattr(module, "__dict__", None)
        if isinstance(names, dict) and module.__name__ != __name__:
            for name in [name for name, item in list(names.items()) if item is _connect]:
                setattr(module, name, _watched_connect)
