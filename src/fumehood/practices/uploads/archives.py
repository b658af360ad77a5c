"""Looks into ZIP files without unpacking them anywhere (CWE-409, CWE-22, CWE-61; ASVS 5.2.3, 5.2.5)."""

from __future__ import annotations

import re
import stat
import struct
import zipfile
import zlib
from dataclasses import dataclass
from typing import BinaryIO

from fumehood.practices.uploads.interface import UploadRefused

__all__ = ["Limits", "checked_archive", "read_part"]

_PIECE = 64 * 1024
_END = struct.Struct("<4s4H2LH")
_DRIVE = re.compile(r"[a-zA-Z]:")
_ARCHIVES = (
    b"PK\x03\x04",
    b"\x1f\x8b",
    b"7z\xbc\xaf\x27\x1c",
    b"Rar!\x1a\x07",
    b"BZh",
    b"\xfd7zXZ\x00",
    b"\x28\xb5\x2f\xfd",
    b"MSCF",
)
_ARCHIVE_ENDINGS = (
    ".zip",
    ".gz",
    ".tgz",
    ".7z",
    ".rar",
    ".bz2",
    ".xz",
    ".zst",
    ".tar",
    ".cab",
    ".jar",
    ".iso",
)


@dataclass(frozen=True, slots=True)
class Limits:
    """What an archive may hold.

    Parameters:
        entries: how many.
        unpacked: bytes of all together, unpacked.
        ratio: how many times larger than packed an entry may be, once it is over 1 MiB.
        nested: whether archives may lie within; nobody unpacks those of office files.
    """

    entries: int = 2000
    unpacked: int = 128 * 1024 * 1024
    ratio: int = 200
    nested: bool = False


def checked_archive(stream: BinaryIO, limits: Limits) -> zipfile.ZipFile:
    """Return a ZIP file that is only that, and whose every entry was read to its end within the limits.

    Raises:
        UploadRefused: when it is damaged, hides something, or would unpack to too much or to other places.
    """
    _insist_on_whole_file(stream)
    try:
        archive = zipfile.ZipFile(stream)
        entries = archive.infolist()
        if len(entries) > limits.entries:
            _refuse(f"{len(entries)} entries", f"The archive holds more than {limits.entries} files.")
        if sum(entry.file_size for entry in entries) > limits.unpacked:
            _refuse("unpacks to too much", "The archive would unpack to too much.")
        _insist_on_names(entries)
        _insist_on_places(entries)
        for entry in entries:
            _read_through(archive, entry, limits)
    except (
        zipfile.BadZipFile,
        NotImplementedError,
        RuntimeError,
        EOFError,
        OSError,
        ValueError,
        zlib.error,
        struct.error,
    ):
        _refuse("damaged archive", "The archive is damaged, or made in a way that is not accepted.")
    return archive


def read_part(archive: zipfile.ZipFile, name: str, longest: int = 1024 * 1024) -> bytes:
    """Read one entry of a checked archive; b"" when there is none of that name."""
    try:
        with archive.open(name) as part:
            return part.read(longest)
    except KeyError:
        return b""


def _refuse(reason: str, hint: str) -> None:
    raise UploadRefused(reason, hint)


def _insist_on_whole_file(stream: BinaryIO) -> None:
    """A ZIP is found by its end: something else can stand before or after it. Here it begins and ends with the file."""
    size = stream.seek(0, 2)
    stream.seek(0)
    starts = stream.read(4)
    stream.seek(max(0, size - _END.size - 0xFFFF))
    tail = stream.read()
    at = tail.rfind(b"PK\x05\x06")
    stream.seek(0)
    if starts not in {b"PK\x03\x04", b"PK\x05\x06"} or at < 0 or len(tail) - at < _END.size:
        _refuse("not an archive from its first byte to its last", "The file is not what its name says.")
    _, disk, _, _, _, length, offset, comment = _END.unpack_from(tail, at)
    end = size - len(tail) + at
    wide = 0xFFFFFFFF in (length, offset)
    if disk not in (0, 0xFFFF) or end + _END.size + comment != size or (not wide and offset + length != end):
        _refuse("bytes around an archive", "The archive holds more than an archive should.")


def _insist_on_names(entries: list[zipfile.ZipInfo]) -> None:
    seen: set[str] = set()
    for entry in entries:
        name = entry.orig_filename
        parts = name.replace("\\", "/").split("/")
        if (
            not name
            or "\\" in name
            or name.startswith("/")
            or _DRIVE.match(name)
            or ".." in parts
            or any(ord(letter) < 32 for letter in name)
        ):
            _refuse("an entry that would leave its folder", "The archive would unpack to other places.")
        if stat.S_ISLNK(entry.external_attr >> 16):
            _refuse("a symbolic link in an archive", "The archive holds links, which are not accepted.")
        if entry.flag_bits & 0x1:
            _refuse("an encrypted entry", "The archive has a password; nobody could check what it holds.")
        if name.lower() in seen:
            _refuse("two entries of one name", "The archive holds two files of the same name.")
        seen.add(name.lower())


def _insist_on_places(entries: list[zipfile.ZipInfo]) -> None:
    """Entries that lie over one another unpack the same bytes again and again."""
    end = 0
    for entry in sorted(entries, key=lambda entry: entry.header_offset):
        if entry.header_offset < end:
            _refuse("overlapping entries", "The archive is made to unpack to too much.")
        end = entry.header_offset + 30 + entry.compress_size


def _read_through(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, limits: Limits) -> None:
    if entry.is_dir():
        return
    if entry.file_size > 1024 * 1024 and entry.file_size > limits.ratio * max(entry.compress_size, 1):
        _refuse("compression ratio", "The archive is made to unpack to too much.")
    if not limits.nested and entry.filename.lower().endswith(_ARCHIVE_ENDINGS):
        _refuse("an archive in an archive", "The archive holds another archive.")
    # What an entry says of its size is only said: reading stops there, and its checksum is wrong if it was a lie.
    with archive.open(entry) as content:
        begins = content.read(_PIECE)
        if not limits.nested and begins.startswith(_ARCHIVES):
            _refuse("an archive in an archive", "The archive holds another archive.")
        while content.read(_PIECE):
            pass
