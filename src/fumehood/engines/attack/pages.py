"""Reads a page as a browser's parser would: forms, links, and where a marker has become markup or code."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

__all__ = ["Form", "Page", "read"]

_URL_ATTRIBUTES = frozenset({"href", "src", "action", "formaction", "data", "poster"})
_SCRIPT_TYPES = frozenset({"", "text/javascript", "application/javascript", "module"})


@dataclass(slots=True)
class Form:
    """A form of a page: fields by name, with their type and the value that the page gives them."""

    action: str
    method: str
    fields: dict[str, tuple[str, str]] = field(default_factory=dict)
    multipart: bool = False

    @property
    def has_password(self) -> bool:
        return any(kind == "password" for kind, _ in self.fields.values())

    def values(self) -> dict[str, str]:
        return {
            name: value
            for name, (kind, value) in self.fields.items()
            if kind not in {"submit", "button", "file", "image"}
        }


@dataclass(slots=True)
class Page:
    """What the parser saw."""

    forms: list[Form] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    tags: set[str] = field(default_factory=set)  # names of elements
    handlers: list[str] = field(default_factory=list)  # code of on* attributes
    urls: list[str] = field(default_factory=list)  # values of attributes that are addresses
    scripts: list[str] = field(default_factory=list)  # code between <script> and </script>
    text: str = ""

    def injected(self, marker: str) -> str:
        """Say where a marker that was sent as ``<marker>`` and in quotes has become markup or code, or "" when it is text (CWE-79)."""
        if marker in self.tags:
            return f"<{marker}> became an element of the page"
        for code in self.handlers:
            if _breaks_out(code, marker):
                return f"it ends the string in the event handler {code[:80]!r}"
        for url in self.urls:
            if url.strip().lower().startswith("javascript:") and marker in url.lower():
                return f"it became the address {url[:80]!r}"
        for code in self.scripts:
            if _breaks_out(code, marker):
                return "it ends the string in a script of the page"
        return ""


def _breaks_out(code: str, marker: str) -> bool:
    """Tell whether a marker sent between quotes stands outside of every string of a piece of JavaScript."""
    at = code.find(marker)
    while at >= 0:
        quote = ""
        index = 0
        while index < at:
            char = code[index]
            if quote and char == "\\":
                index += 1
            elif quote and char == quote:
                quote = ""
            elif not quote and char in "'\"`":
                quote = char
            elif not quote and code.startswith("//", index):
                newline = code.find("\n", index)
                index = at if newline < 0 or newline > at else newline
            index += 1
        if not quote:
            return True
        at = code.find(marker, at + 1)
    return False


class _Parser(HTMLParser):
    def __init__(self, base: str, host: str) -> None:
        super().__init__(convert_charrefs=True)
        self.page, self._base, self._host = Page(), base, host
        self._form: Form | None = None
        self._script: list[str] | None = None
        self._area = ""
        self._text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.page.tags.add(tag)
        for name, value in given.items():
            if name.startswith("on"):
                self.page.handlers.append(value)
            elif name in _URL_ATTRIBUTES:
                self.page.urls.append(value)
        if tag == "script" and given.get("type", "").lower() in _SCRIPT_TYPES:
            self._script = []
        elif tag in {"a", "link", "iframe"} and (given.get("href") or given.get("src")):
            self._link(given.get("href") or given.get("src", ""))
        elif tag == "form":
            self._form = Form(
                self._local(given.get("action", "")) or self._base,
                given.get("method", "get").upper(),
                multipart="multipart" in given.get("enctype", ""),
            )
            self.page.forms.append(self._form)
        elif (
            tag in {"input", "select", "textarea", "button"} and given.get("name") and self._form is not None
        ):
            kind = given.get("type", "text").lower() if tag == "input" else tag
            if (
                kind in {"checkbox", "radio"}
                and "checked" not in given
                and given["name"] in self._form.fields
            ):
                return
            self._form.fields[given["name"]] = (kind, given.get("value", ""))
            self._area = given["name"]
        elif tag == "option" and self._form is not None and self._area in self._form.fields:
            kind, value = self._form.fields[self._area]
            if not value or "selected" in given:
                self._form.fields[self._area] = (kind, given.get("value", ""))

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None
        elif tag == "script" and self._script is not None:
            self.page.scripts.append("".join(self._script))
            self._script = None

    def handle_data(self, data: str) -> None:
        if self._script is not None:
            self._script.append(data)
        else:
            self._text.append(data)

    def _link(self, href: str) -> None:
        if (path := self._local(href)) and path not in self.page.links:
            self.page.links.append(path)

    def _local(self, href: str) -> str:
        """A link's path and query when it stays in the application."""
        if not href or re.match(r"(?:javascript|mailto|data|tel):", href, re.IGNORECASE):
            return ""
        there = urlsplit(urljoin(f"https://{self._host}{self._base}", href))
        if there.hostname != self._host:
            return ""
        return (there.path or "/") + (f"?{there.query}" if there.query else "")


def read(html: str, path: str = "/", host: str = "localhost") -> Page:
    """Parse a page.

    Parameters:
        html: the page's text.
        path: where it came from, for relative links.
        host: links to other hosts are left out.
    """
    parser = _Parser(path, host)
    parser.feed(html)
    parser.close()
    if parser._script:
        parser.page.scripts.append("".join(parser._script))
    parser.page.text = "".join(parser._text)
    return parser.page
