"""The guard of the practice *passwords*."""

from __future__ import annotations

from fumehood.practices.interface import Guard

__all__ = ["GuardPasswords"]


class GuardPasswords(Guard):
    practice = "passwords"
