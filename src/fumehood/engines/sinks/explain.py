"""Tells a request's value apart from the program's own words that happen to read the same.

A search for "from users" finds those words in ``SELECT name FROM users``, which the program wrote. Before a value is called an
attack, the constants of the code on the stack are read: what the program wrote itself explains as many occurrences as
it wrote, and one more is the client's. All of it runs only when a value has been found, never on the usual path.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator
from types import CodeType, FrameType, UnionType
from typing import Any

__all__ = ["frames", "own_words", "remember_what_is_written"]

_HOLES = re.compile(r"%(?:\(\w+\))?[-#0-9.]*[sdrifx]|\{[^{}]*\}")
_written: dict[int, tuple[str, ...]] = {}  # by a module's namespace
_DEEPEST = 80
_TABLE = 500
# Packages whose own words are not the application's: theirs explain nothing of a statement, and socket knows an address by heart.
_SAY_NOTHING = frozenset({"flask", "werkzeug", "gunicorn", "socket", "http", "urllib", "urllib3", "requests", "httpx", "httpcore", "aiohttp",
    "asyncio", "ssl", "smtplib"})  # fmt: skip


def own_words(argument: str, value: str) -> int:
    """Return how many of the occurrences of ``value`` in ``argument`` the program wrote itself.

    Parameters:
        argument: the argument of the dangerous call.
        value: the text found in it, in the argument's own case.
    """
    whole = _compiled_by_sqlalchemy(value)
    if whole is not None:
        return argument.count(value) if whole else _count(argument, value)
    return _count(argument, value)


def _count(argument: str, value: str) -> int:
    pieces: set[str] = set()
    for frame in frames():
        for constant in _constants(frame):
            if value in constant and constant in argument:
                pieces.add(constant)  # whole, as it was written
            elif value in constant:
                pieces.update(
                    piece for piece in _HOLES.split(constant) if value in piece and piece in argument
                )
    # A piece inside a longer one is the same words once more, not more words.
    longest = [
        piece for piece in pieces if not any(piece is not other and piece in other for other in pieces)
    ]
    return sum(piece.count(value) for piece in longest)


def frames() -> Iterator[FrameType]:
    """Yield the frames on the stack down to the application's, the innermost first."""
    frame: FrameType | None = sys._getframe(2)
    for _ in range(_DEEPEST):
        # What called the application, a server or a test, wrote nothing of its statements.
        if frame is None or (
            frame.f_code.co_name == "wsgi_app" and frame.f_globals.get("__name__") == "flask.app"
        ):
            return
        yield frame
        frame = frame.f_back


def _constants(frame: FrameType) -> Iterator[str]:
    name = frame.f_globals.get("__name__", "")
    if name.partition(".")[0] in _SAY_NOTHING or name.startswith("fumehood.engines."):
        return
    yield from _of_code(frame.f_code)
    remembered = _written.get(id(frame.f_globals))
    if remembered is not None:
        yield from remembered
    else:
        yield from (item for item in list(frame.f_globals.values()) if _is(item, str))
    owner = frame.f_locals.get("self")
    if owner is not None:
        for item in list(vars(type(owner)).values()):
            yield from _strings(item)


def remember_what_is_written() -> None:
    """Note the texts that modules hold before any request: what is added to a list or table of theirs later may be a visitor's."""
    here = os.path.dirname(os.__file__) + os.sep  # noqa: PTH120 - on the way of the first request
    for module in list(sys.modules.values()):
        names = getattr(module, "__dict__", None)
        if not isinstance(names, dict) or id(names) in _written:
            continue
        file = names.get("__file__")
        if isinstance(file, str) and file.startswith(here) and "-packages" not in file:
            continue  # the standard library's
        _written[id(names)] = tuple(text for item in list(names.values()) for text in _strings(item))


def _strings(item: Any) -> Iterator[str]:
    """Yield the texts of a global: one, or a table of them, as of an application's statements by name."""
    if _is(item, str):
        yield item
    elif _is(item, dict):
        yield from (text for text in list(item.values())[:_TABLE] if _is(text, str))
    elif _is(item, list | tuple):
        yield from (text for text in item[:_TABLE] if _is(text, str))


def _is(item: Any, kind: type | UnionType) -> bool:
    """Ask the type itself: ``isinstance`` has a proxy, as ``flask.g`` is one, look for what it stands for."""
    return issubclass(type(item), kind)


def _of_code(code: CodeType) -> Iterator[str]:
    for constant in code.co_consts:
        if isinstance(constant, str):
            yield constant
        elif isinstance(constant, tuple | frozenset):
            yield from (item for item in constant if isinstance(item, str))


def _compiled_by_sqlalchemy(value: str) -> bool | None:
    """Tell whether SQLAlchemy made the whole statement, without text in which the value stands; None when it is not on the stack."""
    if "sqlalchemy" not in sys.modules:
        return None
    for frame in frames():
        if not frame.f_globals.get("__name__", "").startswith("sqlalchemy.engine"):
            continue
        context: Any = frame.f_locals.get("context")
        compiled = getattr(context, "compiled", None)
        if compiled is not None and getattr(compiled, "statement", None) is not None:
            return not any(value.lower() in text.lower() for text in _text_parts(compiled.statement))
    return None


def _text_parts(statement: Any) -> Iterator[str]:
    from sqlalchemy.sql import visitors
    from sqlalchemy.sql.elements import ColumnClause, TextClause

    for element in visitors.iterate(statement):
        if isinstance(element, TextClause):
            yield element.text
        elif isinstance(element, ColumnClause) and element.is_literal:
            yield str(element.name)
        for _, prefix_or_suffix in getattr(element, "_prefixes", ()) or ():
            yield str(prefix_or_suffix)
