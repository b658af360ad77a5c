"""The current request's values, as an attacker chose them and as an application may have changed them.

Only what the application has itself read so far is looked at: a body that was never parsed cannot have reached a sink, and
reading it here would take it from the view.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from flask import Request, current_app

from fumehood.engines.sinks.forms import binary_forms, cut, documents, forms, windows
from fumehood.engines.sinks.hearing import Hearing

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

__all__ = ["Inputs", "Value", "fold", "listen"]

MOST = 200_000  # values of one request; more do not fit into the JSON and the forms that the hood lets in
MOST_WITH_PIECES = 20_000  # beyond, values are no longer decoded or split
DEEPEST = 200  # levels of JSON; the hood lets in no more
LONGEST = 1_048_576  # bytes of a body or a file that are looked at
SHORTEST_CODED = 4  # characters of base64 or hexadecimal that could hold more than a word
MOST_COMPARED = 100_000_000  # characters, for one argument, that are searched for parts of values
SHORTEST_PIECE = 6  # characters; a shorter part of a value says nothing of where it came from

# One word, a number or an identifier cannot add a token to most languages: only where a word itself is the danger is it looked for.
_WORD = re.compile(r"[\w]*", re.ASCII)
_QUOTES = frozenset("'\"`\\ ")
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
    folded: str  # fold(text): sinks are searched without regard to case


def fold(text: str) -> str:
    """Return a text in lower case, every character where it was."""
    lowered = text.lower()
    if len(lowered) == len(text):
        return lowered
    return "".join(low if len(low := char.lower()) == 1 else char for char in text)


def listen(environ: WSGIEnvironment) -> None:
    """Hear what the application reads from a request's body by itself."""
    if not isinstance(environ["wsgi.input"], Hearing):
        environ["wsgi.input"] = Hearing(environ["wsgi.input"], LONGEST)


class Inputs:
    """Collects a request's values step by step: query and path at once, form and JSON when the application has parsed them."""

    def __init__(self, request: Request) -> None:
        self._request = request
        self._seen: set[str] = set()
        self.done: set[str] = set()
        self._values: list[Value] = []
        self._words: dict[str, Value] = {}
        self._sent: list[str] = []
        self._whole: list[Value] = []  # values and their decoded forms, not cut
        self._joined: tuple[int, str] = (0, "")
        self._matching: dict[Callable[[str], bool], tuple[list[Value], int]] = {}
        heard = request.environ.get("wsgi.input")
        self._hearing = heard if isinstance(heard, Hearing) else None
        self._heard = 0
        self.objects: list[tuple[str, Any]] = []  # JSON objects and arrays, for sinks that take structures
        self.looked_up: list[str] = []  # names of hosts that were asked for
        self.archives: list[Value] = []  # names in archives that were opened: an upload's own choice

    def values(self) -> list[Value]:
        """Return all values known by now that could change the meaning of anything."""
        request, done = self._request, self.done
        parsed = request.__dict__
        if "query" not in done:
            done.add("query")
            self._add_query()
        if "form" in parsed and "form" not in done:
            done.add("form")
            self._add_fields("form", request.form)
            for name, file in request.files.items(multi=True):
                self.add("file", name, file.filename)
        if "json" not in done:
            document = next(
                (item for item in getattr(request, "_cached_json", ()) if item is not Ellipsis), None
            )
            if document is not None:
                done.add("json")
                self._walk("json", "", document)
        if "json" not in done and not ("form" in done and (request.form or request.files)):
            self._add_body()
        return self._values

    def words(self) -> dict[str, Value]:
        """Return the values that are one word each, by their folded text: for sinks where a word is a choice, as of a program or a host."""
        self.values()
        return self._words

    def everything(self) -> Iterator[Value]:
        """Yield words and other values."""
        yield from self.values()
        yield from self._words.values()

    def matching(self, wanted: Callable[[str], bool]) -> list[Value]:
        """Return the values that a test holds for; each value is tested once."""
        values = self.values()
        kept, tested = self._matching.get(wanted, ([], 0))
        if tested < len(values):
            kept.extend(value for value in values[tested:] if wanted(value.text))
            self._matching[wanted] = (kept, len(values))
        if "/" in self._words:
            return [*kept, *self.archives, self._words["/"]]
        return [*kept, *self.archives] if self.archives else kept

    def _add_query(self) -> None:
        request = self._request
        self._add_fields("query", request.args)
        for name, text in (request.view_args or {}).items():
            self.add("path", name, text)
        if request.url_rule is None:
            self.add("path", "", request.path)  # an error page may repeat it
        signed = current_app.config["SESSION_COOKIE_NAME"] if current_app else ""
        for name, text in request.cookies.items(multi=True):
            if name != signed:  # without the key nobody chooses what a session's cookie says
                self.add("cookie", name, text)
        for name, text in request.headers.items():
            plain = name.lower()
            if plain != "cookie" and not (plain in _SKIPPED_HEADERS and _USUAL.fullmatch(text)):
                self.add("header", name, text)

    def _add_fields(self, source: str, fields: Any) -> None:
        for name, texts in fields.lists():
            self.add(source, name, name)
            for text in texts:
                self.add(source, name, text)
            if len(texts) > 1:
                self._add_joined(source, name, texts)

    def _add_joined(self, source: str, name: str, texts: list[Any]) -> None:
        """Several values of one name, or a list of JSON, may be put together again."""
        parts = [text for text in texts if isinstance(text, str)]
        if 1 < len(parts) <= 1_000:
            for between in ("", " ", ","):
                self.add(source, name, between.join(parts), split=False)

    def _add_body(self) -> None:
        request = self._request
        data = getattr(request, "_cached_data", None)
        if not data and self._hearing is not None:
            data = self._hearing.heard()
        if not data or len(data) == self._heard:
            return
        self._heard = len(data)
        text = data[:LONGEST].decode("utf-8", "replace")
        document = _json(text)
        if document is not None:
            self._walk("body", "", document)
            return
        if request.mimetype == "application/x-www-form-urlencoded":
            for name, field in parse_qsl(text, max_num_fields=MOST_WITH_PIECES):
                self.add("body", name, field)
        self.add("body", "", text)

    def raw(self) -> Iterator[bytes]:
        """Yield what the values are in bytes, also decoded and unpacked: for binary formats."""
        self.values()
        for text in self._sent:
            yield from binary_forms(text)
        data = getattr(self._request, "_cached_data", None) or (
            self._hearing.heard() if self._hearing is not None else None
        )
        if data:
            yield from binary_forms(data[:LONGEST])
        for file in self._request.__dict__.get("files", {}).values():
            if not file.stream.closed and file.stream.seekable():
                place = file.stream.tell()
                file.stream.seek(0)
                yield from binary_forms(file.stream.read(LONGEST))
                file.stream.seek(place)

    def pieces_in(self, folded: str, edges: Sequence[int]) -> Iterator[tuple[int, int]]:
        """Yield where the longest parts of values stand in an argument, however they were cut out.

        Around every place where a token of the argument may end, a few characters are looked for in all values at once; where
        they are found, they are made as long as they can be.

        Parameters:
            folded: the argument, as :func:`fold` returns it.
            edges: the places.
        """
        searched = self._text()
        if len(searched) < SHORTEST_PIECE or len(searched) * len(edges) > MOST_COMPARED:
            return
        reached = 0
        for edge in edges:
            if edge < reached:
                continue
            for first in range(max(reached, edge - SHORTEST_PIECE + 1), edge + 1):
                if (
                    first + SHORTEST_PIECE <= len(folded)
                    and folded[first : first + SHORTEST_PIECE] in searched
                ):
                    reached = _extend(folded, first, first + SHORTEST_PIECE, searched)
                    start, end = _without_quotes(folded, first, reached)
                    if end - start >= SHORTEST_PIECE - 2:
                        yield start, end
                    break

    def _text(self) -> str:
        self.values()
        if self._joined[0] != len(self._whole):
            self._joined = (len(self._whole), "\0".join(value.folded for value in self._whole))
        return self._joined[1]

    def holding(self, folded: str) -> Value:
        """Return the value that a part came from."""
        whole = next(value for value in self._whole if folded in value.folded)
        return Value(whole.source, whole.name, folded, folded)

    def _walk(self, source: str, path: str, document: Any, depth: int = 0) -> None:
        if depth > DEEPEST or len(self._values) > MOST:
            return
        if isinstance(document, dict):
            self.objects.append((path, document))
            for key, item in document.items():
                self.add(source, path or key, key)
                self._walk(source, f"{path}.{key}" if path else str(key), item, depth + 1)
        elif isinstance(document, list):
            self.objects.append((path, document))
            for index, item in enumerate(document):
                self._walk(source, f"{path}[{index}]", item, depth + 1)
            self._add_joined(source, path, document)
        elif isinstance(document, str):
            self.add(source, path, document)
        elif isinstance(document, int | float):
            self._add_word(source, path, str(document))

    def add(self, source: str, name: str, text: Any, *, split: bool = True) -> None:
        """Look for one more value, unless it cannot change anything or is looked for already."""
        if not isinstance(text, str) or not text or len(self._values) > MOST or text in self._seen:
            return
        self._seen.add(text)
        word = _WORD.fullmatch(text) is not None
        if word:
            self._add_word(source, name, text)
            if len(text) < SHORTEST_CODED:
                return
        elif len(text) < 2:
            if text == "/":  # all there is, to whoever lists folders
                self._add_word(source, name, text)
            return
        self._sent.append(text)
        split = split and len(self._values) < MOST_WITH_PIECES
        for part in windows(text):
            for form in forms(part) if split else (part,):
                self._keep(source, name, form, split=split)
                if split:
                    for document in documents(form):
                        self._walk(source, name, document)

    def _add_word(self, source: str, name: str, text: str) -> None:
        folded = fold(text)
        self._words.setdefault(folded, Value(source, name, text, folded))

    def _keep(self, source: str, name: str, form: str, *, split: bool) -> None:
        if len(form) < 2:
            return
        if _WORD.fullmatch(form):
            self._add_word(source, name, form)
            return
        self._seen.add(form)
        value = Value(source, name, form, fold(form))
        self._values.append(value)
        self._whole.append(value)
        for whole in cut(form) if split else ():
            piece = whole[slice(*_without_quotes(whole, 0, len(whole)))]
            if len(piece) < 2:
                continue
            if _WORD.fullmatch(piece):
                self._add_word(source, name, piece)
            elif piece not in self._seen:
                self._seen.add(piece)
                self._values.append(Value(source, name, piece, fold(piece)))


def _extend(text: str, start: int, end: int, searched: str) -> int:
    """Return the last end of a part that is found: if a part is, so is every shorter one."""
    step = 1
    while end + step <= len(text) and text[start : end + step] in searched:
        end, step = end + step, step * 2
    while step > 1:
        step //= 2
        if end + step <= len(text) and text[start : end + step] in searched:
            end += step
    return end


def _without_quotes(text: str, start: int, end: int) -> tuple[int, int]:
    """A quote at a part's edge may as well be the program's, which put the value in quotes or doubled the value's own."""
    while start < end and text[start] in _QUOTES:
        start += 1
    while end > start and text[end - 1] in _QUOTES:
        end -= 1
    return start, end


def _json(text: str) -> Any:
    if text.lstrip()[:1] not in {"{", "[", '"'}:
        return None
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None
