"""Reading a project's thousands of files: a ``Path`` or a file object for each takes longer than the reading."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator

__all__ = ["NOT_ITS_OWN", "TESTS", "contents", "read_once"]

# Folders of a project that hold what was installed or built, and those that hold its tests.
NOT_ITS_OWN = frozenset(
    ["__pycache__", "node_modules", "site-packages", "dist-packages", "bower_components", "_build"]
)
TESTS = frozenset(["tests", "test", "testing"])

_AT_ONCE = 1 << 16
_known: dict[str, bytes] | None = None  # what was read, while it is kept


@contextlib.contextmanager
def read_once() -> Iterator[None]:
    """Keep what is read of each file: the engines and the suppressions look at the same ones."""
    global _known
    before, _known = _known, {}
    try:
        yield
    finally:
        _known = before


def contents(path: str, most: int = 1 << 62) -> bytes:
    """Return a file's bytes, at most so many.

    Raises:
        OSError: when it cannot be read.
    """
    known = _known.get(path) if _known is not None else None
    if known is None:
        known = _read(path, most)
        if _known is not None and len(known) < most:
            _known[path] = known
    return known[:most]


def _read(path: str, most: int) -> bytes:
    descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_BINARY", 0))
    try:
        parts = [os.read(descriptor, min(_AT_ONCE, most))]
        size = len(parts[0])
        while parts[-1] and size >= _AT_ONCE and size < most:  # a shorter first part is the whole
            parts.append(os.read(descriptor, min(1 << 24, most - size)))
            size += len(parts[-1])
        return parts[0] if len(parts) == 1 else b"".join(parts)
    finally:
        os.close(descriptor)
