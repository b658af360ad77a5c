"""What ``.gitignore`` files keep out of version control, for a folder that is in none yet: git itself is asked where there is one."""

from __future__ import annotations

from fnmatch import fnmatchcase
from functools import lru_cache
from pathlib import Path, PurePosixPath

__all__ = ["is_ignored"]


def is_ignored(base: Path, path: str) -> bool:
    """Tell whether a file would stay out of a repository at ``base``: the last pattern that fits it decides, as in git.

    Parameters:
        base: the project's folder.
        path: of a file in it, with slashes, relative to it.
    """
    ignored = False
    parts = PurePosixPath(path).parts
    for depth in range(len(parts)):
        folder = "/".join(parts[:depth])
        inside = parts[depth:]
        for pattern in _patterns(base / folder):
            if any(_fits(pattern, inside[: end + 1], end + 1 < len(inside)) for end in range(len(inside))):
                ignored = not pattern.startswith("!")
    return ignored


@lru_cache(maxsize=256)
def _patterns(folder: Path) -> tuple[str, ...]:
    try:
        lines = (folder / ".gitignore").read_text("utf-8", errors="replace").splitlines()
    except OSError:
        return ()
    return tuple(line.strip() for line in lines if line.strip() and not line.startswith("#"))


def _fits(pattern: str, parts: tuple[str, ...], is_folder: bool) -> bool:
    """Whether a pattern names a file, or the folder that leads to one; parts are seen from the pattern's own folder."""
    pattern = pattern.removeprefix("!")
    if pattern.endswith("/"):
        if not is_folder:
            return False
        pattern = pattern[:-1]
    if "/" not in pattern.removeprefix("**/"):
        return fnmatchcase(parts[-1], pattern.removeprefix("**/"))
    return fnmatchcase("/".join(parts), pattern.removeprefix("/").replace("**", "*"))
