"""Puts the copy of an application back as it was, between the phases of an attack."""

from __future__ import annotations

import os
import shutil
from contextlib import suppress
from pathlib import Path

__all__ = ["Kept"]


class Kept:
    """How a folder was: its files, kept beside it.

    Parameters:
        folder: what is put back.
        beside: an empty place outside of it.
    """

    def __init__(self, folder: Path, beside: Path) -> None:
        self.folder, self.beside = folder, beside
        self._was: dict[str, tuple[int, ...]] = {}
        self.keep()

    def keep(self) -> None:
        """Take how the folder is now for how it was."""
        shutil.rmtree(self.beside, ignore_errors=True)
        shutil.copytree(self.folder, self.beside, symlinks=True)
        self._was = _state(self.folder)

    def restore(self) -> None:
        """Put back what was changed or removed, and remove what is new.

        A changed file is written where it is: who has it open, such as a connection to SQLite, sees it as it was.
        """
        now = _state(self.folder)
        for name in sorted(now.keys() - self._was.keys(), reverse=True):
            _remove(self.folder / name)
        for name, was in sorted(self._was.items()):
            if now.get(name) != was:
                self._put_back(name, self.folder / name)
        self._was = _state(self.folder)

    def _put_back(self, name: str, path: Path) -> None:
        kept = self.beside / name
        if kept.is_dir() and not kept.is_symlink():
            if path.is_symlink() or not path.is_dir():
                _remove(path)
                path.mkdir()
        elif kept.is_symlink():
            _remove(path)
            path.symlink_to(kept.readlink())
            return
        elif path.is_file() and not path.is_symlink():
            path.chmod(0o600)
            with path.open("r+b") as stream:
                stream.write(kept.read_bytes())
                stream.truncate()
        else:
            _remove(path)
            shutil.copyfile(kept, path)
        shutil.copystat(kept, path)


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        with suppress(FileNotFoundError):
            path.unlink()


def _state(folder: Path) -> dict[str, tuple[int, ...]]:
    """Return what tells whether an entry was changed: kind and rights, number, and for files size and time."""
    found: dict[str, tuple[int, ...]] = {}
    waiting = [""]
    while waiting:
        within = waiting.pop()
        for entry in os.scandir(folder / within):
            name, about = f"{within}{entry.name}", entry.stat(follow_symlinks=False)
            found[name] = (about.st_mode, about.st_ino)
            if entry.is_dir(follow_symlinks=False):
                waiting.append(f"{name}/")
            else:
                found[name] += (about.st_size, about.st_mtime_ns, about.st_ctime_ns)
    return found
