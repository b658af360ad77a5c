"""Where in an HTML page a template's expression stands: text, attribute, address, script, style."""

from __future__ import annotations

import re
from typing import Final

__all__ = ["Context", "Page"]

_TAG: Final = re.compile(r"</?([a-zA-Z][\w:-]*)")
_LINKS: Final = frozenset({"href", "src", "action", "formaction", "data", "srcdoc", "xlink:href"})
_RAW: Final = frozenset({"script", "style"})


class Context:
    """The place of an expression: ``where`` is "text", "quoted", "unquoted", "link", "event", "script", "string", "style" or "comment"."""

    __slots__ = ("attribute", "tag", "where")

    def __init__(self, where: str, tag: str = "", attribute: str = "") -> None:
        self.where = where
        self.tag = tag
        self.attribute = attribute


class Page:
    """Follows a page's text piece by piece; ``here()`` says what an expression between two pieces would be in."""

    def __init__(self) -> None:
        self._state = "text"
        self._tag = ""
        self._attribute = ""
        self._quote = ""
        self._value = ""
        self._string = ""
        self._name = ""

    @classmethod
    def of_script(cls) -> Page:
        """A text that is a script from its beginning to its end."""
        page = cls()
        page._state, page._tag = "raw", "script"
        return page

    def copy(self) -> Page:
        other = Page()
        other.__dict__.update(self.__dict__)
        return other

    def expression(self) -> None:
        """Something of unknown text stands here."""
        if self._state in ("value", "before-value"):
            self._value += "?"
            self._state = "value"

    def here(self) -> Context:
        if self._state == "raw":
            if self._tag == "script":
                return Context("string" if self._string in "'\"" and self._string else "script", "script")
            return Context("style", "style")
        if self._state == "comment":
            return Context("comment")
        if self._state in ("value", "before-value"):
            name = self._attribute.lower()
            if name.startswith("on") and len(name) > 2:
                return Context("event", self._tag, name)
            if not self._quote:
                return Context("unquoted", self._tag, name)
            if name in _LINKS and not self._value.strip():
                return Context("link", self._tag, name)
            return Context("quoted", self._tag, name)
        if self._state in ("tag", "name"):
            return Context("unquoted", self._tag)
        return Context("text")

    def feed(self, text: str) -> None:
        position = 0
        while position < len(text):
            position = getattr(self, f"_in_{self._state.replace('-', '_')}")(text, position)

    def _in_text(self, text: str, position: int) -> int:
        start = text.find("<", position)
        if start < 0:
            return len(text)
        if text.startswith("<!--", start):
            self._state = "comment"
            return start + 4
        match = _TAG.match(text, start)
        if match is None:
            return start + 1
        self._tag = match.group(1).lower() if not match.group(0).startswith("</") else ""
        self._state = "tag"
        return match.end()

    def _in_comment(self, text: str, position: int) -> int:
        end = text.find("-->", position)
        if end < 0:
            return len(text)
        self._state = "text"
        return end + 3

    def _in_tag(self, text: str, position: int) -> int:
        char = text[position]
        if char == ">":
            self._state = "raw" if self._tag in _RAW else "text"
            self._string = ""
        elif not char.isspace() and char != "/":
            self._state, self._name = "name", char
        return position + 1

    def _in_name(self, text: str, position: int) -> int:
        char = text[position]
        if char == "=":
            self._attribute, self._value, self._quote, self._state = self._name, "", "", "before-value"
        elif char in ">/" or char.isspace():
            rest = text[position:].lstrip()
            if char.isspace() and rest.startswith("="):
                return position + 1
            self._state = "tag"
            return position
        else:
            self._name += char
        return position + 1

    def _in_before_value(self, text: str, position: int) -> int:
        char = text[position]
        if char.isspace():
            return position + 1
        self._state = "value"
        if char in "'\"":
            self._quote = char
            return position + 1
        return position

    def _in_value(self, text: str, position: int) -> int:
        char = text[position]
        if (self._quote and char == self._quote) or (not self._quote and (char.isspace() or char == ">")):
            self._state = "tag"
            return position + (1 if self._quote else 0)
        self._value += char
        return position + 1

    def _in_raw(self, text: str, position: int) -> int:
        end = f"</{self._tag}"
        if text[position] == "<" and text[position : position + len(end)].lower() == end:
            self._state, self._tag = "tag", ""
            return position + len(end)
        char = text[position]
        if self._string:
            if char == "\\":
                return position + 2
            if char == self._string or (char == "\n" and self._string != "`"):
                self._string = ""
        elif char in "'\"`" and self._tag == "script":
            self._string = char
        return position + 1
