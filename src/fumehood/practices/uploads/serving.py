"""Answers with files, such that a browser takes them for what they are and runs nothing in them (ASVS 3.2.1, 5.4.1, 5.4.2; CWE-79)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from flask import Response, redirect, send_file
from werkzeug.exceptions import NotFound

from fumehood.practices.uploads.interface import StoredFile
from fumehood.practices.uploads.places import Disk, Place

if TYPE_CHECKING:
    from typing import Any

__all__ = ["as_preview", "redirected", "sent"]

_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src 'self'; frame-ancestors 'none'; sandbox"
# A browser may keep it, and asks each time whether it still may show it.
_CACHE = "private, no-cache"


def as_preview(file: StoredFile) -> StoredFile:
    """The preview of an image, as a file."""
    stem = file.name.rpartition(".")[0] or file.name
    return replace(file, name=f"{stem}.webp", content_type="image/webp", sha256=f"{file.sha256}-preview")


def redirected(link: str) -> Response:
    """Send to where the file is kept, by a link that ends soon."""
    answer: Any = redirect(link, 302)
    answer.headers["Cache-Control"] = "private, no-store"
    answer.headers["Referrer-Policy"] = "no-referrer"
    return answer  # type: ignore[no-any-return]


def sent(place: Place, file: StoredFile, key: str, *, inline: bool, accel: str) -> Response:
    """Send a file: by nginx when ``accel`` names its internal location, else from here, in ranges when asked.

    Raises:
        werkzeug.exceptions.NotFound: when the content is gone.
    """
    plain_type = (
        "text/plain; charset=utf-8" if file.content_type.startswith("text/") and inline else file.content_type
    )
    if accel and isinstance(place, Disk):
        answer = Response(mimetype=plain_type)
        answer.headers["X-Accel-Redirect"] = f"{accel.rstrip('/')}/{key[:2]}/{key}"
        disposition = send_file(_nothing(), download_name=file.name, as_attachment=not inline).headers[
            "Content-Disposition"
        ]
        answer.headers["Content-Disposition"] = disposition
    else:
        try:
            content = place.open(key)
        except FileNotFoundError:
            raise NotFound from None
        answer = send_file(
            content,
            mimetype=plain_type,
            as_attachment=not inline,
            download_name=file.name,
            etag=file.sha256,
            conditional=False,
        )
        _in_ranges(answer, content, file)
    answer.headers["Content-Type"] = plain_type
    answer.headers["Content-Security-Policy"] = _POLICY
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.headers["Cache-Control"] = _CACHE
    return answer


def _in_ranges(answer: Response, content: Any, file: StoredFile) -> None:
    from flask import request
    from werkzeug.exceptions import RequestedRangeNotSatisfiable

    size = content.seek(0, 2)
    content.seek(0)
    answer.content_length = size
    answer.last_modified = file.created
    try:
        answer.make_conditional(request.environ, accept_ranges=True, complete_length=size)
    except RequestedRangeNotSatisfiable:
        content.close()
        raise


def _nothing() -> Any:
    from io import BytesIO

    return BytesIO()
