"""POSIX shell: a value is inert while it stays part of one word and starts no expansion, redirection or command."""

from __future__ import annotations

import re
from collections.abc import Iterator

__all__ = ["changes", "commands", "is_shell"]

_SHELLS = re.compile(
    r"(?:.*/)?(?:ba|da|z|k|a|c|tc|fi)?sh|(?:.*[/\\])?(?:cmd|powershell|pwsh)(?:\.exe)?", re.IGNORECASE
)
_ACTIVE_BARE = frozenset(" \t\n;|&<>()$`\\\"'*?[]{}~#!^")
_ACTIVE_DOUBLE = frozenset('$`"\\')
# Where a command begins: at the start, after a separator, and within a substitution.
_COMMAND = re.compile(r"(?:^|[;|&(\n`])\s*(?:[\w]+=\S*\s+)*([\w./+-]+)")


def is_shell(program: str) -> bool:
    """Tell whether a program is a shell, which reads the argument after ``-c`` as a command."""
    return _SHELLS.fullmatch(program) is not None


def commands(command: str) -> Iterator[tuple[int, int, str]]:
    """Yield the words that name the programs to run."""
    for match in _COMMAND.finditer(command):
        if not _quoted(command, match.start(1)):
            yield match.start(1), match.end(1), "it chooses the program that is run"


def _quoted(command: str, place: int) -> bool:
    quote, index = "", 0
    while index < place:
        char = command[index]
        if char == "\\" and quote != "'":
            index += 1
        elif quote:
            quote = "" if char == quote else quote
        elif char in "'\"":
            quote = char
        index += 1
    return bool(quote)


def changes(command: str, start: int, end: int) -> str:
    """Say what the text between two places adds to a command, or "" when it is inert there (CWE-78)."""
    quote, opened, index = "", -1, 0
    while index < end:
        char = command[index]
        inside = index >= start
        if quote == "'":
            if char == "'":
                if inside and opened < start:
                    return "it ends the single quotes around it"
                quote = ""
        elif quote == '"':
            if char == '"' and opened >= start:
                quote = ""
            elif inside and char in _ACTIVE_DOUBLE:
                return f"the shell acts on its {char!r} inside double quotes"
            elif char == "\\":
                index += 1
            elif char == '"':
                quote = ""
        elif char in "'\"":
            quote, opened = char, index
        elif inside and char in _ACTIVE_BARE:
            return f"the shell acts on its {char!r}, which is not quoted"
        elif char == "\\":
            index += 1
        index += 1
    if quote and opened >= start:
        return "it opens quotes that it does not end"
    if not quote and any(
        first <= start < last or start <= first < end for first, last, _ in commands(command)
    ):
        return "it chooses the program that is run"
    return ""
