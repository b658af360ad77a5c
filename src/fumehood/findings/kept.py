"""Files of the user's cache folder: found again whole, or not at all. One that cannot be written or read is no error."""

from __future__ import annotations

import contextlib
import hashlib
import os
import sys
import zlib
from functools import lru_cache
from pathlib import Path

import msgspec

__all__ = ["folder", "installation", "read", "write"]

_PACKAGE = Path(__file__).parents[1]


def folder() -> Path:
    """Return the cache's folder: ``$XDG_CACHE_HOME/fumehood``, by default ``~/.cache/fumehood``."""
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "fumehood"


def read(path: Path) -> memoryview | None:
    """Return what was written to a file, or None when there is none or it was damaged."""
    with contextlib.suppress(OSError):
        whole = memoryview(path.read_bytes())
        if zlib.crc32(whole[4:]).to_bytes(4) == whole[:4]:
            return whole[4:]
    return None


def write(path: Path, data: bytes) -> None:
    """Write a file that only this user may read, whole or not at all."""
    with contextlib.suppress(OSError):
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        temporary = path.with_name(f".{path.name}.{os.getpid()}")
        try:
            with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
                file.write(zlib.crc32(data).to_bytes(4))
                file.write(data)
            temporary.replace(path)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise


@lru_cache(maxsize=1)
def installation() -> str:
    """Return what tells this installation from others: the Python, each source file of the package, and when a library was last installed."""
    whole = hashlib.blake2b(sys.version.encode(), digest_size=16)
    whole.update(str(Path(msgspec.__file__).parents[1].stat().st_mtime_ns).encode())
    folders = [str(_PACKAGE)]
    while folders:
        with os.scandir(folders.pop()) as found:
            for entry in sorted(found, key=lambda entry: entry.name):
                if entry.name.endswith(".py"):
                    state = entry.stat()
                    whole.update(f"{entry.path} {state.st_size} {state.st_mtime_ns}\n".encode())
                elif "." not in entry.name and entry.name != "__pycache__" and entry.is_dir():
                    folders.append(entry.path)
    return whole.hexdigest()
