"""Reads from a program's source which of its values are passwords: by what they are called, where nothing else can tell."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fumehood.engines.code import Argument

__all__ = ["is_password", "names_password", "plain_password"]

_PASSWORD = re.compile(
    r"(^|_)(new_?|old_?|user_?|confirm_?)?(pass(word|wd|phrase|code|wrd|w)?|pwd|pw|psw)[12]?$", re.IGNORECASE
)
_ABOUT = re.compile(
    r"hash|digest|salt|reset|token|forgot|file|hint|url|path|field|form|length|crypt|wrong|bad", re.IGNORECASE
)


def is_password(name: str) -> bool:
    """Tell whether what has this name is a password itself, not its hash or something about it."""
    last = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name.rpartition(".")[2])
    return _PASSWORD.search(last) is not None and _ABOUT.search(last) is None


def names_password(names: Iterable[str]) -> bool:
    return any(is_password(name) for name in names)


def plain_password(value: Argument) -> bool:
    """Tell whether a value is the password that a request brings, neither hashed nor handed through what is not known."""
    return any(
        is_password(taint.source.param or "".join(taint.part[-1:]))
        and not {"*", "via:unknown", "via:exception"} & taint.removed
        for taint in value.tainted_by("request")
    )
