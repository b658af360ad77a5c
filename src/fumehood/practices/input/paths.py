"""Paths built from a person's words stay inside their folder."""

from __future__ import annotations

import os
from pathlib import Path

from werkzeug.exceptions import NotFound
from werkzeug.security import safe_join as join_names

__all__ = ["safe_join"]

_LONGEST_NAME = 255  # bytes, on most file systems: to open a longer one is an error, not a miss


def safe_join(folder: str | os.PathLike[str], *parts: str) -> Path:
    """Join parts that a person named to a folder, and return the path; it is inside, whatever the parts say.

    Parameters:
        folder: the folder that must not be left; it is trusted.
        parts: names and relative paths with ``/``, as they come from an address or a form.

    Besides the names, symbolic links are followed: one inside the folder that leads out of it is refused too. Whoever can
    write into the folder while it is read can still exchange a name for a link after this check.

    Raises:
        werkzeug.exceptions.NotFound: for ``..``, absolute paths, NUL bytes, or a link that leads out (CWE-22, CWE-59; ASVS 5.3.2).
    """
    if any("\0" in part for part in parts):
        raise NotFound
    joined = join_names(os.fspath(folder), *parts)
    if joined is None:
        raise NotFound
    try:
        inside = Path(folder).resolve()
        path = Path(joined).resolve()
    except (OSError, RuntimeError, ValueError):
        # A loop of links, or a name that the file system cannot write.
        raise NotFound from None
    if not path.is_relative_to(inside) or any(len(os.fsencode(name)) > _LONGEST_NAME for name in path.parts):
        raise NotFound
    return path
