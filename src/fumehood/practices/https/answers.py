"""Reads security headers and cookies out of recorded answers. Pure functions, shared by the rules of this practice."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fumehood.engines.live.facts import Answer

__all__ = [
    "Cookie",
    "frames_and_forms_of",
    "hsts_seconds",
    "parse_cookie",
    "parse_csp",
    "scripts_of",
    "session_cookies",
    "style_sheets_of",
]

_TAG = re.compile(r"<(script|link|form|iframe)\b([^>]*)>", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"([\w-]+)\s*=\s*(\"[^\"]*\"|'[^']*'|[^\s>]+)")


@dataclass(frozen=True, slots=True)
class Cookie:
    """One ``Set-Cookie`` header."""

    name: str
    empty: bool
    secure: bool
    httponly: bool
    samesite: str
    domain: str


def parse_cookie(header: str) -> Cookie:
    """Parse a ``Set-Cookie`` header as browsers do (RFC 6265, section 5.2): attributes in any case and order."""
    first, *rest = header.split(";")
    name, _, value = first.partition("=")
    attributes = {
        key.strip().lower(): item.strip() for key, _, item in (part.partition("=") for part in rest)
    }
    return Cookie(
        name.strip(),
        not value.strip(' "'),
        "secure" in attributes,
        "httponly" in attributes,
        attributes.get("samesite", "").lower(),
        attributes.get("domain", ""),
    )


def hsts_seconds(header: str) -> int:
    """Return ``max-age`` of a Strict-Transport-Security header, 0 when it has none that browsers read (RFC 6797)."""
    found = re.search(r"(?:^|;)\s*max-age\s*=\s*\"?(\d+)\"?\s*(?:;|$)", header, re.IGNORECASE)
    return int(found[1]) if found else 0


def parse_csp(header: str) -> dict[str, tuple[str, ...]]:
    """Return a policy's directives with their sources in lower case; of several policies the first, of a repeated directive the first."""
    directives: dict[str, tuple[str, ...]] = {}
    for part in header.partition(",")[0].split(";"):
        if words := part.lower().split():
            directives.setdefault(words[0], tuple(words[1:]))
    return directives


def _tags(html: str, name: str) -> Iterator[dict[str, str]]:
    for tag in _TAG.finditer(html):
        if tag[1].lower() == name:
            yield {key.lower(): value.strip("\"'") for key, value in _ATTRIBUTE.findall(tag[2])}


def scripts_of(html: str) -> Iterable[dict[str, str]]:
    """The attributes of each ``<script src>``."""
    return (tag for tag in _tags(html, "script") if "src" in tag)


def style_sheets_of(html: str) -> Iterable[dict[str, str]]:
    """The attributes of each ``<link rel="stylesheet">``."""
    return (
        tag for tag in _tags(html, "link") if "stylesheet" in tag.get("rel", "").lower() and "href" in tag
    )


def frames_and_forms_of(html: str) -> Iterable[str]:
    """The addresses that forms send to and frames show."""
    yield from (tag["action"] for tag in _tags(html, "form") if "action" in tag)
    yield from (tag["src"] for tag in _tags(html, "iframe") if "src" in tag)


def session_cookies(answers: Iterable[Answer]) -> Iterator[tuple[Answer, Cookie]]:
    """The cookies that, by their name, keep a session or a login: each once, with the answer that set it."""
    seen: set[str] = set()
    for answer in answers:
        for cookie in map(parse_cookie, answer.cookies):
            named = re.search(r"sess|login|sid$|auth|remember", cookie.name, re.IGNORECASE)
            if named and not cookie.empty and cookie.name not in seen:
                seen.add(cookie.name)
                yield answer, cookie
