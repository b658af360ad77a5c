"""A person's cookies, as a browser keeps and sends them: by path, until they are taken back. Domains are all one here."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from email.utils import mktime_tz, parsedate_tz

__all__ = ["Jar"]

# What a value may hold unquoted: RFC 6265, 4.1.1, and the characters that servers accept beside.
_KEPT = "!#$%&'()*+-./:<=>?@[]^_`{|}~"


@dataclass(slots=True)
class Jar:
    """Cookies by name and path."""

    cookies: dict[tuple[str, str], str] = field(default_factory=dict)

    def copy(self) -> Jar:
        return Jar(dict(self.cookies))

    def take(self, headers: Iterable[tuple[str, str]], path: str) -> None:
        """Keep, replace or drop what an answer's ``Set-Cookie`` headers say."""
        for name, value in headers:
            if name.lower() != "set-cookie":
                continue
            pair, *attributes = value.split(";")
            key, _, content = pair.strip().partition("=")
            given = {
                part.partition("=")[0].strip().lower(): part.partition("=")[2].strip() for part in attributes
            }
            place = (key, given["path"] if given.get("path", "").startswith("/") else _folder(path))
            if _ended(given):
                self.cookies.pop(place, None)
            else:
                self.cookies[place] = content

    def header(self, path: str, more: Mapping[str, str], spare: Mapping[str, str]) -> str:
        """Return the ``Cookie`` header for a path; ``more`` replaces cookies of the same name, ``spare`` does not."""
        sent = {name: quoted(value) for name, value in spare.items()} | {
            name: value
            for (name, place), value in sorted(self.cookies.items(), key=lambda item: len(item[0][1]))
            if path == place or path.startswith(place.rstrip("/") + "/")
        }
        sent.update({name: quoted(value) for name, value in more.items()})
        return "; ".join(f"{name}={value}" for name, value in sent.items())


def quoted(value: str) -> str:
    """Write a value as a cookie's: in quotes, with octal escapes, when it holds what would end it."""
    if all(char.isascii() and (char.isalnum() or char in _KEPT) for char in value):
        return value
    escaped = "".join(
        chr(byte) if 0x20 <= byte < 0x7F and byte not in b'",;\\' else f"\\{byte:03o}"
        for byte in value.encode()
    )
    return f'"{escaped}"'


def _folder(path: str) -> str:
    return path.rpartition("/")[0] or "/"


def _ended(given: Mapping[str, str]) -> bool:
    if given.get("max-age"):
        return given["max-age"].lstrip("-").isdecimal() and int(given["max-age"]) <= 0
    when = parsedate_tz(given.get("expires", ""))
    return when is not None and mktime_tz(when) < time.time()
