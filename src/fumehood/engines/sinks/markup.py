"""Sinks of directories and documents: LDAP filters, XPath expressions, XML with external entities; wrapped when they are imported."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import wrapt

from fumehood.engines.sinks.inputs import Value
from fumehood.engines.sinks.watch import Watch, active

__all__ = ["WRAPPERS", "expression_changes", "filter_changes"]

_PLAIN = re.compile(r"\s*[-+]?[\w.]+\s*")
_EXTERNAL = re.compile(r"<!ENTITY\s+(?:%\s*)?\S+\s+(?:SYSTEM|PUBLIC)\b")
_DECLARED = re.compile(r"<!ENTITY\s")


def _wrap_ldap3(loaded: Any) -> None:
    def before(wrapped: Any, _instance: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        watch = active.get()
        text = args[1] if len(args) > 1 else kwargs.get("search_filter")
        if watch is not None and isinstance(text, str):
            watch.guarded(lambda: watch.text("ldap", "ldap3.Connection.search", text, filter_changes))
        return wrapped(*args, **kwargs)

    wrapt.wrap_function_wrapper(loaded, "Connection.search", before)


def filter_changes(text: str, start: int, end: int) -> str:
    """RFC 4515: these characters must be escaped in a filter's value."""
    found = [char for char in "()*\\\0" if char in text[start:end]]
    return f"its {found[0]!r} is part of the filter's structure" if found else ""


def expression_changes(text: str, start: int, end: int) -> str:
    """XPath 1.0, 3.7: a literal ends at the quote that began it, and has no escape."""
    quote = ""
    for index, char in enumerate(text[:end]):
        if quote:
            if char == quote:
                if index >= start:
                    return "it ends the quotes around it"
                quote = ""
        elif index >= start:
            return (
                "" if _PLAIN.fullmatch(text[start:end]) else "it is part of the expression, outside of quotes"
            )
        elif char in "'\"":
            quote = char
    return ""


def _wrap_xpath(name: str, place: int) -> Callable[[Any], None]:
    def before(wrapped: Any, _instance: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        watch = active.get()
        text = args[place] if len(args) > place else kwargs.get("path")
        if watch is not None and isinstance(text, str):
            watch.guarded(
                lambda: watch.text("xpath", f"{wrapped.__module__}.{name}", text, expression_changes)
            )
        return wrapped(*args, **kwargs)

    def wrap(loaded: Any) -> None:
        if hasattr(loaded, name):
            wrapt.wrap_function_wrapper(loaded, name, before)

    return wrap


def _wrap_elementpath(loaded: Any) -> None:
    # The package's own names and its modules' are the same functions: each is looked up where it is called from.
    for name, place in (("select", 1), ("iter_select", 1)):
        _wrap_xpath(name, place)(loaded)

    def before(wrapped: Any, _instance: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        watch = active.get()
        text = args[0] if args else kwargs.get("path")
        if watch is not None and isinstance(text, str):
            watch.guarded(lambda: watch.text("xpath", "elementpath.Selector", text, expression_changes))
        return wrapped(*args, **kwargs)

    wrapt.wrap_function_wrapper(loaded, "Selector.__init__", before)


def _wrap_lxml(loaded: Any) -> None:
    # Elements are of a C type whose methods cannot be replaced; the classes and functions of the module can.
    original = loaded.XPath

    class XPath(original):  # type: ignore[misc,valid-type]
        def __init__(self, path: Any, *args: Any, **kwargs: Any) -> None:
            watch = active.get()
            if watch is not None and isinstance(path, str):
                watch.guarded(lambda: watch.text("xpath", "lxml.etree.XPath", path, expression_changes))
            super().__init__(path, *args, **kwargs)

    loaded.XPath = XPath
    for name in ("fromstring", "XML", "parse"):

        def before(
            wrapped: Any, _instance: Any, args: tuple[Any, ...], kwargs: dict[str, Any], name: str = name
        ) -> Any:
            watch = active.get()
            parser = args[1] if len(args) > 1 else kwargs.get("parser")
            if watch is not None and args and parser is not None:
                watch.guarded(lambda: _lxml_entities(watch, f"lxml.etree.{name}", args[0], parser, loaded))
            return wrapped(*args, **kwargs)

        wrapt.wrap_function_wrapper(loaded, name, before)


def _lxml_entities(watch: Watch, call: str, source: Any, parser: Any, loaded: Any) -> None:
    document = _document(source)
    found = _entity(watch, document)
    # What a parser was told is not to be asked of it; so it is asked to read a harmless entity of a scheme that leads nowhere.
    if found is not None and _resolves(parser, loaded):
        watch.report(
            "xml", call, document[:500], found, "it declares an external entity, which this parser loads"
        )


def _resolves(parser: Any, loaded: Any) -> bool:
    asked: list[str] = []

    class Seen(loaded.Resolver):  # type: ignore[misc]
        def resolve(self, url: str, *_: Any) -> Any:
            asked.append(url)
            return self.resolve_string("", _[-1])

    copy = parser.copy() if hasattr(parser, "copy") else parser
    copy.resolvers.add(Seen())
    with suppress(loaded.XMLSyntaxError):
        loaded.fromstring.__wrapped__(b'<!DOCTYPE a [<!ENTITY b SYSTEM "fumehood:nothing">]><a>&b;</a>', copy)
    return "fumehood:nothing" in asked


def _document(source: Any) -> str:
    if isinstance(source, bytes):
        return source.decode("utf-8", "replace")
    if isinstance(source, str):
        return source
    if hasattr(source, "getvalue"):
        return _document(source.getvalue())
    return ""


def _entity(watch: Watch, document: str) -> Value | None:
    if not _EXTERNAL.search(document):
        return None
    return next(
        (
            value
            for value in watch.inputs().values()
            if _DECLARED.search(value.text) and value.text.strip() in document
        ),
        None,
    )


def _wrap_sax(loaded: Any) -> None:
    def before(wrapped: Any, instance: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        watch = active.get()
        # Called for each external entity; a parser that was not told to load them skips it.
        if watch is not None and instance._external_ges:
            watch.guarded(lambda: _external(watch, args))
        return wrapped(*args, **kwargs)

    wrapt.wrap_function_wrapper(loaded, "ExpatParser.external_entity_ref", before)


def _external(watch: Watch, args: tuple[Any, ...]) -> None:
    named = str(args[2] if len(args) > 2 else "")
    for value in watch.inputs().values():
        if named and named in value.text and _DECLARED.search(value.text):
            watch.report(
                "xml",
                "xml.sax.parse",
                named,
                value,
                "it declares an external entity, which this parser loads",
            )
            return


WRAPPERS: dict[str, Callable[[Any], None]] = {
    "ldap3.core.connection": _wrap_ldap3,
    "elementpath": _wrap_elementpath,
    "lxml.etree": _wrap_lxml,
    "xml.sax.expatreader": _wrap_sax,
}
