"""While the audit asks an application for its pages, nothing may be changed: databases are read-only, so are files.

Installed once in the child process, before the application is imported; in force only while :meth:`ReadOnly.on` is. Python's audit hooks
cannot be taken away again, which is one of the reasons for the child process.
"""

from __future__ import annotations

import functools
import os
import re
import sqlite3
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

__all__ = ["ReadOnly", "WriteRefused"]

_READS = frozenset(
    {
        sqlite3.SQLITE_SELECT,
        sqlite3.SQLITE_READ,
        sqlite3.SQLITE_FUNCTION,
        sqlite3.SQLITE_PRAGMA,
        sqlite3.SQLITE_TRANSACTION,
        sqlite3.SQLITE_SAVEPOINT,
        sqlite3.SQLITE_RECURSIVE,
        sqlite3.SQLITE_CREATE_TEMP_TABLE,
        sqlite3.SQLITE_CREATE_TEMP_INDEX,
        sqlite3.SQLITE_CREATE_TEMP_VIEW,
        sqlite3.SQLITE_DROP_TEMP_TABLE,
    }
)
_REFUSED = frozenset(
    {
        "os.chmod",
        "os.chown",
        "os.link",
        "os.mkdir",
        "os.remove",
        "os.rename",
        "os.rmdir",
        "os.symlink",
        "os.truncate",
        "os.system",
        "os.exec",
        "os.posix_spawn",
        "os.spawn",
        "shutil.rmtree",
        "shutil.move",
        "shutil.copyfile",
        "subprocess.Popen",
    }
)
_READING_SQL = re.compile(
    r"[\s(]*(select|pragma|show|with|values|savepoint|release|rollback|begin|set)\b", re.IGNORECASE
)
_CHANGING_WITH = re.compile(r"\s*with\b.*\b(insert|update|delete|merge)\b", re.IGNORECASE | re.DOTALL)


class WriteRefused(PermissionError):
    """The application tried to change something while the audit was asking for a page."""


def _new_database(name: str) -> str:
    """Return the file that connecting to an SQLite database would make, or "": SQLite makes an empty one at once."""
    if name.startswith("file:"):
        address = urlsplit(name)
        name = unquote(address.path)
        if {"mode=ro", "mode=rw", "mode=memory"}.intersection(address.query.split("&")):
            return ""
    return "" if name in {"", ":memory:"} or Path(name).exists() else name


class ReadOnly:
    """Refuses changes while it is on, and remembers what was tried."""

    def __init__(self, root: Path) -> None:
        self._root = os.path.realpath(root) + os.sep  # may itself lie in the temporary folder
        self._on = False
        self._connections: list[
            sqlite3.Connection
        ] = []  # opened before: their statements are prepared already
        self._scratch = os.path.realpath(tempfile.gettempdir()) + os.sep
        self.refused: list[str] = []

    def install(self) -> None:
        """Start to watch. Before the application is imported, so that no connection is missed."""
        sys.addaudithook(self._hook)
        # Python's own event for a new SQLite connection comes before the connection can be given an authorizer.
        watched = self._watched(sqlite3.connect)
        sqlite3.connect = sqlite3.dbapi2.connect = watched  # type: ignore[assignment]

    def _watched(self, connect: Callable[..., sqlite3.Connection]) -> Callable[..., sqlite3.Connection]:
        @functools.wraps(connect)
        def watched(*arguments: Any, **keywords: Any) -> sqlite3.Connection:
            connection = connect(*arguments, **keywords)
            self._authorize(connection)
            if not self._on:
                self._connections.append(connection)
            return connection

        return watched

    def watch_sqlalchemy(self) -> None:
        """Refuse changes by SQLAlchemy on other databases than SQLite; after the application is imported."""
        if "sqlalchemy" not in sys.modules:
            return
        from sqlalchemy import Engine, event

        event.listen(Engine, "before_cursor_execute", self._statement)

    @contextmanager
    def on(self) -> Iterator[None]:
        self._on = True
        for connection in self._connections:
            self._authorize(connection)  # anew: SQLite then asks again for statements that are prepared
        self._connections.clear()
        try:
            yield
        finally:
            self._on = False

    def _hook(self, event: str, arguments: tuple[Any, ...]) -> None:
        if not self._on:
            return
        if event == "os.mkdir" and Path(os.fsdecode(arguments[0])).is_dir():
            return  # nothing would be made: the call answers that it is there
        if event in _REFUSED:
            self._refuse(event, arguments[0] if arguments else "")
        elif event == "open":
            path, _, flags = arguments
            writes = flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND)
            if writes and isinstance(path, str | bytes) and not self._is_scratch(os.fsdecode(path)):
                self._refuse("open for writing", os.fsdecode(path))
        elif event == "sqlite3.connect" and isinstance(arguments[0], str | bytes | os.PathLike):
            path = _new_database(os.fsdecode(arguments[0]))
            if path and not self._is_scratch(path):
                self._refuse("a new SQLite database", path)

    def _is_scratch(self, path: str) -> bool:
        real = os.path.realpath(path)
        return path == os.devnull or (real.startswith(self._scratch) and not real.startswith(self._root))

    def _authorize(self, connection: sqlite3.Connection) -> None:
        def authorize(action: int, *_: str | None) -> int:
            if self._on and action not in _READS:
                self.refused.append("a change of the SQLite database")
                return sqlite3.SQLITE_DENY
            return sqlite3.SQLITE_OK

        with suppress(sqlite3.Error):  # closed, or another thread's: it can do nothing here
            connection.set_authorizer(authorize)

    def _statement(self, connection: Any, cursor: Any, statement: str, *_: Any) -> None:
        if self._on and (not _READING_SQL.match(statement) or _CHANGING_WITH.match(statement)):
            self._refuse("SQL", statement.split(None, 1)[0] if statement.split() else "")

    def _refuse(self, what: str, subject: object) -> None:
        self.refused.append(f"{what} {subject}".strip())
        raise WriteRefused(f"refused while the audit asks for pages: {what} {subject}")
