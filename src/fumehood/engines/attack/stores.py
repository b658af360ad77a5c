"""What the databases of the copy hold: SQLite files, and databases in memory, read by their own connections."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from weakref import ref

__all__ = ["Table", "files", "is_database", "remember", "rows", "tables", "write"]

_MAGIC = b"SQLite format 3\x00"
_ROWS = 1000
_MEMORIES = 20  # databases in memory that are read
_SMALLEST = 512  # bytes of a database file

# The sandbox adds what the application opens: paths of files, and connections to databases in memory.
opened: dict[str, None] = {}
in_memory: list[ref[Any]] = []
_looked: set[Path] = set()


@dataclass(frozen=True, slots=True)
class Table:
    """A table as it is now. ``where`` is the file, or begins with ":memory:"."""

    name: str
    columns: tuple[str, ...]
    rows: list[tuple[Any, ...]]
    where: str = ""


def tables(folder: Path, most: int = _ROWS) -> Iterator[Table]:
    """Yield the tables of all databases of a folder, by file and name."""
    for path in files(folder):
        with suppress(OSError, sqlite3.Error), closing(_connect(path)) as connection:
            yield from _tables(connection, most, path)
    for number, held in enumerate(list(in_memory)[-_MEMORIES:]):
        if (kept := held()) is not None:
            with suppress(sqlite3.Error):
                yield from _tables(kept, most, f":memory:{number}")


def files(folder: Path) -> list[str]:
    """Return the SQLite files of a folder: those found at first, and those that were opened since."""
    if folder not in _looked:
        _looked.add(folder)
        for place, _, names in os.walk(folder):
            for name in names:
                path = Path(place, name)
                with suppress(OSError):
                    if is_database(path):
                        opened[str(path)] = None
    inside = str(folder) + os.sep
    return sorted(path for path in opened if path.startswith(inside) and is_database(Path(path)))


def remember(database: str, connection: Any) -> None:
    """Note what the application has opened."""
    if database in {"", ":memory:"}:
        in_memory[:] = [held for held in in_memory if held() is not None]
        in_memory.append(ref(connection))
    else:
        opened[os.path.realpath(database)] = None


def rows(folder: Path) -> set[tuple[str, tuple[Any, ...]]]:
    """Return every row of every database, with its table's name."""
    return {(table.name, row) for table in tables(folder) for row in table.rows}


def is_database(path: Path) -> bool:
    """Tell whether a file is an SQLite database."""
    if path.is_symlink() or not path.is_file() or path.stat().st_size < _SMALLEST:
        return False
    with path.open("rb") as stream:
        return stream.read(16) == _MAGIC


def write(where: str, statement: str, values: tuple[Any, ...]) -> bool:
    """Change the copy of a database file. Returns whether that could be done."""
    with suppress(OSError, sqlite3.Error), closing(_connect(where)) as connection, connection:
        connection.execute(statement, values)
        return True
    return False


def _connect(path: str) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=1)
    connection.text_factory = lambda data: data.decode("utf-8", "replace")
    return connection


def _tables(connection: Any, most: int, where: str) -> Iterator[Table]:
    names = _rows(connection, "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")[1]
    for (name,) in names:
        quoted = name.replace('"', '""')
        columns, rows = _rows(connection, f'SELECT * FROM "{quoted}" LIMIT {int(most)}')  # noqa: S608 - the table's own name, quoted
        yield Table(name, columns, rows, where)


def _rows(connection: Any, statement: str) -> tuple[tuple[str, ...], list[tuple[Any, ...]]]:
    cursor = connection.cursor()
    cursor.row_factory = None
    try:
        cursor.execute(statement)
        return tuple(item[0] for item in cursor.description), [tuple(row) for row in cursor.fetchall()]
    finally:
        cursor.close()
