"""How often the garbage collector looks, while an audit runs."""

from __future__ import annotations

import contextlib
import gc
from collections.abc import Iterator

__all__ = ["seldom_collected"]


@contextlib.contextmanager
def seldom_collected() -> Iterator[None]:
    """Let the garbage collector look less often: modules, syntax trees and facts are many objects and no cycles."""
    before = gc.get_threshold()
    gc.set_threshold(100_000, 20, 20)
    try:
        yield
    finally:
        gc.set_threshold(*before)
