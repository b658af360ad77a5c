"""Tells whether a key travels with the source: in a file that git tracks or that the application's package ships."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

from flask import Flask

from fumehood.practices.secrets.keyfile import Key

__all__ = ["file_in_source", "key_in_source"]

# What people keep settings in. The bounds keep the look at start-up within a fraction of a second.
_ENDINGS = {
    ".py",
    ".cfg",
    ".ini",
    ".toml",
    ".json",
    ".yaml",
    ".yml",
    ".env",
    ".conf",
    ".properties",
    ".sh",
    ".txt",
}
_LARGEST = 256 * 1024
_MOST_FILES = 3000
_SHORTEST_SOUGHT = 8
_PASSED_OVER = {".git", ".venv", "venv", "node_modules", "__pycache__", ".tox", "site-packages"}


def file_in_source(path: Path, app: Flask) -> str:
    """Return why a key file travels with the source, as the end of a sentence that starts with its name, or ""."""
    root = _work_tree(path.parent)
    if root is not None:
        if _git(root, "ls-files", "--error-unmatch", "--", str(path)) == 0:
            return "is tracked by git"
        if _git(root, "check-ignore", "-q", "--", str(path)) == 1:
            return f"lies in the git work tree {root} and is not ignored, so one `git add` publishes it"
    package = Path(app.root_path)
    if (
        (package / "__init__.py").exists()
        and path.is_relative_to(package)
        and not path.is_relative_to(app.instance_path)
    ):
        return f"lies in the package of the application ({package}), so it ships with it"
    return ""


def key_in_source(key: Key, app: Flask) -> Path | None:
    """Return the file of the application's package, or tracked in its git work tree, in which a key stands, or None."""
    sought = bytes(key)
    if len(sought) < _SHORTEST_SOUGHT:
        return None
    spellings = {sought, repr(key.text)[1:-1].encode("utf-8", "replace"), repr(sought)[2:-1].encode()}
    for path in _sources(app):
        try:
            if path.stat().st_size > _LARGEST:
                continue
            content = path.read_bytes()
        except OSError:
            continue
        if any(spelling in content for spelling in spellings):
            return path
    return None


def _sources(app: Flask) -> Iterator[Path]:
    """Yield the files of the package and, where there is one, those that git tracks around it; a bounded number."""
    package = Path(app.root_path)
    count = 0
    root = _work_tree(package)
    tracked = _tracked(root) if root is not None else None
    for path in tracked if tracked is not None else _files(package):
        if path.suffix in _ENDINGS or path.name.startswith(".env"):
            count += 1
            if count > _MOST_FILES:
                return
            yield path


def _files(package: Path) -> Iterator[Path]:
    # Without git a module beside other things is not a package: only its own Python files count, an .env beside it does not.
    whole = (package / "__init__.py").exists()
    for folder, folders, names in os.walk(package):
        folders[:] = (
            [name for name in folders if name not in _PASSED_OVER and not name.startswith(".")]
            if whole
            else []
        )
        for name in names:
            if whole or name.endswith(".py"):
                yield Path(folder, name)


def _tracked(root: Path) -> list[Path] | None:
    git = shutil.which("git")
    if git is None:
        return None
    answer = subprocess.run(  # noqa: S603 -- a fixed command, no shell
        [git, "-C", str(root), "ls-files", "-z"], capture_output=True, check=False, timeout=10
    )
    if answer.returncode:
        return None
    return [root / os.fsdecode(name) for name in answer.stdout.split(b"\0") if name]


def _work_tree(folder: Path) -> Path | None:
    folder = folder.absolute()
    return next((parent for parent in (folder, *folder.parents) if (parent / ".git").exists()), None)


def _git(root: Path, *arguments: str) -> int:
    """Return git's exit status; -1 where there is no git to ask."""
    git = shutil.which("git")
    if git is None:
        return -1
    return subprocess.run(  # noqa: S603 -- a fixed command, no shell
        [git, "-C", str(root), *arguments], capture_output=True, check=False, timeout=10
    ).returncode
