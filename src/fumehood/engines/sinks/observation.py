"""What a sink saw: one value of one request that changed the meaning of one call."""

from __future__ import annotations

import dis
import inspect
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from types import CodeType, FrameType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Request

__all__ = ["CallSite", "Observation", "call_site"]

# Frames of these packages are the way to the call, not the place that is to be mended.
_PLUMBING = (
    "fumehood.engines.sinks", "importlib", "sqlite3", "sqlalchemy", "flask_sqlalchemy", "psycopg", "psycopg2", "pymysql",
    "peewee", "jinja2", "flask", "werkzeug", "subprocess", "os", "shutil", "pathlib", "posixpath", "genericpath", "io", "codecs", "tempfile",
    "requests", "urllib3", "urllib", "http", "httpx", "httpcore", "anyio", "socket", "ssl", "pickle", "yaml", "pymongo", "ldap3", "smtplib",
    "contextlib", "wrapt", "zipfile", "tarfile", "threading", "asyncio", "asgiref", "concurrent", "ldap", "MySQLdb", "multiprocessing", "gevent", "aiohttp", "shlex", "marshal", "shelve", "dbm", "posix", "defusedxml", "lxml", "elementpath", "xml", "xmltodict",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class CallSite:
    """The innermost line of the application's own code on the way to a call."""

    path: str
    line: int
    function: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line} in {self.function}"


@dataclass(frozen=True, slots=True)
class Observation:
    """One value of the current request that changes the meaning of a dangerous call.

    Parameters:
        sink: the language of the argument: "sql", "shell", "path", "url", "template", "code", "object", "nosql",
            "ldap", "xpath", "xml", "mail", "header".
        call: the public name of the call, as in ``sqlite3.Cursor.execute``.
        argument: the argument as the call got it, cut to 2,000 characters.
        source: where the value came from: "query", "form", "json", "path", "cookie", "header", "file", "body".
        parameter: its name there.
        value: the value, cut to 500 characters.
        why: what it changes, in words.
        site: the application's line that made the call, when there is one.
    """

    sink: str
    call: str
    argument: str
    source: str
    parameter: str
    value: str
    why: str
    site: CallSite | None
    request: Request | None = field(
        default=None, compare=False, repr=False
    )  # whose value it is; the call may be in another thread


def call_site(argument: str | None = None) -> CallSite | None:
    """Return the line that is to be mended: the innermost that is not of a library which only passes the call on.

    Parameters:
        argument: what the call was given. A function of the application that was itself given just that, such as a helper which runs
            any statement, is not to be mended, but the line that called it.
    """
    frame = sys._getframe(1)
    # An application that is itself installed beside its libraries is told apart from them by their names alone.
    innermost = _first(frame, lambda one: not _is_plumbing(one) and not _is_library(one)) or _first(
        frame, lambda one: not _is_plumbing(one)
    )
    if innermost is None:
        return None
    current: FrameType | None = innermost
    while argument and current is not None and _passes_on(current, argument):
        current = current.f_back
        if current is None or _is_plumbing(current) or _is_library(current):
            current = innermost  # it came so from outside, as a part of the path does
            break
    at = current or innermost
    return CallSite(at.f_code.co_filename, at.f_lineno, at.f_code.co_qualname)


def _first(frame: FrameType | None, wanted: Callable[[FrameType], bool]) -> FrameType | None:
    while frame is not None and not wanted(frame):
        frame = frame.f_back
    return frame


def _is_library(frame: FrameType) -> bool:
    return frame.f_code.co_filename.startswith(_libraries())


@lru_cache(maxsize=1)
def _libraries() -> tuple[str, ...]:
    import sysconfig

    places = sysconfig.get_paths()
    return tuple({places[name] + os.sep for name in ("stdlib", "platstdlib", "purelib", "platlib")})


def _is_plumbing(frame: FrameType) -> bool:
    name: str = frame.f_globals.get("__name__", "")
    return name.partition(".")[0] in _PLUMBING or name.startswith("fumehood.")


def _passes_on(frame: FrameType, argument: str) -> bool:
    """Tell whether a function was given a text as it is, by a parameter that it does not set."""
    code = frame.f_code
    named = code.co_argcount + code.co_kwonlyargcount
    many = bool(code.co_flags & inspect.CO_VARARGS) + bool(code.co_flags & inspect.CO_VARKEYWORDS)
    given = [
        frame.f_locals.get(name) for name in code.co_varnames[: named + many] if name not in _set_by(code)
    ]
    singles, lists = given[: len(given) - many], given[len(given) - many :]
    for item in lists:
        singles += item.values() if isinstance(item, dict) else item if isinstance(item, tuple) else ()
    return any(isinstance(item, str) and item == argument for item in singles)


def _set_by(code: CodeType) -> set[str]:
    names: set[str] = set()
    for step in dis.get_instructions(code):
        if step.opname.startswith("STORE_FAST"):
            names.update(step.argval if isinstance(step.argval, tuple) else (step.argval,))
    return names
