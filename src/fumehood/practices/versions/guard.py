"""The guard of the practice *versions*."""

from __future__ import annotations

from fumehood.practices.interface import Guard

__all__ = ["GuardVersions"]


class GuardVersions(Guard):
    practice = "versions"
