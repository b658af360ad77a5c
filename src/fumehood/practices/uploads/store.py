"""The store of uploads: what comes in is looked at, what goes out is harmless to a browser."""

from __future__ import annotations

import hashlib
import io
import logging
import re
import secrets
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, BinaryIO

from sqlalchemy import delete, func, insert, select, update
from werkzeug.exceptions import NotFound

from fumehood.practices.access.people import current_person
from fumehood.practices.sql.tables import create, reading, writing
from fumehood.practices.uploads import serving
from fumehood.practices.uploads.inspection import Inspected, inspect
from fumehood.practices.uploads.interface import (
    Check,
    NotAvailable,
    Status,
    StoredFile,
    UploadRefused,
    UploadStoreBroken,
)
from fumehood.practices.uploads.names import clean_name
from fumehood.practices.uploads.scanner import ScanFailed, Scanner
from fumehood.practices.uploads.tables import uploads

if TYPE_CHECKING:
    from flask import Response
    from sqlalchemy import Engine
    from werkzeug.datastructures import FileStorage

    from fumehood.practices.interface import Installation
    from fumehood.practices.uploads.kinds import Kind
    from fumehood.practices.uploads.places import Place

__all__ = ["Store"]

logger = logging.getLogger(__name__)

_PIECE = 64 * 1024
_UNSET: Any = object()
_KEY = re.compile(r"[0-9a-f]{32}(\.preview)?")


class Store:
    """Files of people: ``hood.store``.

    Parameters:
        installation: the hood.
        place: where the bytes are.
        kinds: what is accepted, by extension.
        scanner: looks for malware; None for none.
    """

    def __init__(
        self,
        installation: Installation,
        place: Place,
        kinds: Mapping[str, Kind],
        scanner: Scanner | None = None,
    ) -> None:
        self._installation = installation
        self._settings = installation.settings
        self.place = place
        self.kinds = kinds
        self.scanner = scanner

    def save(self, file: FileStorage, *, owner: Any = _UNSET) -> StoredFile:
        """Look at a file and store it.

        Parameters:
            file: from ``request.files`` or a form's field.
            owner: the id of the person it belongs to; the one who is signed in by default. None for nobody: then it is only
                given out with a ``check``.

        Returns:
            What was stored; its ``status`` is quarantined when a scanner is set up that does not answer.

        Raises:
            UploadRefused: for a kind, content, size or name that is not accepted, malware, too much for the owner, or no room.
                Nothing is stored then; journaled as ``upload.refused``.
        """
        name = clean_name(file.filename)
        belongs_to = _id(_current_owner() if owner is _UNSET else owner)
        try:
            with _seekable(file, self._settings.uploads_max_bytes) as stream:
                self._insist_on_room(belongs_to)
                found = inspect(
                    stream,
                    name,
                    self.kinds,
                    self._settings.uploads_max_bytes,
                    self._settings.uploads_max_pixels,
                )
                with closing(found.content) if found.content is not stream else _left_open():
                    stored = self._keep(found, name, belongs_to)
        except UploadRefused as refused:
            self._record("upload.refused", belongs_to, None, name=name, reason=refused.reason)
            raise
        except OSError as error:
            broken = UploadStoreBroken(f"{type(error).__name__}: {error.strerror}")
            self._record("upload.refused", belongs_to, None, name=name, reason=broken.reason)
            raise broken from error
        self._record(
            "upload.stored",
            belongs_to,
            stored.id,
            name=name,
            content_type=stored.content_type,
            size=stored.size,
        )
        return stored

    def find(self, file_id: str) -> StoredFile:
        """Return what is known of a file.

        Raises:
            werkzeug.exceptions.NotFound: when there is none of that id.
        """
        with reading(self._engine) as connection:
            row = connection.execute(select(uploads).where(uploads.c.id == str(file_id)[:64])).one_or_none()
        if row is None:
            raise NotFound
        return _file(row)

    def open(self, file_id: str) -> BinaryIO:
        """Open the content for the application's own use; who may see it is not asked here.

        Raises:
            werkzeug.exceptions.NotFound: when there is no such file.
            NotAvailable: when it is in quarantine.
        """
        return self._open(self._usable(self.find(file_id)))

    def delete(self, file_id: str) -> None:
        """Remove a file, its preview and what is known of it; nothing happens when there is none."""
        with writing(self._engine) as connection:
            row = connection.execute(select(uploads).where(uploads.c.id == str(file_id)[:64])).one_or_none()
            if row is None:
                return
            connection.execute(delete(uploads).where(uploads.c.id == row.id))
        self._remove(row.id)
        self._record("upload.deleted", row.owner, row.id, name=row.name)

    def response(self, file_id: str, *, as_attachment: bool = False, check: Check | None = None) -> Response:
        """Answer with a file, to its owner only.

        Parameters:
            file_id: of the file.
            as_attachment: a download also for what a browser could show; everything but images and plain text is one anyway.
            check: called with the file instead of asking for the owner; tells whether the current person may see it.

        The answer has the type of the content, ``nosniff``, a sandboxing policy, and stays out of shared caches; ranges are answered.

        Raises:
            werkzeug.exceptions.NotFound: when there is no such file, or it belongs to somebody else (journaled as ``access.refused``).
            NotAvailable: when it is in quarantine.
        """
        file = self._usable(self._permitted(self.find(file_id), check))
        kind = self._kind(file)
        inline = kind is not None and kind.inline and not as_attachment
        if not inline:
            link = self.place.link(
                file.id,
                name=file.name,
                content_type=file.content_type,
                seconds=self._settings.uploads_link_seconds,
            )
            if link is not None:
                return serving.redirected(link)
        return serving.sent(self.place, file, file.id, inline=inline, accel=self._settings.uploads_accel)

    def preview(self, file_id: str, *, check: Check | None = None) -> Response:
        """Answer with a small WebP of an image, at most 480 by 480 pixels; parameters and errors as for :meth:`response`."""
        file = self._usable(self._permitted(self.find(file_id), check))
        if not file.has_preview:
            raise NotFound
        return serving.sent(self.place, serving.as_preview(file), f"{file.id}.preview", inline=True, accel="")

    def files(self, owner: Any = _UNSET, *, limit: int = 100, after: str = "") -> list[StoredFile]:
        """Return the files of a person, the current one by default, in the order of their ids; None for all.

        Parameters:
            owner: the id of the person.
            limit: how many at most.
            after: the last id of the page before.
        """
        query = select(uploads).where(uploads.c.id > after).order_by(uploads.c.id).limit(limit)
        belongs_to = _current_owner() if owner is _UNSET else owner
        if owner is not None:
            query = query.where(uploads.c.owner == _id(belongs_to))
        with reading(self._engine) as connection:
            return [_file(row) for row in connection.execute(query)]

    def scan_quarantine(self) -> dict[str, int]:
        """Scan everything that waits in quarantine; return how many files are now available, infected and still waiting."""
        counts = dict.fromkeys(("available", "infected", "quarantined"), 0)
        with reading(self._engine) as connection:
            waiting = connection.execute(select(uploads).where(uploads.c.status == Status.QUARANTINED)).all()
        for row in waiting:
            counts[str(self._scan_again(_file(row)))] += 1
        return counts

    def sweep(self, older_than_seconds: float = 86_400) -> int:
        """Remove what a killed process left behind: content that nothing is known of. Returns how many were removed."""
        with reading(self._engine) as connection:
            known = set(connection.execute(select(uploads.c.id)).scalars())
        # Only keys of our own making: a bucket without a prefix may hold other things too.
        found = [key for key in self.place.keys(time.time() - older_than_seconds) if _KEY.fullmatch(key)]
        lost = [key for key in found if key.removesuffix(".preview") not in known]
        for key in lost:
            self.place.delete(key)
        return len(lost)

    @property
    def _engine(self) -> Engine:
        engine = self._installation.engine
        create(engine, uploads)
        return engine

    def _keep(self, found: Inspected, name: str, owner: str) -> StoredFile:
        status = self._scanned(found.content, name)
        found.content.seek(0)
        file_id = secrets.token_hex(16)
        counted = _Counted(found.content)
        try:
            self.place.put(file_id, counted, found.kind.content_type)  # type: ignore[arg-type]  # a reader is enough
            if found.preview:
                self.place.put(f"{file_id}.preview", io.BytesIO(found.preview), "image/webp")
            file = StoredFile(
                id=file_id,
                name=name,
                content_type=found.kind.content_type,
                size=counted.size,
                sha256=counted.digest.hexdigest(),
                owner=owner,
                status=status,
                created=datetime.now(UTC),
                has_preview=bool(found.preview),
            )
            # Last: a row without content is an error to a person, content without a row only waits for sweep().
            with writing(self._engine) as connection:
                connection.execute(insert(uploads).values(**_row(file)))
        except BaseException:
            self._remove(file_id)
            raise
        return file

    def _insist_on_room(self, owner: str) -> None:
        if not owner:
            return
        query = select(func.count(), func.coalesce(func.sum(uploads.c.size), 0)).where(
            uploads.c.owner == owner
        )
        with reading(self._engine) as connection:
            files, size = connection.execute(query).one()
        if files >= self._settings.uploads_quota_files or size >= self._settings.uploads_quota_bytes:
            raise UploadRefused("quota", "You have no room left. Delete files that you no longer need.", 413)

    def _scanned(self, content: BinaryIO, name: str) -> Status:
        if self.scanner is None:
            return Status.AVAILABLE
        content.seek(0)
        try:
            found = self.scanner.scan(content)
        except ScanFailed as failed:
            logger.error("The upload %r stays in quarantine: %s", name, failed)
            return Status.QUARANTINED
        if found:
            raise UploadRefused(
                f"malware: {found[:100]}", "The file holds malware, by what our scanner says."
            )
        return Status.AVAILABLE

    def _scan_again(self, file: StoredFile) -> Status:
        """Scan a waiting file; an infected one is deleted."""
        try:
            with self._open(file) as content:
                status = self._scanned(content, file.name)
        except UploadRefused as refused:
            self._remove(file.id)
            status = Status.INFECTED
            self._record("upload.refused", file.owner, file.id, name=file.name, reason=refused.reason)
        if status is not file.status:
            with writing(self._engine) as connection:
                connection.execute(update(uploads).where(uploads.c.id == file.id).values(status=str(status)))
        return status

    def _usable(self, file: StoredFile) -> StoredFile:
        if file.status is Status.QUARANTINED:
            file = file.with_status(self._scan_again(file))
        if file.status is Status.QUARANTINED:
            raise NotAvailable("This file has not been checked yet. Try again later.")
        if file.status is Status.INFECTED:
            raise NotAvailable("This file held malware and was deleted.", 410)
        return file

    def _permitted(self, file: StoredFile, check: Check | None) -> StoredFile:
        if check is not None:
            allowed = bool(check(file))
        else:
            person = current_person()
            allowed = person is not None and bool(file.owner) and _id(person.id) == file.owner
        if not allowed:
            self._installation.record(
                "access.refused", subject=file.id, practice="uploads", reason="another person's file"
            )
            raise NotFound
        return file

    def _kind(self, file: StoredFile) -> Kind | None:
        return next((kind for kind in self.kinds.values() if kind.content_type == file.content_type), None)

    def _open(self, file: StoredFile) -> BinaryIO:
        try:
            return self.place.open(file.id)
        except FileNotFoundError:
            logger.error("The content of the upload %s is gone", file.id)
            raise NotFound from None

    def _remove(self, file_id: str) -> None:
        self.place.delete(file_id)
        self.place.delete(f"{file_id}.preview")

    def _record(self, event: str, owner: str, subject: str | None, **details: Any) -> None:
        self._installation.record(
            event, actor=_id(_current_owner()) or None, subject=subject, owner=owner, **details
        )


class _Counted:
    """A reader that knows what went through it."""

    def __init__(self, content: BinaryIO) -> None:
        self._content = content
        self.size = 0
        self.digest = hashlib.sha256()

    def read(self, size: int = -1, /) -> bytes:
        piece = self._content.read(size)
        self.size += len(piece)
        self.digest.update(piece)
        return piece


@contextmanager
def _seekable(file: FileStorage, longest: int) -> Iterator[BinaryIO]:
    """The content within its limit, from where it can be read twice. Werkzeug has put it into memory or a file already."""
    stream: Any = file.stream
    if callable(getattr(stream, "seekable", None)) and stream.seekable():
        if stream.seek(0, 2) > longest:
            raise _too_large(longest)
        stream.seek(0)
        yield stream
        return
    with tempfile.SpooledTemporaryFile(1024 * 1024) as copy:
        while piece := stream.read(_PIECE):
            copy.write(piece)
            if copy.tell() > longest:
                raise _too_large(longest)
        copy.seek(0)
        yield copy  # type: ignore[misc]  # a SpooledTemporaryFile is one in all but name


@contextmanager
def _left_open() -> Iterator[None]:
    yield


def _too_large(longest: int) -> UploadRefused:
    size = f"{longest // 1_048_576} MB" if longest >= 1_048_576 else f"{longest} bytes"
    return UploadRefused("size", f"The file is larger than {size}.", 413)


def _current_owner() -> Any:
    person = current_person()
    return None if person is None else person.id


def _id(owner: Any) -> str:
    return "" if owner is None else str(owner)[:255]


def _row(file: StoredFile) -> dict[str, Any]:
    names = ("id", "name", "content_type", "size", "sha256", "owner", "has_preview")
    return {
        **{name: getattr(file, name) for name in names},
        "status": str(file.status),
        "created": file.created.timestamp(),
    }


def _file(row: Any) -> StoredFile:
    values = dict(row._mapping)
    values["status"] = Status(values["status"])
    values["created"] = datetime.fromtimestamp(values["created"], UTC)
    return StoredFile(**values)
