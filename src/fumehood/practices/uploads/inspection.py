"""Decides what a file is by what is in it, and makes it harmless where that can be done."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import BinaryIO

from fumehood.practices.uploads.archives import Limits, checked_archive
from fumehood.practices.uploads.documents import check_office, check_pdf, check_text
from fumehood.practices.uploads.images import made_anew
from fumehood.practices.uploads.interface import UploadRefused
from fumehood.practices.uploads.kinds import Kind
from fumehood.practices.uploads.names import extension

__all__ = ["Inspected", "inspect"]

# By these a media file begins, whatever the lists of known signatures say besides: offset and bytes.
_MEDIA: Mapping[str, tuple[tuple[int, tuple[bytes, ...]], ...]] = {
    "mp3": ((0, (b"ID3", b"\xff\xfb", b"\xff\xf3", b"\xff\xf2", b"\xff\xfa")),),
    "ogg": ((0, (b"OggS\0",)),),
    "wav": ((0, (b"RIFF",)), (8, (b"WAVE",))),
    "mp4": ((4, (b"ftyp",)),),
    "webm": ((0, (b"\x1a\x45\xdf\xa3",)),),
}


@dataclass(slots=True)
class Inspected:
    """A file that may be stored.

    Parameters:
        kind: what it is.
        content: what to store, at its beginning: an image is made anew.
        preview: a small WebP of an image, or b"".
    """

    kind: Kind
    content: BinaryIO
    preview: bytes = b""


def inspect(
    stream: BinaryIO, name: str, kinds: Mapping[str, Kind], longest: int, most_pixels: int
) -> Inspected:
    """Look at a file; its extension says what it claims to be, its content has to agree (ASVS 5.2.2, CWE-434).

    Parameters:
        stream: the content, seekable.
        name: its cleaned name.
        kinds: the kinds that are accepted, by extension.
        longest: the largest size, in bytes.
        most_pixels: the largest image.

    Raises:
        UploadRefused: when it is not accepted.
    """
    kind = kinds.get(extension(name))
    if kind is None:
        accepted = ", ".join(dict.fromkeys(kind.name for kind in kinds.values()))
        raise UploadRefused(
            f"extension {extension(name)[:20]!r}",
            f"This kind of file is not accepted. Accepted are {accepted}.",
        )
    stream.seek(0)
    if kind.family == "image":
        made, preview = made_anew(stream, kind, most_pixels)
        return Inspected(kind, made, preview)
    if kind.family == "pdf":
        check_pdf(stream, longest)
    elif kind.family == "text":
        check_text(stream)
    elif kind.family == "office":
        check_office(stream, kind)
    elif kind.family == "archive":
        checked_archive(stream, Limits()).close()
    else:
        _check_media(stream, kind)
    stream.seek(0)
    return Inspected(kind, stream)


def _check_media(stream: BinaryIO, kind: Kind) -> None:
    begins = stream.read(64)
    size = stream.seek(0, 2)
    stream.seek(max(0, size - 66_000))
    ends = stream.read()
    if not all(begins.startswith(signatures, at) for at, signatures in _MEDIA[kind.name]):
        raise UploadRefused(f"not a {kind.name}", "The file is not what its name says.")
    if b"PK\x05\x06" in ends:
        raise UploadRefused("a media file that is an archive too", "The file holds more than it should.")
