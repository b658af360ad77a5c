"""Hears whether an application matches regular expressions while it answers one request, itself or in the libraries that it chose."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

__all__ = ["Matched", "matching"]

# What is run for every request and statement, and is not the application's choice.
_INFRASTRUCTURE = frozenset(
    {
        "flask",
        "werkzeug",
        "jinja2",
        "markupsafe",
        "itsdangerous",
        "sqlalchemy",
        "flask_sqlalchemy",
        "fumehood",
    }
)
_STANDARD = sys.stdlib_module_names - {"re"}


class Matched:
    """Whether a pattern was matched within the block."""

    any = False


@contextmanager
def matching() -> Iterator[Matched]:
    """Listen to this thread's calls of the methods of patterns."""
    matched = Matched()

    def hear(frame: FrameType, event: str, function: Any) -> None:
        if (
            event == "c_call"
            and type(getattr(function, "__self__", None)).__name__ == "Pattern"
            and _is_chosen(frame)
        ):
            matched.any = True
            sys.setprofile(None)  # one is enough

    before = sys.getprofile()
    sys.setprofile(hear)
    try:
        yield matched
    finally:
        sys.setprofile(before)


def _is_chosen(frame: FrameType | None) -> bool:
    while frame is not None and _module(frame) == "re":
        frame = frame.f_back
    return frame is not None and _module(frame) not in _INFRASTRUCTURE and _module(frame) not in _STANDARD


def _module(frame: FrameType) -> str:
    return str(frame.f_globals.get("__name__", "")).partition(".")[0]
