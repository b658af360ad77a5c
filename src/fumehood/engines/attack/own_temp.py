"""Gives the child a temporary folder of its own at the usual place, where the system lets it: many applications write to ``/tmp`` by name.

A mount namespace (Linux, namespaces(7)) in which ``/tmp`` is a folder of the copy: what is written there is in the copy, and is
deleted with it. Where that is not allowed nothing changes, and writes to ``/tmp`` are refused like all others outside.
"""

from __future__ import annotations

import ctypes
import os
import shutil
import sys
from pathlib import Path

__all__ = ["own_temp"]

_NEW_MOUNTS, _NEW_USER = 0x00020000, 0x10000000  # CLONE_NEWNS, CLONE_NEWUSER
_BIND, _RECURSIVE, _PRIVATE = 0x1000, 0x4000, 0x40000  # MS_BIND, MS_REC, MS_PRIVATE
_MOST = 1_000  # entries
_SMALL = 65_536  # bytes of a file that is copied
_PLACE = "/tmp"  # noqa: S108 - the very place


def own_temp(scratch: Path) -> tuple[str, list[str]]:
    """Put a folder of the copy over ``/tmp``, for this process only. What is there stays to be seen.

    Returns:
        the place that may now be written, or "" where it cannot be done, and what there is not the process's own.
    """
    there = sorted(os.scandir(_PLACE), key=lambda item: item.name) if sys.platform.startswith("linux") else []
    if not sys.platform.startswith("linux") or len(there) > _MOST or not _separate():
        return "", []
    over = scratch / ".temp"
    over.mkdir(exist_ok=True)
    own = {item.name for item in there if _is_small(item)}
    for item in there:
        target = over / item.name
        if item.is_symlink():
            target.symlink_to(os.readlink(item.path))  # noqa: PTH115 - an entry, no path
        elif item.is_dir():
            target.mkdir()
            # What holds the copy itself holds the new folder too: not what is mounted in there.
            _mount(item.path, target, _BIND if scratch.is_relative_to(item.path) else _BIND | _RECURSIVE)
        elif item.name in own:
            shutil.copy2(
                item.path, target
            )  # what an earlier run of the application left there it may take away again
        elif item.is_file():
            target.touch()
            _mount(item.path, target, _BIND)
    if not _mount(str(over), _PLACE, _BIND | _RECURSIVE):
        return "", []
    return _PLACE, [item.path for item in there if item.name not in own]


def _is_small(item: os.DirEntry[str]) -> bool:
    return (
        item.is_file(follow_symlinks=False)
        and item.stat().st_size <= _SMALL
        and os.access(item.path, os.R_OK)
    )


def _separate() -> bool:
    """Leave the system's mounts; what is mounted from now on is seen by this process alone."""
    user, group = os.getuid(), os.getgid()
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(_NEW_MOUNTS) != 0:
        if libc.unshare(_NEW_MOUNTS | _NEW_USER) != 0:
            return False
        Path("/proc/self/setgroups").write_text("deny")
        Path("/proc/self/uid_map").write_text(f"{user} {user} 1")
        Path("/proc/self/gid_map").write_text(f"{group} {group} 1")
    return _mount("none", "/", _RECURSIVE | _PRIVATE)


def _mount(source: str, target: Path | str, flags: int) -> bool:
    libc = ctypes.CDLL(None, use_errno=True)
    return bool(libc.mount(os.fsencode(source), os.fsencode(target), None, flags, None) == 0)
