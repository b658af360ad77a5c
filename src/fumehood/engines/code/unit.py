"""What comes out of one file: plain data, so that it crosses processes and is kept in the cache."""

from __future__ import annotations

from dataclasses import dataclass

from fumehood.engines.code.recorder import Bucket
from fumehood.findings import NotCovered

__all__ = ["Unit"]


@dataclass(slots=True)
class Unit:
    """What came out of one file.

    Parameters:
        path: the file.
        bucket: what was seen on its behalf.
        imports: the project's files that it depends on, directly or not; ``def name`` for methods that it looked for by name.
        not_covered: what of it could not be looked at.
        seconds: how long it took.
    """

    path: str
    bucket: Bucket
    imports: tuple[str, ...] = ()
    not_covered: tuple[NotCovered, ...] = ()
    seconds: float = 0.0
