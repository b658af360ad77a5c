"""The guard of the practice *secrets*."""

from __future__ import annotations

from fumehood.practices.interface import Guard

__all__ = ["GuardSecrets"]


class GuardSecrets(Guard):
    practice = "secrets"
