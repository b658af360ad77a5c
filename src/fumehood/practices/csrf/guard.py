"""The guard of the practice *csrf*."""

from __future__ import annotations

from fumehood.practices.interface import Guard

__all__ = ["GuardCsrf"]


class GuardCsrf(Guard):
    practice = "csrf"
