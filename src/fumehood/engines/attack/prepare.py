"""Makes an application fresh from its repository ready for visitors, in the copy: tables, first rows.

What a person would do by hand after reading its documentation is tried in turn until the database holds something: the models'
tables, the application's commands, functions and scripts that are named for it, an SQL file, a route.
"""

from __future__ import annotations

import inspect
import os
import re
import runpy
import sqlite3
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, redirect_stdout, suppress
from functools import partial
from io import StringIO
from pathlib import Path
from typing import Any

from flask import Flask

from fumehood.engines.attack import stores
from fumehood.engines.attack.exchange import Wanted
from fumehood.engines.attack.surface import Entry
from fumehood.engines.attack.visitor import Stage, limit

__all__ = ["make_tables", "prepare"]

_MAKES = r"(init|initiali[sz]e|create|make|set_?up|build|prepare|reset|seed|populate|fill|load|add|insert|bootstrap|install)"
_WHAT = r"(db|dbs|database|databases|data|tables?|schema|users?|all|samples?|demo|fixtures?|sqlite|tests?|models?|default\w*|dummy\w*)"
_NAME = re.compile(
    rf"_?{_MAKES}[-_]?(the_|my_|app_)?(\w+[-_])?{_WHAT}|{_WHAT}[-_]?{_MAKES}|seed|seeds|populate|bootstrap",
    re.IGNORECASE,
)
_SECONDS = 20.0
_MOST = 12


def make_tables(app: Flask) -> None:
    """Make the tables of the models that the application has loaded."""
    database: Any = app.extensions.get("sqlalchemy")
    database = getattr(database, "db", database)  # Flask-SQLAlchemy 2 keeps a state around it
    if hasattr(database, "create_all"):
        with suppress(Exception), app.app_context():
            database.create_all()


def prepare(stage: Stage, entries: list[Entry], root: Path, scratch: Path) -> list[str]:
    """Try what fills an empty database. Returns what was done, in words."""
    done: list[str] = []
    for what, act in _ways(stage, entries, root, scratch):
        if _is_filled(scratch):
            break
        before = stores.rows(scratch), len(list(stores.tables(scratch, 0)))
        with suppress(Exception, SystemExit), redirect_stdout(StringIO()), limit(_SECONDS):
            act()
        if (stores.rows(scratch), len(list(stores.tables(scratch, 0)))) != before:
            done.append(what)
    return done


def _is_filled(scratch: Path) -> bool:
    return any(
        table.rows
        for table in stores.tables(scratch, 1)
        if not table.name.startswith(("sqlite_", "alembic_"))
    )


def _ways(
    stage: Stage, entries: list[Entry], root: Path, scratch: Path
) -> Iterator[tuple[str, Callable[[], Any]]]:
    # A first visit: many applications make what they need then, and tell where their database is.
    visits = [entry.rule for entry in entries if entry.method == "GET" and "<" not in entry.rule]
    for rule in visits[:_MOST]:
        yield f"GET {rule}", partial(_ask, stage, Wanted("GET", rule))
    yield from _commands(stage.app)
    yield from _functions(stage.app, root)
    yield from _scripts(root)
    yield from _schemas(root, scratch)
    for entry in entries:
        if "<" not in entry.rule and any(_NAME.fullmatch(part) for part in _names(entry)):
            yield (
                str(entry),
                partial(_ask, stage, Wanted(entry.method, entry.rule)),
            )


def _ask(stage: Stage, wanted: Wanted) -> None:
    stage.people[""].again().send(wanted)


def _names(entry: Entry) -> list[str]:
    return [
        entry.rule.strip("/").rpartition("/")[2],
        entry.endpoint.rpartition(".")[2],
        entry.rule.strip("/").replace("/", "_"),
    ]


def _commands(app: Flask) -> Iterator[tuple[str, Callable[[], Any]]]:
    commands = [name for name in sorted(app.cli.commands) if _NAME.fullmatch(name.replace("-", "_"))]
    for name in commands[:_MOST]:
        yield f"flask {name}", partial(app.test_cli_runner().invoke, args=[name], input="y\ny\n")


def _functions(app: Flask, root: Path) -> Iterator[tuple[str, Callable[[], Any]]]:
    found = []
    for module in list(sys.modules.values()):
        file = getattr(module, "__file__", None)
        if not file or not Path(file).is_relative_to(root) or "site-packages" in file:
            continue
        for name, value in list(vars(module).items()):
            if (
                inspect.isfunction(value)
                and value.__module__ == module.__name__
                and _NAME.fullmatch(name)
                and _takes_nothing(value)
            ):
                found.append((module.__name__, name, value))
    for module_name, name, value in sorted(found, key=lambda item: item[:2])[:_MOST]:

        def act(value: Any = value) -> None:
            with app.test_request_context():
                value()

        yield f"{module_name}.{name}()", act


def _takes_nothing(function: Any) -> bool:
    return all(
        parameter.default is not parameter.empty or parameter.kind in {parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD}
        for parameter in inspect.signature(function).parameters.values()
    )  # fmt: skip


def _scripts(root: Path) -> Iterator[tuple[str, Callable[[], Any]]]:
    loaded = {getattr(module, "__file__", None) for module in list(sys.modules.values())}
    for path in sorted((*root.glob("*.py"), *root.glob("*/*.py"))):
        if _NAME.fullmatch(path.stem) and str(path) not in loaded:

            def act(path: Path = path) -> None:
                here = Path.cwd()
                os.chdir(path.parent)
                try:
                    runpy.run_path(str(path), run_name="__main__")
                finally:
                    os.chdir(here)

            yield f"python {path.relative_to(root)}", act


def _schemas(root: Path, scratch: Path) -> Iterator[tuple[str, Callable[[], Any]]]:
    for path in sorted((*root.glob("*.sql"), *root.glob("*/*.sql"), *root.glob("*/*/*.sql")))[:_MOST]:
        script = path.read_text("utf-8", "replace")
        if "create table" not in script.lower():
            continue

        def act(script: str = script) -> None:
            for database in sorted(stores.opened):
                if database.startswith(str(scratch)):
                    with suppress(sqlite3.Error), closing(sqlite3.connect(database)) as connection:
                        connection.executescript(script)

        yield f"{path.relative_to(root)}", act
