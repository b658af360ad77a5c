"""The guard of the practice *audits*: the journal and the error pages."""

from __future__ import annotations

import weakref

from flask import Flask

from fumehood.practices.audits import pages
from fumehood.practices.audits.journal import Journal
from fumehood.practices.interface import Guard

__all__ = ["GuardAudits"]


class GuardAudits(Guard):
    practice = "audits"

    def install(self, app: Flask) -> None:
        journal = self.installation.journal = Journal(app, self.installation)
        # At the end of the process, what was counted and not yet written is written. Before the engine goes: last in, first out.
        weakref.finalize(self.installation, journal.flush)
        pages.install(app, self.installation)
