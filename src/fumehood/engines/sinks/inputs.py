"""The current request's values, as an attacker chose them and as an application may have changed them.

Only what the application has itself read so far is looked at: a body that was never parsed cannot have reached a sink, and
reading it here would take it from the view.
"""

from __future__ import annotations

import base64
import binascii
import contextlib
import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote_plus

from flask import Request

__all__ = ["Inputs", "Value"]

WINDOW = 65_536  # a longer value is looked at in windows of so many characters, each half over the last
MOST = 200_000  # values of one request; more do not fit into the JSON and the forms that the hood lets in
MOST_WITH_PIECES = 20_000  # beyond, values are no longer split
DEEPEST = 200  # levels of JSON; the hood lets in no more
LONGEST = 65_536  # bytes of a body or a file that are looked at
SHORTEST_CODED = 12  # characters of base64 or hexadecimal that could hold more than a word

# One word, a number or an identifier cannot add a token to any language: nothing to look for.
_INERT = re.compile(r"[\w]*", re.ASCII)
_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{6,}={0,2}")
_PIECES = re.compile(r"[,;|\s&]+")
# What browsers send in the headers below; anything else in them was written by somebody.
_USUAL = re.compile(
    r"""(?!.*/\*[^,;\s])[\w.=*/+:?-]*(?:[,;]\s?[\w.=*/+:?-]*)*|(?:,\s?|"[\w\s.()/:;?+-]*";v="[\d.]+"|"[\w.]*")*|\[[\w.:]+\]:?\d*""",
    re.ASCII,
)
_SKIPPED_HEADERS = frozenset({"cookie", "host", "content-length", "content-type", "accept", "accept-encoding", "accept-language", "connection",
    "user-agent-family", "sec-ch-ua", "sec-ch-ua-mobile", "sec-ch-ua-platform", "sec-fetch-dest", "sec-fetch-mode", "sec-fetch-site", "sec-fetch-user",
    "upgrade-insecure-requests", "cache-control", "pragma"})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Value:
    """One string that the client chose. ``text`` may be a decoded or split form of what was sent."""

    source: str
    name: str
    text: str
    folded: str  # text.casefold(): sinks are searched without regard to case


class Inputs:
    """Collects a request's values step by step: query and path at once, form and JSON when the application has parsed them."""

    def __init__(self, request: Request) -> None:
        self._request = request
        self._seen: set[str] = set()
        self.done: set[str] = set()
        self._values: list[Value] = []
        self._sent: list[str] = []
        self.objects: list[tuple[str, Any]] = []  # JSON objects and arrays, for sinks that take structures
        # For outgoing connections: the host that was looked up last when a value names it, that value, and the last such value at all.
        self.pending_host: str | None = None
        self.pending_value: Value | None = None
        self.followed: Value | None = None

    def values(self) -> list[Value]:
        """Return all values known by now that could change the meaning of anything."""
        request = self._request
        parsed = request.__dict__
        if "query" not in self.done:
            self.done.add("query")
            for name, text in request.args.items(multi=True):
                self.add("query", name, text)
                self.add("query", name, name)
            for name, text in (request.view_args or {}).items():
                self.add("path", name, text)
            if request.url_rule is None:
                self.add("path", "", request.path)  # an error page may repeat it
            for name, text in request.cookies.items(multi=True):
                self.add("cookie", name, text)
            for name, text in request.headers.items():
                plain = name.lower()
                if plain != "cookie" and not (plain in _SKIPPED_HEADERS and _USUAL.fullmatch(text)):
                    self.add("header", name, text)
        if "form" in parsed and "form" not in self.done:
            self.done.add("form")
            for name, text in request.form.items(multi=True):
                self.add("form", name, text)
                self.add("form", name, name)
            for name, file in request.files.items(multi=True):
                self.add("file", name, file.filename)
        if "json" not in self.done:
            document = next(
                (item for item in getattr(request, "_cached_json", ()) if item is not Ellipsis), None
            )
            if document is not None:
                self.done.add("json")
                self._walk("json", "", document)
        if "body" not in self.done and "json" not in self.done:
            data = getattr(request, "_cached_data", None)
            if data and len(data) <= LONGEST:
                self.done.add("body")
                self.add("body", "", data.decode("utf-8", "replace"))
        return self._values

    def raw(self) -> Iterator[bytes]:
        """Yield what the values are in bytes, also decoded from base64 or hexadecimal: for binary formats."""
        self.values()
        for text in self._sent:
            yield text.encode("utf-8", "surrogateescape")
            yield from _binary(text)
        data = getattr(self._request, "_cached_data", None)
        if data:
            yield data
        for file in self._request.__dict__.get("files", {}).values():
            if file.stream.seekable():
                place = file.stream.tell()
                file.stream.seek(0)
                yield file.stream.read(LONGEST)
                file.stream.seek(place)

    def _walk(self, source: str, path: str, document: Any, depth: int = 0) -> None:
        if depth > DEEPEST or len(self._values) > MOST:
            return
        if isinstance(document, dict):
            self.objects.append((path, document))
            for key, item in document.items():
                self.add(source, path or key, key)
                self._walk(source, f"{path}.{key}" if path else str(key), item, depth + 1)
        elif isinstance(document, list):
            for index, item in enumerate(document):
                self._walk(source, f"{path}[{index}]", item, depth + 1)
        elif isinstance(document, str):
            self.add(source, path, document)

    def add(self, source: str, name: str, text: Any) -> None:
        """Look for one more value, unless it cannot change anything or is looked for already."""
        if not isinstance(text, str) or len(text) < 2 or len(self._values) > MOST or text in self._seen:
            return
        self._seen.add(text)
        inert = _INERT.fullmatch(text) is not None
        if inert and len(text) < SHORTEST_CODED:
            return
        self._sent.append(text)
        split = len(self._values) < MOST_WITH_PIECES
        for part in _windows(text):
            for form in _decoded(part) if inert else dict.fromkeys(_forms(part, split=split)):
                if len(form) > 1 and not _INERT.fullmatch(form):
                    self._seen.add(form)
                    self._values.append(Value(source, name, form, form.casefold()))


def _windows(text: str) -> Iterator[str]:
    """Yield a value whole, or in pieces that overlap: what stands at the end of a long one counts as much as what stands first."""
    yield text[:WINDOW]
    for start in range(WINDOW // 2, len(text) - WINDOW // 2, WINDOW // 2):
        yield text[start : start + WINDOW]


def _forms(text: str, *, split: bool) -> Iterator[str]:
    """Yield a value and what decoding, trimming and splitting make of it."""
    yield text
    stripped = text.strip()
    yield stripped
    once = unquote_plus(stripped)
    if once != stripped:
        yield once
        if (twice := unquote_plus(once)) != once:
            yield twice
    if "&" in text and (plain := html.unescape(text)) != text:
        yield plain
    if len(text) <= 4096:
        yield from _decoded(stripped)
    pieces = _PIECES.split(stripped) if split else ()
    if 1 < len(pieces) <= 32:
        yield from pieces


def _decoded(text: str) -> Iterator[str]:
    for data in _binary(text):
        with contextlib.suppress(UnicodeDecodeError):
            yield data.decode("utf-8")


def _binary(text: str) -> Iterator[bytes]:
    text = text.strip().strip('"')
    if not _BASE64.fullmatch(text):
        return
    plain = text.rstrip("=").replace("+", "-").replace("/", "_")
    with contextlib.suppress(binascii.Error, ValueError):
        yield base64.urlsafe_b64decode(plain + "=" * (-len(plain) % 4))
    with contextlib.suppress(ValueError):
        yield bytes.fromhex(text)
