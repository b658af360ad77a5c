"""Sinks of directories and documents: LDAP filters, XPath expressions, XML with external entities; wrapped when they are imported."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import wrapt

from fumehood.engines.sinks.inputs import LONGEST, Value
from fumehood.engines.sinks.languages import Language
from fumehood.engines.sinks.watch import Scope, active

__all__ = ["WRAPPERS", "expression_changes", "filter_changes"]

_PLAIN = re.compile(r"\s*[-+]?[\w.]+\s*")
_EXTERNAL = re.compile(r"<!ENTITY\s+(?:%\s*)?\S+\s+(?:SYSTEM|PUBLIC)\b")
_NOTHING = "fumehood:nothing"  # an address that leads nowhere
_DECLARED = re.compile(r"<!ENTITY\s")


def _wrap_ldap(call: str, *names: str, base: str, text: str, place: int) -> Callable[[Any], None]:
    """Return what wraps searches, whose first argument is a name in the directory and one of the next a filter."""

    def before(wrapped: Any, _instance: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        scope = active.get()
        if scope is not None:
            wanted = args[place] if len(args) > place else kwargs.get(text)
            name = args[0] if args else kwargs.get(base)
            if isinstance(wanted, str):
                scope.guarded(lambda: scope.text("ldap", call, wanted, _FILTER))
            if isinstance(name, str):
                scope.guarded(lambda: scope.text("ldap", call, name, _NAME))
        return wrapped(*args, **kwargs)

    def wrap(loaded: Any) -> None:
        for item in names:
            wrapt.wrap_function_wrapper(loaded, item, before)

    return wrap


def name_changes(text: str, start: int, end: int) -> str:
    """RFC 4514: these characters must be escaped in a part of a distinguished name."""
    if start == 0 and end == len(text):
        return ""  # all of the name: a directory's own, kept and given back
    found = [char for char in ',+"\\<>;=' if char in text[start:end]]
    return (
        f"its {found[0]!r} is part of the name's structure"
        if found and text[max(0, start - 1)] != "\\"
        else ""
    )


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
        scope = active.get()
        text = args[place] if len(args) > place else kwargs.get("path")
        if scope is not None and isinstance(text, str):
            scope.guarded(lambda: scope.text("xpath", f"{wrapped.__module__}.{name}", text, _XPATH))
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
        scope = active.get()
        text = args[0] if args else kwargs.get("path")
        if scope is not None and isinstance(text, str):
            scope.guarded(lambda: scope.text("xpath", "elementpath.Selector", text, _XPATH))
        return wrapped(*args, **kwargs)

    wrapt.wrap_function_wrapper(loaded, "Selector.__init__", before)


def _look_at_xpath(call: str, path: Any) -> None:
    scope = active.get()
    if scope is not None and isinstance(path, str):
        scope.guarded(lambda: scope.text("xpath", call, path, _XPATH))


def _wrap_lxml(loaded: Any) -> None:
    # Elements are of a C type whose methods cannot be replaced; the class that parsers make them of can be chosen.
    class Element(loaded.ElementBase):  # type: ignore[misc]
        def xpath(self, path: Any, *args: Any, **kwargs: Any) -> Any:
            _look_at_xpath("lxml.etree.Element.xpath", path)
            return super().xpath(path, *args, **kwargs)

    class XPath(loaded.XPath):  # type: ignore[misc]
        def __init__(self, path: Any, *args: Any, **kwargs: Any) -> None:
            _look_at_xpath("lxml.etree.XPath", path)
            super().__init__(path, *args, **kwargs)

    class Tree(loaded._ElementTree):  # type: ignore[misc]
        def xpath(self, path: Any, *args: Any, **kwargs: Any) -> Any:
            _look_at_xpath("lxml.etree.ElementTree.xpath", path)
            return super().xpath(path, *args, **kwargs)

    def watched(tree: Any) -> Any:
        if active.get() is None or type(tree) is not loaded._ElementTree or tree.getroot() is None:
            return tree
        same = Tree()
        same._setroot(tree.getroot())
        return same

    loaded.XPath = XPath
    # For parsers that do not say themselves which classes they make: libraries such as lxml.objectify and python-docx have theirs.
    usual = loaded.ElementDefaultClassLookup(element=Element)
    loaded.set_element_class_lookup(loaded.ParserBasedElementClassLookup(usual))
    for name in ("fromstring", "XML", "parse"):

        def before(
            wrapped: Any, _instance: Any, args: tuple[Any, ...], kwargs: dict[str, Any], name: str = name
        ) -> Any:
            scope = active.get()
            parser = args[1] if len(args) > 1 else kwargs.get("parser")
            if scope is not None and args:
                scope.guarded(lambda: _lxml_entities(scope, f"lxml.etree.{name}", args[0], parser, loaded))
            result = wrapped(*args, **kwargs)
            return watched(result) if name == "parse" else result

        wrapt.wrap_function_wrapper(loaded, name, before)


def _lxml_entities(scope: Scope, call: str, source: Any, parser: Any, loaded: Any) -> None:
    document = _document(source)
    found = _entity(scope, document)
    parser = parser if parser is not None else loaded.get_default_parser()
    # What a parser was told is not to be asked of it; so it is asked to read a harmless entity of a scheme that leads nowhere.
    if found is not None and _resolves(parser, loaded):
        scope.report(
            "xml", call, document[:500], found, "it declares an external entity, which this parser loads"
        )


def _resolves(parser: Any, loaded: Any) -> bool:
    asked: list[str] = []

    class Seen(loaded.Resolver):  # type: ignore[misc]
        def resolve(self, url: str, *_: Any) -> Any:
            if url != _NOTHING:  # what another thread reads with this parser
                return None
            asked.append(url)
            return self.resolve_string("", _[-1])

    # The parser itself: a copy forgets what it was told of entities. Only of one with a target, which would hear of it, a copy is asked.
    asked_one = parser.copy() if getattr(parser, "target", None) is not None else parser
    resolver = Seen()
    asked_one.resolvers.add(resolver)
    try:
        with suppress(loaded.XMLSyntaxError):
            loaded.fromstring.__wrapped__(
                f'<!DOCTYPE a [<!ENTITY b SYSTEM "{_NOTHING}">]><a>&b;</a>'.encode(), asked_one
            )
    finally:
        asked_one.resolvers.remove(resolver)
    return bool(asked)


def _document(source: Any) -> str:
    if isinstance(source, bytes):
        return source.decode("utf-8", "replace")
    if isinstance(source, str):
        return source
    if hasattr(source, "getvalue"):
        return _document(source.getvalue())
    if hasattr(source, "read") and hasattr(source, "seek"):
        place = source.tell()
        text = _document(source.read(LONGEST))
        source.seek(place)
        return text
    return ""


def _entity(scope: Scope, document: str) -> Value | None:
    if not _EXTERNAL.search(document):
        return None
    inputs = scope.inputs()
    for value in inputs.values():
        if _DECLARED.search(value.text) and value.text.strip() in document:
            return value
    # An uploaded file, or a body that was read as a stream.
    sent = document.encode("utf-8", "replace").strip()
    if any(sent in data for data in inputs.raw()):
        return Value("body", "", document[:500], "")
    return None


def _wrap_sax(loaded: Any) -> None:
    def before(wrapped: Any, instance: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        scope = active.get()
        # Called for each external entity; a parser that was not told to load them skips it.
        if scope is not None and instance._external_ges:
            scope.guarded(lambda: _external(scope, args))
        return wrapped(*args, **kwargs)

    wrapt.wrap_function_wrapper(loaded, "ExpatParser.external_entity_ref", before)


def _external(scope: Scope, args: tuple[Any, ...]) -> None:
    named = str(args[2] if len(args) > 2 else "")
    for value in scope.inputs().values():
        if named and named in value.text and _DECLARED.search(value.text):
            scope.report(
                "xml",
                "xml.sax.parse",
                named,
                value,
                "it declares an external entity, which this parser loads",
            )
            return


_FILTER, _NAME, _XPATH = Language(filter_changes), Language(name_changes), Language(expression_changes)

WRAPPERS: dict[str, Callable[[Any], None]] = {
    "ldap3.core.connection": _wrap_ldap(
        "ldap3.Connection.search", "Connection.search", base="search_base", text="search_filter", place=1
    ),
    "ldap.ldapobject": _wrap_ldap(
        "ldap.LDAPObject.search", "SimpleLDAPObject.search_ext", base="base", text="filterstr", place=2
    ),
    "elementpath": _wrap_elementpath,
    "lxml.etree": _wrap_lxml,
    "xml.sax.expatreader": _wrap_sax,
}
