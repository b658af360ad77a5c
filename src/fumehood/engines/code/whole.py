"""The program as a whole: what was seen in all units, put together as far as a rule looks at it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any, Final, cast

from fumehood.engines.code.checks import Program, Route
from fumehood.engines.code.literals import Literal
from fumehood.engines.code.mounts import Mount, Mounts
from fumehood.engines.code.outlines import Outline
from fumehood.engines.code.project import Project
from fumehood.engines.code.unit import Packed
from fumehood.findings import Location

__all__ = ["Whole"]

_MADE_OF: Final = {  # parts of a program -> the kinds of parts of units, or of files, that they are made of
    "routes": ("routes", "mounts"),
    "hooks": ("routes", "mounts"),
    "functions": ("outlines",),
}


class Whole:
    """The facts of a program, each made when it is first asked for. It has what :class:`Program` has."""

    def __init__(self, units: Sequence[Packed], project: Project) -> None:
        self._units = units
        self._project = project
        self._digests: dict[str, str] = {}

    def seen_by(self, looked: set[str]) -> Program:
        """Return the program as one rule sees it; what the rule looks at is put into the set."""
        return cast("Program", _Seen(self, looked))

    def digest(self, name: str) -> str:
        """Return what tells one part of the program from what it may have been in an earlier run."""
        known = self._digests.get(name)
        if known is None:
            whole = hashlib.blake2b(digest_size=16)
            for what, digest in self._digests_of(name):
                whole.update(f"{what}\0{digest}\n".encode("utf-8", "surrogateescape"))
            known = self._digests[name] = whole.hexdigest()
        return known

    def _digests_of(self, name: str) -> Iterator[tuple[str, str]]:
        if name in self._files:
            yield from ((path, self._project.digest(path)) for path in self._files[name])
            return
        for kind in _MADE_OF.get(name, (name,)):
            for unit in self._units:
                if kind in unit.parts:
                    yield f"{unit.path} {kind}", unit.parts[kind].digest.hex()

    @cached_property
    def _files(self) -> Mapping[str, Sequence[str]]:
        return {
            "templates": self._project.templates,
            "scripts": self._project.scripts,
            "files": self._project.settings,
        }

    def of(self, kind: str) -> Iterator[tuple[str, Any]]:
        """Yield what was seen of one kind in each unit that has any of it, with the unit's path."""
        for unit in self._units:
            seen = unit.get(kind)
            if seen is not None:
                yield unit.path, seen

    @cached_property
    def mounts(self) -> Mounts:
        return Mounts(Mount(*item) for _, seen in self.of("mounts") for item in seen)

    @cached_property
    def _entries(self) -> tuple[Route, ...]:
        found: dict[Any, Route] = {}
        for _, seen in self.of("routes"):
            for route in self.mounts.placed(seen):
                found.setdefault((route.location, route.route, route.kind), route)
        return tuple(found.values())

    # What a program has.
    @cached_property
    def routes(self) -> tuple[Route, ...]:
        return tuple(entry for entry in self._entries if entry.kind == "route")

    @cached_property
    def hooks(self) -> tuple[Route, ...]:
        return tuple(entry for entry in self._entries if entry.kind != "route")

    @cached_property
    def settings(self) -> dict[str, tuple[tuple[Any, Location], ...]]:
        found: dict[str, dict[Any, tuple[Any, Location]]] = {}
        for _, seen in self.of("settings"):
            for name, values in seen.items():
                for value, location in values:
                    found.setdefault(name, {})[repr(value), location] = (value, location)
        return {name: tuple(values.values()) for name, values in found.items()}

    @cached_property
    def calls(self) -> dict[str, tuple[Location, ...]]:
        found: dict[str, set[tuple[str, int, int, str]]] = {}
        for _, seen in self.of("calls"):
            for name, places in seen.items():
                found.setdefault(name, set()).update(places)
        return {
            name: tuple(
                Location(path, line, column, scope=scope) for path, line, column, scope in sorted(places)
            )
            for name, places in found.items()
        }

    @cached_property
    def imports(self) -> frozenset[str]:
        return frozenset(name for _, seen in self.of("imports") for name in seen)

    @cached_property
    def literals(self) -> tuple[Literal, ...]:
        return tuple(item for _, seen in self.of("literals") for item in seen)

    @cached_property
    def functions(self) -> tuple[Outline, ...]:
        return tuple(item for _, seen in self.of("outlines") for item in seen)

    @cached_property
    def classes(self) -> dict[str, frozenset[str]]:
        found: dict[str, frozenset[str]] = {}
        for _, seen in self.of("classes"):
            for name, written in seen:
                found[name] = found.get(name, frozenset()).union(written)
        return found

    @cached_property
    def templates(self) -> dict[str, str]:
        return self._texts("templates")

    @cached_property
    def scripts(self) -> dict[str, str]:
        return self._texts("scripts")

    @cached_property
    def files(self) -> dict[str, str]:
        return self._texts("files")

    def _texts(self, name: str) -> dict[str, str]:
        return {path: text for path in self._files[name] if (text := self._project.text(path)) is not None}


class _Seen:
    """A program as one rule sees it."""

    __slots__ = ("_looked", "_whole")

    def __init__(self, whole: Whole, looked: set[str]) -> None:
        self._whole = whole
        self._looked = looked

    def __getattr__(self, name: str) -> Any:
        self._looked.add(name)
        return getattr(self._whole, name)
