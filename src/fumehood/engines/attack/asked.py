"""Hears which names an application asks a request for, in its own code, in helpers and in libraries.

Reading source tells what a view names itself; a form class, a decorator or a function that builds names tells only when it runs.
The request's containers are replaced by ones that behave the same and remember what they were asked for.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from types import CodeType, FrameType
from typing import Any

from flask import Flask
from werkzeug.datastructures import EnvironHeaders, ImmutableMultiDict

__all__ = ["FILLER", "Asked", "listen"]

FILLER = "probe"  # what is sent where nothing better is known

Name = tuple[
    str, str
]  # source, name; "*" says that all names are walked through, "=" that the text is taken apart

# What Flask, Werkzeug and servers read of every request: nobody's choice of a parameter.
_USUAL_HEADERS = frozenset({"host", "content-type", "content-length", "cookie", "accept", "accept-charset", "accept-encoding", "accept-language", "connection",
    "transfer-encoding", "if-none-match", "if-modified-since", "if-match", "if-unmodified-since", "if-range", "range", "date", "origin", "upgrade",
    "access-control-request-method", "access-control-request-headers", "sec-fetch-site", "authorization", "cache-control"})  # fmt: skip
_HOST = "HOST"  # unlike what asks for the header by its name
_WORD = re.compile(r"[A-Za-z][\w.-]{1,39}")
_MOST_LISTED = 8
_LIBRARIES = ("site-packages", "dist-packages", "/lib/python")


class Asked:
    """Names that were asked for since :meth:`begin`."""

    def __init__(self, own_cookies: frozenset[str]) -> None:
        self.names: dict[Name, None] = {}
        self.words: dict[str, None] = {}  # names among the constants of code that does so
        self.own_cookies = own_cookies

    def begin(self) -> None:
        self.names, self.words = {}, {}

    def add(self, source: str, name: Any) -> None:
        """Remember that a name was asked for."""
        if not isinstance(name, str) or len(name) > 200 or len(self.names) > 500:
            return
        if source == "cookie" and name in self.own_cookies:
            return
        asker = _asker()
        if asker is None or asker.f_globals.get("__name__", "").startswith("fumehood."):
            return
        if (source in {"header", "body"} or name in {"*", "="}) and not _is_own(asker):
            return
        if name in {"*", "="}:
            self.words.update(dict.fromkeys(_words(asker)))
        if name == "*":
            self.names.update(dict.fromkeys((source, word) for word in _listed(asker.f_code)))
        if source == "header" and name.lower() in _USUAL_HEADERS and name != _HOST:
            return
        self.names[source, name.title() if name == _HOST else name] = None


def _asker() -> FrameType | None:
    """The frame that asks: out of this module, and of the framework that only passes the question on."""
    frame: FrameType | None = sys._getframe(2)
    while frame is not None and (
        frame.f_code.co_filename == __file__
        or frame.f_globals.get("__name__", "").partition(".")[0] in {"werkzeug", "flask"}
    ):
        frame = frame.f_back
    return frame


def _is_own(frame: FrameType | None) -> bool:
    return frame is not None and not any(part in frame.f_code.co_filename for part in _LIBRARIES)


def _words(frame: FrameType) -> Iterator[str]:
    for constant in _constants(frame.f_code):
        if _WORD.fullmatch(constant.rstrip("=&?")):
            yield constant.rstrip("=&?")


def _listed(code: CodeType) -> list[str]:
    """Names in the tuples and sets that code, which walks through all names, compares them with: ``if key in ("from", "to")``."""
    kept = [item for item in code.co_consts if isinstance(item, tuple | frozenset)]
    inner = [word for item in code.co_consts if isinstance(item, CodeType) for word in _listed(item)]
    words = [word for item in kept for word in _constants(item) if _WORD.fullmatch(word)]
    return list(dict.fromkeys([*words, *inner]))[:_MOST_LISTED]


def _constants(item: Any) -> Iterator[str]:
    """The texts of a piece of code, of tuples in it, and of the comprehensions in it."""
    if isinstance(item, str):
        yield item
    elif isinstance(item, CodeType):
        for constant in item.co_consts:
            yield from _constants(constant)
    elif isinstance(item, tuple | frozenset):
        for constant in sorted(item, key=str):
            yield from _constants(constant)


class _Multi(ImmutableMultiDict[str, Any]):
    """Query, form, files and cookies."""

    asked: Asked
    source: str

    def heard(self, asked: Asked, source: str) -> _Multi:
        self.asked, self.source = asked, source
        return self

    def __getitem__(self, key: str) -> Any:
        self.asked.add(self.source, key)
        return super().__getitem__(key)

    def __contains__(self, key: object) -> bool:
        self.asked.add(self.source, key)
        return super().__contains__(key)

    def get(self, key: str, *args: Any, **kwargs: Any) -> Any:
        self.asked.add(self.source, key)
        return super().get(key, *args, **kwargs)

    def getlist(self, key: str, *args: Any, **kwargs: Any) -> list[Any]:
        self.asked.add(self.source, key)
        return super().getlist(key, *args, **kwargs)

    def __iter__(self) -> Iterator[str]:
        self.asked.add(self.source, "*")
        return super().__iter__()

    def keys(self) -> Any:
        self.asked.add(self.source, "*")
        return super().keys()

    def items(self, *args: Any, **kwargs: Any) -> Any:
        self.asked.add(self.source, "*")
        return super().items(*args, **kwargs)

    def copy(self) -> Any:
        return super().copy()


class _Headers(EnvironHeaders):
    asked: Asked

    def __getitem__(self, key: Any, *args: Any, **kwargs: Any) -> Any:
        self.asked.add("header", key)
        return super().__getitem__(key, *args, **kwargs)

    def get(self, key: str, *args: Any, **kwargs: Any) -> Any:
        self.asked.add("header", key)
        return super().get(key, *args, **kwargs)

    def __contains__(self, key: object) -> bool:
        self.asked.add("header", key)
        return super().__contains__(key)  # type: ignore[operator]

    def getlist(self, key: str, *args: Any, **kwargs: Any) -> Any:
        self.asked.add("header", key)
        return super().getlist(key, *args, **kwargs)


class _Document(dict[str, Any]):
    """A JSON object; members that are objects are heard too, with a dotted name."""

    asked: Asked
    prefix: str

    def __getitem__(self, key: str) -> Any:
        self.asked.add("json", self.prefix + str(key))
        return super().__getitem__(key)

    def __contains__(self, key: object) -> bool:
        self.asked.add("json", self.prefix + str(key))
        return super().__contains__(key)

    def get(self, key: str, default: Any = None) -> Any:
        self.asked.add("json", self.prefix + str(key))
        return super().get(key, default)

    def pop(self, key: str, *default: Any) -> Any:
        self.asked.add("json", self.prefix + str(key))
        return super().pop(key, *default)

    def __iter__(self) -> Iterator[str]:
        self._walked()
        return super().__iter__()

    def keys(self) -> Any:
        self._walked()
        return super().keys()

    def items(self) -> Any:
        self._walked()
        return super().items()

    def _walked(self) -> None:
        if not self.prefix:
            self.asked.add("json", "*")


class _Text(str):
    """A text where an object may have been meant: who asks it for a member tells so."""

    asked: Asked
    prefix: str

    def __getitem__(self, key: Any) -> Any:
        self.asked.add("json", f"{self.prefix}{key}")
        return super().__getitem__(key)

    def get(self, key: Any, *_: Any) -> Any:
        self.asked.add("json", f"{self.prefix}{key}")
        raise AttributeError("'str' object has no attribute 'get'")


def _document(value: Any, asked: Asked, prefix: str = "", depth: int = 0) -> Any:
    if isinstance(value, dict) and depth < 4:
        heard = _Document(
            {key: _document(item, asked, f"{prefix}{key}.", depth + 1) for key, item in value.items()}
        )
        heard.asked, heard.prefix = asked, prefix
        return heard
    if value == FILLER and prefix:
        text = _Text(value)
        text.asked, text.prefix = asked, prefix
        return text
    return value


class _Listening:
    """Goes before an application's request class."""

    asked: Asked

    def __init__(self, environ: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(environ, *args, **kwargs)  # type: ignore[call-arg]
        headers = _Headers(environ)
        headers.asked = self.asked
        self.headers = headers

    @property
    def args(self) -> Any:
        return self._heard("args", "query")

    @property
    def cookies(self) -> Any:
        return self._heard("cookies", "cookie")

    @property
    def host(self) -> Any:
        self.asked.add("header", _HOST)  # of it, an address is made: request.url, request.host_url
        return self.__dict__["host"] if "host" in self.__dict__ else super().host  # type: ignore[misc]

    @host.setter
    def host(self, value: Any) -> None:
        self.__dict__["host"] = value

    @property
    def query_string(self) -> Any:
        if (
            not sys._getframe(1).f_globals.get("__name__", "").startswith("werkzeug.")
        ):  # which makes args of it
            self.asked.add("query", "=")
        return self.__dict__["query_string"]

    @query_string.setter
    def query_string(self, value: Any) -> None:
        self.__dict__["query_string"] = value

    @property
    def form(self) -> Any:
        if "form" not in self.__dict__:
            self._load_form_data()
        return self.__dict__["form"]

    @property
    def files(self) -> Any:
        if "files" not in self.__dict__:  # in debug mode Flask asks for them while it loads them
            self._load_form_data()
        return self.__dict__["files"]

    def _heard(self, name: str, source: str) -> Any:
        known = self.__dict__.get(f"_heard_{name}")
        if known is None:
            plain = getattr(super(), name)
            known = self.__dict__[f"_heard_{name}"] = _Multi(plain).heard(self.asked, source)
        return known

    def _load_form_data(self) -> None:
        super()._load_form_data()  # type: ignore[misc]
        for name, source in (("form", "form"), ("files", "file")):
            if not isinstance(self.__dict__[name], _Multi):
                self.__dict__[name] = _Multi(self.__dict__[name]).heard(self.asked, source)

    def get_json(self, *args: Any, **kwargs: Any) -> Any:
        self.asked.add("json", "")
        return _document(super().get_json(*args, **kwargs), self.asked)  # type: ignore[misc]

    def get_data(self, *args: Any, **kwargs: Any) -> Any:
        self.asked.add("body", "")
        return super().get_data(*args, **kwargs)  # type: ignore[misc]


def listen(app: Flask) -> Asked:
    """Replace an application's request class by one that is heard."""
    asked = Asked(frozenset({app.config.get("SESSION_COOKIE_NAME") or "session", "remember_token"}))
    app.request_class = type("ListeningRequest", (_Listening, app.request_class), {"asked": asked})
    return asked
