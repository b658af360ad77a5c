"""The guard of the practice *audits*."""

from __future__ import annotations

from fumehood.practices.interface import Guard

__all__ = ["GuardAudits"]


class GuardAudits(Guard):
    practice = "audits"
