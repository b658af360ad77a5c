"""The guard of the practice *input*."""

from __future__ import annotations

from fumehood.practices.interface import Guard

__all__ = ["GuardInput"]


class GuardInput(Guard):
    practice = "input"
