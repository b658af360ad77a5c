"""What a store of uploads looks like to an application, whatever it keeps its files in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from werkzeug.exceptions import HTTPException

__all__ = ["Check", "NotAvailable", "Status", "StoredFile", "UploadRefused", "UploadStoreBroken"]


class Status(StrEnum):
    """Whether a file may be seen."""

    AVAILABLE = "available"
    QUARANTINED = "quarantined"  # no scanner has passed it yet
    INFECTED = "infected"  # a scanner found something; the content is deleted


@dataclass(frozen=True, slots=True)
class StoredFile:
    """One file in the store.

    Parameters:
        id: 32 random hexadecimal digits; safe in addresses, tells nothing.
        name: how the person called it, cleaned: for showing, and as the name of the download. Never a path.
        content_type: the type that its content has, such as ``image/png``.
        size: in bytes, as stored.
        sha256: of the content as stored, hexadecimal.
        owner: the id of the person it belongs to, or "" for nobody.
        status: whether it may be seen.
        created: when it was stored, UTC.
        has_preview: whether there is a small copy of it.
    """

    id: str
    name: str
    content_type: str
    size: int
    sha256: str
    owner: str
    status: Status
    created: datetime
    has_preview: bool = False

    @property
    def is_image(self) -> bool:
        """Whether it is an image."""
        return self.content_type.startswith("image/")

    @property
    def available(self) -> bool:
        """Whether it may be seen."""
        return self.status is Status.AVAILABLE

    def with_status(self, status: Status) -> StoredFile:
        """The same with another status."""
        return replace(self, status=status)


# Called with a file; tells whether the current person may see it.
Check = Callable[[StoredFile], bool]


class UploadRefused(HTTPException):
    """A file was not stored. Uncaught it answers the request; a form shows :attr:`hint` beside its field.

    Parameters:
        reason: what was seen, for the journal.
        hint: a sentence for the person, safe to show.
        code: 422 for what it is, 413 for how large it is, 507 when there is no room.
    """

    def __init__(self, reason: str, hint: str, code: int = 422) -> None:
        super().__init__(hint)
        self.code = code
        self.reason = reason
        self.hint = hint


class UploadStoreBroken(UploadRefused):
    """The place of the files cannot be used: no room, no connection, no permission. Nothing of the file was kept."""

    def __init__(self, reason: str) -> None:
        super().__init__(
            reason,
            "The file could not be stored: the site has no room for it at the moment. Try again later.",
            507,
        )


class NotAvailable(HTTPException):
    """A file is in quarantine (409), or was infected and is gone (410)."""

    def __init__(self, hint: str, code: int = 409) -> None:
        super().__init__(hint)
        self.code = code
        self.hint = hint
