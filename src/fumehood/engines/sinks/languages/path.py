"""Paths: a value is inert while what it names stays beneath the folder that the program wrote before it."""

from __future__ import annotations

import os
import posixpath
import re
from collections.abc import Callable, Sequence

__all__ = ["could_escape", "escapes"]

_UPWARD = re.compile(r"(?:^|[/\\])\.\.(?:[/\\]|$)")
_CLIMBS = re.compile(r"\.\.+[/\\]+")


def could_escape(value: str) -> bool:
    """Tell whether a value could leave a folder at all: most values of a request cannot, and are never looked for."""
    return value.startswith(("/", "\\", "~")) or ".." in value


def escapes(path: str, value: str, roots: Sequence[str] = (), appended: Callable[[str], bool] = bool) -> str:
    """Say how a value made a path leave its folder, or "" when it did not (CWE-22).

    Parameters:
        path: the path as the call got it; it may have been normalised since the value was joined to it.
        value: a value of the request for which :func:`could_escape` is true.
        roots: folders that are the program's own to work in: a value that is the beginning of one chooses nothing.
        appended: tells whether the program may have put a text behind a value that is a path from the root.
    """
    if "\\" in value and os.sep == "/" and "\\" not in path:
        value = value.replace("\\", "/")
    value = value.rstrip("/")
    if not value:
        return "it is the root itself" if path and not path.strip("/") else ""
    if value.startswith("/") and value not in path:
        value = posixpath.normpath("/" + value.lstrip("/"))
    at = path.find(value)
    if at > 0:
        return _beyond(path, path[:at])
    if at == 0:
        return _from_root(path, value, roots, appended) if value.startswith("/") else _beyond(path, "")
    if value.startswith("~") and path == os.path.expanduser(value):  # noqa: PTH111 - as the program did it
        return "it is a path from somebody's home"
    return _climbed(path, value) if ".." in value else ""


def _from_root(path: str, value: str, roots: Sequence[str], appended: Callable[[str], bool]) -> str:
    tail = path[len(value) :]
    inside = value + "/"
    if tail and any(f"{root}/".startswith(inside) and path.startswith(root) for root in roots):
        return ""
    return "it is the whole path, from the root" if not tail or appended(tail.lstrip("/")) else ""


def _climbed(path: str, value: str) -> str:
    """Judge a value that was changed on its way: normalised, or cleaned of some of its dots."""
    if _UPWARD.search(path):
        wanted, got = _CLIMBS.split(value)[-1].lstrip("./\\"), _CLIMBS.split(path)[-1].lstrip("./")
        return "its .. leads upwards in the path" if wanted and got.startswith(wanted) else ""
    # /srv/files/../../etc/passwd has become /etc/passwd.
    if not _UPWARD.search(value):
        return ""
    tail = posixpath.normpath(posixpath.join("/", value)).lstrip("/")
    named = ("/" in tail or "." in tail) and value.lstrip("./") and path != value
    return (
        "its .. took the path out of the folder it was joined to"
        if named and path.endswith("/" + tail)
        else ""
    )


def _beyond(path: str, base: str) -> str:
    folder = posixpath.normpath(base if base.endswith("/") else posixpath.dirname(base) or ".")
    resolved = posixpath.normpath(path)
    if folder == ".":
        outside = resolved.startswith(("..", "/"))
    else:
        outside = resolved != folder and not resolved.startswith(folder.rstrip("/") + "/")
    return f"the path leaves {folder}" if outside else ""
