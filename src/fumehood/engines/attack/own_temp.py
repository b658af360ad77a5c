"""Gives the child a temporary folder of its own at the usual place, where the system lets it: many applications write to ``/tmp`` by name.

A mount namespace (Linux, namespaces(7)) in which ``/tmp`` is a folder of the copy: what is written there is in the copy, and is
deleted with it. Where that is not allowed nothing changes, and writes to ``/tmp`` are refused like all others outside.
"""

from __future__ import annotations

import ctypes
import os
import sys
from pathlib import Path

__all__ = ["own_temp"]

_NEW_MOUNTS, _NEW_USER = 0x00020000, 0x10000000  # CLONE_NEWNS, CLONE_NEWUSER
_BIND, _RECURSIVE, _PRIVATE = 0x1000, 0x4000, 0x40000  # MS_BIND, MS_REC, MS_PRIVATE
_PLACE = "/tmp"  # noqa: S108 - the very place


def own_temp(scratch: Path) -> str:
    """Put a folder of the copy over ``/tmp``, for this process only. Returns the place, or "" where it cannot be done."""
    if not sys.platform.startswith("linux"):
        return ""
    libc = ctypes.CDLL(None, use_errno=True)
    over = scratch / ".temp"
    over.mkdir(exist_ok=True)
    user, group = os.getuid(), os.getgid()
    if libc.unshare(_NEW_MOUNTS) != 0:
        if libc.unshare(_NEW_MOUNTS | _NEW_USER) != 0:
            return ""
        Path("/proc/self/setgroups").write_text("deny")
        Path("/proc/self/uid_map").write_text(f"{user} {user} 1")
        Path("/proc/self/gid_map").write_text(f"{group} {group} 1")

    def mount(source: str, target: Path | str, flags: int) -> bool:
        return bool(libc.mount(source.encode(), os.fsencode(target), None, flags, None) == 0)

    if not mount("none", "/", _RECURSIVE | _PRIVATE):
        return ""
    if scratch.is_relative_to(_PLACE):
        # The copy itself stays where it was, beneath the new folder.
        kept = over / scratch.relative_to(_PLACE)
        kept.mkdir(parents=True, exist_ok=True)
        if not mount(str(scratch), kept, _BIND):
            return ""
    return _PLACE if mount(str(over), _PLACE, _BIND | _RECURSIVE) else ""
