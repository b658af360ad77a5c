"""What is known about libraries: ``practices/*/models.toml``, looked up by public name."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

__all__ = ["Entry", "ModelError", "Models", "Sanitizer", "Sink", "SourceModel", "Store", "load"]

_SECTIONS: Final = frozenset(
    [
        "alias",
        "returns",
        "source",
        "sink",
        "sanitizer",
        "store",
        "opaque",
        "noreturn",
        "propagate",
        "route",
        "kinds",
        "types",
    ]
)


class ModelError(Exception):
    """A models.toml that cannot be used; the text says where and why."""


@dataclass(frozen=True, slots=True)
class SourceModel:
    """``[[source]]``: reading ``names`` gives a value that somebody else chose."""

    kind: str
    names: tuple[str, ...]
    removed: frozenset[str] = frozenset()
    call: bool = False  # only the result of calling it


@dataclass(frozen=True, slots=True)
class Sink:
    """``[[sink]]``: what ``args`` (positions or names; () is all) of a call to ``names`` must not be reached by."""

    kind: str
    names: tuple[str, ...]
    args: tuple[int | str, ...] = ()
    when: tuple[tuple[str, Any], ...] = ()
    unless: tuple[tuple[str, Any], ...] = ()
    language: str = ""
    receiver: bool = False
    suspected: bool = False
    assign: bool = False  # an attribute or a subscript that is assigned to
    note: str = ""


@dataclass(frozen=True, slots=True)
class Sanitizer:
    """``[[sanitizer]]``: a call to ``names`` returns its argument without some kinds of danger.

    ``guard = true``: it returns whether its argument is free of them. ``raises = true``: once it has returned, the argument
    (or those in ``args``, and what they hold) is free of them.
    """

    names: tuple[str, ...]
    removes: frozenset[str]
    adds: frozenset[str] = frozenset()
    guard: bool = False
    raises: bool = False
    type: str = ""
    when: tuple[tuple[str, Any], ...] = ()
    args: tuple[int | str, ...] = ()
    attribute: bool = False  # it is no call, but an attribute that is read


@dataclass(frozen=True, slots=True)
class Store:
    """``[[store]]``: an object of a library that keeps values: ``write`` keeps, ``read`` gives back, by ``keys``."""

    type: str
    write: tuple[str, ...] = ()
    read: tuple[str, ...] = ()
    keys: tuple[int | str, ...] = ()
    value: int = 0
    append: bool = False  # writing adds to the text that is there


@dataclass(slots=True)
class Entry:
    """All that is known about one name."""

    sources: list[SourceModel] = field(default_factory=list)
    sinks: list[Sink] = field(default_factory=list)
    sanitizers: list[Sanitizer] = field(default_factory=list)
    opaque: bool = False
    noreturn: bool = False
    propagate: bool = False

    def add(self, other: Entry) -> None:
        self.sources += other.sources
        self.sinks += other.sinks
        self.sanitizers += other.sanitizers
        self.opaque = self.opaque or other.opaque
        self.noreturn = self.noreturn or other.noreturn
        self.propagate = self.propagate or other.propagate

    def __bool__(self) -> bool:
        return bool(
            self.sources or self.sinks or self.sanitizers or self.opaque or self.noreturn or self.propagate
        )


class Models:
    """The models of all practices and of the user, by name.

    A name is exact (``html.escape``), or all below one (``flask.request.files.*``), or a last part of anything whose
    type is not known (``*.execute``).
    """

    def __init__(self) -> None:
        self.alias: dict[str, str] = {}
        self.returns: dict[str, str] = {}
        self.types: dict[str, str] = {}
        self.stores: dict[str, Store] = {}
        self.influence: set[str] = set()
        self.routes: dict[str, dict[str, Any]] = {}
        self.digest = ""
        self.declared: set[str] = set()  # names of the audited program that the user declared
        self._exact: dict[str, Entry] = {}
        self._below: dict[str, Entry] = {}
        self._last: dict[str, Entry] = {}
        self._found: dict[str, Entry | None] = {}
        self._canonical: dict[str, str] = {}

    @property
    def libraries(self) -> frozenset[str]:
        """The packages that something is known of: ``flask``, ``sqlalchemy``."""
        names = (*self.alias, *self.returns, *self.types, *self.routes, *self._exact, *self._below)
        return frozenset(name.partition(".")[0] for name in names if "." in name and name[0].isalpha())

    def canonical(self, path: str) -> str:
        """Return the public name of what is written another way, the longest alias first."""
        found = self._canonical.get(path)
        if found is None:
            found, head, tail = path, path, ""
            for _ in range(4):
                while head and head not in self.alias:
                    head, _, last = head.rpartition(".")
                    tail = f".{last}{tail}"
                if not head:
                    break
                found = head = self.alias[head] + tail
                tail = ""
            self._canonical[path] = found
        return found

    def lookup(self, path: str) -> Entry | None:
        """Return what is known about a name, or None."""
        if path in self._found:
            return self._found[path]
        entry = Entry()
        exact = self._exact.get(path)
        if exact:
            entry.add(exact)
        head = path
        while head:
            head = head.rpartition(".")[0]
            below = self._below.get(head)
            if below:
                entry.add(below)
        last = self._last.get(path.rpartition(".")[2]) if "." in path else None
        if last and not exact and not path.startswith("builtins."):  # ``all()`` is no ``Query.all()``
            entry.add(last)
        result = entry if entry else None
        self._found[path] = result
        return result

    def declare(self, sanitizers: Mapping[str, tuple[str, ...]]) -> None:
        """Add the user's own sanitisers: qualified names, each with the kinds that it removes."""
        for name, kinds in sanitizers.items():
            self._file((name,), Entry(sanitizers=[Sanitizer((name,), frozenset(kinds) or frozenset({"*"}))]))
            self.declared.add(name)
            self.digest = hashlib.blake2b(f"{self.digest}{name}{kinds}".encode(), digest_size=16).hexdigest()

    def exports(self, module: str) -> set[str]:
        """Return the names of a library's module that the models know: what ``import *`` may bring."""
        prefix = module + "."
        names = (*self._exact, *self._below, *self.returns, *self.alias, *self.types)
        return {name[len(prefix) :].partition(".")[0] for name in names if name.startswith(prefix)}

    def read(self, text: str, where: str) -> None:
        """Add a models.toml.

        Raises:
            ModelError: when it is no TOML, or has a section or a key that is not known.
        """
        try:
            data = tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            raise ModelError(f"{where}: {error}") from error
        unknown = set(data) - _SECTIONS
        if unknown:
            raise ModelError(f"{where}: unknown section {', '.join(sorted(unknown))}")
        try:
            self._read(data)
        except (KeyError, TypeError, AttributeError) as error:
            raise ModelError(f"{where}: {error}") from error
        self._found.clear()
        self._canonical.clear()
        self.digest = hashlib.blake2b((self.digest + text).encode(), digest_size=16).hexdigest()

    def _read(self, data: Mapping[str, Any]) -> None:
        self.alias.update(data.get("alias", {}))
        self.returns.update(data.get("returns", {}))
        self.types.update(data.get("types", {}))
        self.influence.update(data.get("kinds", {}).get("influence", ()))
        self.routes.update(data.get("route", {}))
        for item in data.get("source", ()):
            model = SourceModel(
                item["kind"],
                tuple(item["names"]),
                frozenset(item.get("removed", ())),
                item.get("call", False),
            )
            self._file(model.names, Entry(sources=[model]))
        for item in data.get("sink", ()):
            sink = Sink(
                kind=item["kind"],
                names=tuple(item["names"]),
                args=tuple(item.get("args", ())),
                when=tuple(item.get("when", {}).items()),
                unless=tuple(item.get("unless", {}).items()),
                language=item.get("language", ""),
                receiver=item.get("receiver", False),
                suspected=item.get("suspected", False),
                assign=item.get("assign", False),
                note=item.get("note", ""),
            )
            self._file(sink.names, Entry(sinks=[sink]))
        for item in data.get("sanitizer", ()):
            sanitizer = Sanitizer(
                names=tuple(item["names"]),
                removes=frozenset(item.get("removes", ())),
                adds=frozenset(item.get("adds", ())),
                guard=item.get("guard", False),
                raises=item.get("raises", False),
                type=item.get("type", ""),
                args=tuple(item.get("args", ())),
                attribute=item.get("attribute", False),
                when=tuple(item.get("when", {}).items()),
            )
            self._file(sanitizer.names, Entry(sanitizers=[sanitizer]))
        for item in data.get("store", ()):
            store = Store(
                item["type"],
                tuple(item.get("write", ())),
                tuple(item.get("read", ())),
                tuple(item.get("keys", ())),
                item.get("value", 0),
                item.get("append", False),
            )
            self.stores[store.type] = store
        self._file(data.get("opaque", {}).get("names", ()), Entry(opaque=True))
        self._file(data.get("propagate", {}).get("names", ()), Entry(propagate=True))
        self._file(data.get("noreturn", {}).get("names", ()), Entry(noreturn=True))

    def _file(self, names: Iterable[str], entry: Entry) -> None:
        for name in names:
            if name.startswith("*."):
                table, key = self._last, name[2:]
            elif name.endswith(".*"):
                table, key = self._below, name[:-2]
            else:
                table, key = self._exact, name
            table.setdefault(key, Entry()).add(entry)


def load(folder: Path, extra: Iterable[tuple[str, str]] = ()) -> Models:
    """Read ``<folder>/*/models.toml``, then the user's own as (text, where)."""
    models = Models()
    for path in sorted(folder.glob("*/models.toml")):
        models.read(path.read_text(encoding="utf-8"), f"{path.parent.name}/models.toml")
    for text, where in extra:
        models.read(text, where)
    return models
