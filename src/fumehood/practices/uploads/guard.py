"""The guard of the practice *uploads*."""

from __future__ import annotations

from fumehood.practices.interface import Guard

__all__ = ["GuardUploads"]


class GuardUploads(Guard):
    practice = "uploads"
