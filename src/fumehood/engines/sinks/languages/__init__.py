"""How each interpreter reads its argument. A language answers one question: is the value inert where it stands?"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

__all__ = ["Language"]

_EDGES = re.compile(r"[^\w\s]+|\s+(?=\w)")


def _edges(text: str) -> list[int]:
    return [match.start() for match in _EDGES.finditer(text)]


@dataclass(frozen=True, slots=True)
class Language:
    """One interpreter's reading.

    Parameters:
        changes: says what the text between two places of a source changes, or "" when it is inert there.
        words: says where a single word has power, and which.
        edges: the places of a source where a token may begin or end outside of literals.
        core: narrows a part of a source to what stands between its outermost literals, which say nothing of who wrote it.
    """

    changes: Callable[[str, int, int], str]
    words: Callable[[str], Iterable[tuple[int, int, str]]] | None = None
    edges: Callable[[str], Sequence[int]] = _edges
    core: Callable[[str, int, int], tuple[int, int]] = lambda _, start, end: (start, end)
