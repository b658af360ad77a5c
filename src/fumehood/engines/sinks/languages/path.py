"""Paths: a value is inert while what it names stays beneath the folder that the program wrote before it."""

from __future__ import annotations

import os
import posixpath
import re

__all__ = ["could_escape", "escapes"]

_UPWARD = re.compile(r"(?:^|[/\\])\.\.(?:[/\\]|$)")


def could_escape(value: str) -> bool:
    """Tell whether a value could leave a folder at all: most values of a request cannot, and are never looked for."""
    return value.startswith(("/", "\\", "~")) or "\0" in value or _UPWARD.search(value) is not None


def escapes(path: str, value: str) -> str:
    """Say how a value made a path leave its folder, or "" when it did not (CWE-22).

    Parameters:
        path: the path as the call got it; it may have been normalised since the value was joined to it.
        value: a value of the request for which :func:`could_escape` is true.
    """
    value = (
        value.replace("\\", "/").rstrip("/")
        if "\\" in value and os.sep == "/" and "\\" not in path
        else value
    )
    at = path.find(value)
    if at >= 0 and at + len(value.rstrip("/")) <= len(path):
        base = path[:at]
        if not base:
            return (
                "it is the whole path, from the root"
                if value.startswith("/") and value != "/"
                else _beyond(path, "")
            )
        return _beyond(path, base)
    # Normalised already: /srv/files/../../etc/passwd has become /etc/passwd.
    if _UPWARD.search(value) is None:
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
