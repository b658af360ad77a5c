"""The guard of the practice *audits*: the journal and the error pages."""

from __future__ import annotations

import atexit
import weakref

from flask import Flask

from fumehood.practices.audits import pages
from fumehood.practices.audits.journal import Journal
from fumehood.practices.interface import Guard

__all__ = ["GuardAudits"]


class GuardAudits(Guard):
    """Keeps the security journal (ASVS 5.0 16.3, 16.4) and answers errors with an incident id (ASVS 5.0 16.5).

    Raises:
        ConfigurationError: if the database of the hood's own tables is down, or was laid out by a newer version.
    """

    practice = "audits"

    def install(self, app: Flask) -> None:
        journal = self.installation.journal = Journal(app, self.installation)
        # What was counted and not yet written is written when the process ends; an application that is gone is not kept for it.
        atexit.register(_flush, weakref.ref(journal))
        pages.install(app, self.installation)
        if self._has_database(app):
            # Not kept open: a server that forks its workers would hand the same connection to all.
            self.installation.engine.dispose()

    def _has_database(self, app: Flask) -> bool:
        """Tell whether there is a database to look at: one that somebody named, or the hood's own file, once that was made at its first use."""
        if self.settings.database_url or app.config.get("SQLALCHEMY_DATABASE_URI"):
            from fumehood.practices.sql.tables import own_url

            url = own_url(app, self.installation)
            if url is not None and (self.settings.database_url or url.get_backend_name() != "sqlite"):
                return True
        from pathlib import Path

        return not app.testing and Path(app.instance_path, "fumehood", "hood.sqlite3").exists()


def _flush(known: weakref.ref[Journal]) -> None:
    if (journal := known()) is not None:
        journal.flush()
