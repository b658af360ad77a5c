"""The guard of the practice *access*."""

from __future__ import annotations

from fumehood.practices.interface import Guard

__all__ = ["GuardAccess"]


class GuardAccess(Guard):
    practice = "access"
