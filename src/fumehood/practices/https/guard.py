"""The guard of the practice *https*."""

from __future__ import annotations

from fumehood.practices.interface import Guard

__all__ = ["GuardHttps"]


class GuardHttps(Guard):
    practice = "https"
