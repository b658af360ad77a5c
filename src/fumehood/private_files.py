"""Files that only the application may read, written whole or not at all."""

from __future__ import annotations

import contextlib
import os
import secrets
from collections.abc import Iterator
from pathlib import Path

from fumehood.settings import ConfigurationError

__all__ = ["locked", "private_folder", "replace_whole", "write_whole"]

_TEMPORARY = ".writing"


def private_folder(path: Path) -> Path:
    """Make a folder of mode 0700 that version control leaves alone, and return it.

    Raises:
        ConfigurationError: if it cannot be made.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with contextlib.suppress(FileExistsError):
            path.mkdir(mode=0o700)
        if path.stat().st_mode & 0o077:
            path.chmod(0o700)
        ignore = path / ".gitignore"
        if not ignore.exists():
            write_whole(ignore, b"*\n")
    except OSError as error:
        raise ConfigurationError(
            f"The folder {path} cannot be made or kept private: {error.strerror}. "
            "Give the application a folder that it owns: Flask(..., instance_path=...)."
        ) from error
    return path


def write_whole(path: Path, content: bytes, mode: int = 0o600) -> None:
    """Write a file so that a reader, a crash or a full disk sees the old content or the new, never a part.

    Parameters:
        path: the file; its folder must exist.
        content: all of its bytes.
        mode: its permissions, from the moment it exists.

    Raises:
        ConfigurationError: if it cannot be written; the old content is still there.
    """
    try:
        replace_whole(path, content, mode)
    except OSError as error:
        raise ConfigurationError(
            f"{path} could not be written: {error.strerror}. Nothing was changed. "
            "Make room on the disk, or give the application write permission to the folder, and try again."
        ) from error


def replace_whole(path: Path, content: bytes, mode: int) -> None:
    """Do what :func:`write_whole` does, without words of its own.

    What is there and is no file (``/dev/null``, ``/dev/stdout``, a pipe) is written to: put a file in its place, and the whole machine
    has lost its ``/dev/null``.

    Raises:
        OSError: if it cannot be written; the old content is still there.
    """
    if path.exists() and not path.is_file():
        with path.open("wb", buffering=0) as place:
            place.write(content)
        return
    path = path.resolve()  # through links: the file that they lead to is meant
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(6)}{_TEMPORARY}")
    try:
        descriptor = os.open(
            temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), mode
        )
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
        _sync_folder(path.parent)
    except BaseException:
        with contextlib.suppress(OSError):
            temporary.unlink()
        raise


@contextlib.contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold a lock among all processes of this machine; it ends with the process, however that ends.

    Parameters:
        path: the lock's own file, made when missing. Files that a killed writer left beside it are cleared away.

    Raises:
        ConfigurationError: if the lock's file cannot be made.
    """
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise ConfigurationError(
            f"{path} could not be made: {error.strerror}. Give the application write permission to {path.parent}."
        ) from error
    try:
        _lock(descriptor)
        stem = path.name.removesuffix(".lock")
        for left_over in path.parent.glob(f".{stem}.*{_TEMPORARY}"):
            with contextlib.suppress(OSError):
                left_over.unlink()
        yield
    finally:
        os.close(descriptor)


if os.name == "nt":  # pragma: no cover
    import msvcrt

    def _lock(descriptor: int) -> None:
        msvcrt.locking(descriptor, msvcrt.LK_LOCK, 1)  # type: ignore[attr-defined, unused-ignore]

    def _sync_folder(folder: Path) -> None:
        """Windows keeps the order of renames by itself."""
else:
    import fcntl

    def _lock(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_EX)

    def _sync_folder(folder: Path) -> None:
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
