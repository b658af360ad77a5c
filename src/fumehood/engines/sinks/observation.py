"""What a sink saw: one value of one request that changed the meaning of one call."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from types import FrameType
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


def call_site(frame: FrameType | None = None) -> CallSite | None:
    """Return the innermost frame that is not of a library that only passes the call on."""
    frame = frame or sys._getframe(1)
    current: FrameType | None = frame
    while current is not None:
        package = current.f_globals.get("__name__", "").partition(".")[0]
        name = current.f_globals.get("__name__", "")
        if package not in _PLUMBING and not name.startswith("fumehood."):
            return CallSite(current.f_code.co_filename, current.f_lineno, current.f_code.co_qualname)
        current = current.f_back
    return None
