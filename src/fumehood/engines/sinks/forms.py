"""What decoding, trimming, splitting and unpacking make of a value that a client sent."""

from __future__ import annotations

import base64
import binascii
import contextlib
import html
import json
import re
import unicodedata
import zlib
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote_plus

__all__ = ["binary_forms", "cut", "documents", "forms", "windows"]

WINDOW = 65_536  # a longer value is looked at in windows of so many characters, each half over the last
_DEEPEST = 3  # decodings one upon the other
_MOST_FORMS = 24  # of one value
_LONGEST_CODED = 65_536  # characters that are decoded
_UNPACKED = 1_048_576  # bytes that a packed value may become here

_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{4,}={0,6}")  # more padding than is due does no harm
_BASE32 = re.compile(r"[A-Z2-7]{4,}=*")
_HEX = re.compile(r"(?:[0-9A-Fa-f]{2}){2,}")
_ESCAPED = re.compile(r"\\(?:u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2})")
_SPLITTERS = re.compile(r"[,;|\s&]+")
_SINGLE = (",", ";", "|", ":", "=", "\n", "\t", "&", "/")
_MOST_PIECES = 32
_LONGEST_CUT = 4_096
_MARKUP = re.compile(r">([^<>]+)<|=\s*(?:\"([^\"]*)\"|'([^']*)')")


def windows(text: str) -> Iterator[str]:
    """Yield a value whole, or in pieces that overlap: what stands at the end of a long one counts as much as what stands first."""
    yield text[:WINDOW]
    for start in range(WINDOW // 2, len(text) - WINDOW // 2, WINDOW // 2):
        yield text[start : start + WINDOW]


def forms(text: str) -> Iterator[str]:
    """Yield a value and what decodings make of it, also several one upon the other."""
    seen = {text}
    layer = [text]
    yield text
    for _ in range(_DEEPEST):
        following = []
        for item in layer:
            for form in _once(item):
                if form not in seen and len(seen) < _MOST_FORMS:
                    seen.add(form)
                    following.append(form)
                    yield form
        layer = following
        if not layer:
            return


def _once(text: str) -> Iterator[str]:
    stripped = text.strip()
    if stripped != text:
        yield stripped
    if "%" in text or "+" in text:
        yield unquote_plus(stripped)
    if "&" in text and ";" in text:
        yield html.unescape(text)
    if "\\" in text and _ESCAPED.search(text):
        yield _ESCAPED.sub(lambda match: chr(int(match[0][2:], 16)), text)
    if not text.isascii():
        yield unicodedata.normalize("NFKC", text)
    if len(text) <= _LONGEST_CODED:
        for data in _decoded(stripped):
            with contextlib.suppress(UnicodeDecodeError):
                yield data.decode("utf-8")
        # The parts of a JSON web token, and of a signed cookie.
        if "." in stripped and len(parts := stripped.strip(".").split(".")) <= 5:
            for part in parts:
                for data in _decoded(part) if len(part) >= 8 else ():
                    with contextlib.suppress(UnicodeDecodeError):
                        yield (_unpacked(data) or data).decode("utf-8")


def _decoded(text: str) -> Iterator[bytes]:
    text = text.strip('"')
    if _BASE64.fullmatch(text):
        plain = text.rstrip("=").replace("+", "-").replace("/", "_")
        plain = (
            plain[:-1] if len(plain) % 4 == 1 else plain
        )  # one more than any has: cut off before it is decoded
        with contextlib.suppress(binascii.Error, ValueError):
            yield base64.urlsafe_b64decode(plain + "=" * (-len(plain) % 4))
        if _HEX.fullmatch(text):
            yield bytes.fromhex(text)
    if _BASE32.fullmatch(text):
        with contextlib.suppress(binascii.Error, ValueError):
            yield base64.b32decode(text.rstrip("=") + "=" * (-len(text.rstrip("=")) % 8))


def binary_forms(sent: str | bytes) -> Iterator[bytes]:
    """Yield a value's bytes, and what decoding and unpacking make of them."""
    layer = [sent.encode("utf-8", "surrogateescape") if isinstance(sent, str) else sent]
    yield layer[0]
    for _ in range(_DEEPEST):
        following = []
        for data in layer:
            unpacked = _unpacked(data)
            if unpacked:
                following.append(unpacked)
            elif len(data) <= WINDOW * 16 and data.isascii():
                text = data.decode("ascii").strip()
                following.extend(_decoded(text))
                if "%" in text:
                    following.append(unquote_plus(text).encode("utf-8", "surrogateescape"))
        yield from following
        layer = following[:8]
        if not layer:
            return


def _unpacked(data: bytes) -> bytes:
    with contextlib.suppress(zlib.error, EOFError, OSError, ValueError):
        if data[:2] == b"\x1f\x8b":
            return zlib.decompressobj(31).decompress(data, _UNPACKED)  # 31: with gzip's header
        if data[:1] == b"x" and data[1:2] in {b"\x01", b"\x5e", b"\x9c", b"\xda"}:
            return zlib.decompressobj().decompress(data, _UNPACKED)
    return b""


def documents(text: str) -> Iterator[Any]:
    """Yield the JSON that a value is, when it is an object or a list."""
    start = text.lstrip()[:1]
    if start in {"{", "["} and len(text) <= WINDOW:
        with contextlib.suppress(ValueError, RecursionError):
            yield json.loads(text)


def cut(text: str) -> Iterator[str]:
    """Yield what an application gets that splits a value at a separator, or reads it as markup."""
    if len(text) > _LONGEST_CUT:
        return
    pieces = _SPLITTERS.split(text)
    if 1 < len(pieces) <= _MOST_PIECES:
        yield from pieces
    for separator in _SINGLE:
        if separator in text:
            head, _, tail = text.partition(separator)
            yield head.strip()
            yield tail.strip()
            pieces = text.split(separator)
            if 2 < len(pieces) <= _MOST_PIECES:
                yield from (piece.strip() for piece in pieces)
                yield text.rpartition(separator)[0].strip()
    if "<" in text:
        for match in _MARKUP.finditer(text):
            yield html.unescape(match[1] or match[2] or match[3] or "").strip()
