"""The guard of the practice *uploads*: gives the application its store."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Flask

from fumehood.practices.interface import Guard, installed
from fumehood.practices.uploads.kinds import allowed_kinds
from fumehood.settings import ConfigurationError, Settings

if TYPE_CHECKING:
    from fumehood.practices.uploads.store import Store

__all__ = ["GuardUploads", "current_store"]


class GuardUploads(Guard):
    practice = "uploads"

    def install(self, app: Flask) -> None:
        """Check the configuration. The store is made when it is first used; at once when a place or a scanner is configured, so
        that a bucket that is public stops the start.

        Raises:
            ConfigurationError: for kinds that are not known, a place that cannot be used or that others can read, a limit
                above that of the body.
        """
        self._kinds = allowed_kinds(self.settings.uploads_types)
        body, largest = app.config["MAX_CONTENT_LENGTH"], self.settings.uploads_max_bytes
        if largest != Settings().uploads_max_bytes and body is not None and largest > body:
            raise ConfigurationError(
                f"FUMEHOOD_UPLOADS_MAX_BYTES is {largest}, more than the {body} bytes that a request may have: raise"
                " MAX_CONTENT_LENGTH or FUMEHOOD_MAX_BODY_BYTES too."
            )
        self.installation.make_store = lambda: self._store(app)
        if self.settings.uploads_url or self.settings.uploads_scan_url:
            _ = self.installation.store

    def _store(self, app: Flask) -> Store:
        from fumehood.practices.uploads.images import insist_on_pillow
        from fumehood.practices.uploads.places import place_of
        from fumehood.practices.uploads.scanner import scanner_of
        from fumehood.practices.uploads.store import Store

        if any(kind.family == "image" for kind in self._kinds.values()):
            insist_on_pillow()
        scanner = scanner_of(self.settings.uploads_scan_url)
        return Store(self.installation, place_of(app, self.settings.uploads_url), self._kinds, scanner)


def current_store() -> Store:
    """Return the store of uploads of the current application.

    Raises:
        RuntimeError: outside an application, or in one without a hood.
        ConfigurationError: when the place of its files cannot be used.
    """
    return installed().store
