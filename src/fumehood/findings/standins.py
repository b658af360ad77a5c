"""Rules that are imported when they are asked for something: what they declare is kept from one run to the next.

An audit of a project of which little has changed needs few rules to judge anything; importing them all takes longer than that.
"""

from __future__ import annotations

import contextlib
import importlib
from collections.abc import Callable
from functools import cached_property
from operator import attrgetter
from types import ModuleType
from typing import Any, Final

import msgspec

from fumehood.findings import kept
from fumehood.findings.model import Severity
from fumehood.findings.rule import Rule, discover

__all__ = ["StandIn", "stand_ins"]

_HOUSE: Final = ("fumehood.engines.", "fumehood.findings.")  # where the bases are that engines know rules by

Declared = str | int | bool | tuple[str, ...]


class _Described(msgspec.Struct, array_like=True):
    module: str
    name: str
    page: str  # its docstring
    severity: int
    bases: list[tuple[str, str]]
    declares: dict[str, Declared]
    does: list[str]  # its own methods
    holds: list[str]  # its other attributes: patterns, tables


class _Manifest(msgspec.Struct, array_like=True):
    installation: str
    rules: list[_Described]


class StandIn:
    """Stands for one rule: an instance of the same bases, with the same class attributes, whose methods are the rule's."""

    @cached_property
    def rule(self) -> Any:
        """The rule itself."""
        return getattr(importlib.import_module(type(self).__module__), type(self).__name__)()

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return getattr(self.rule, name)


def stand_ins(package: ModuleType) -> tuple[Rule, ...]:
    """Return a stand-in for each rule that :func:`~fumehood.findings.rule.discover` would return, in the same order.

    The first time after an installation has changed, it returns the rules.

    Raises:
        DuplicateRule: as ``discover``.
    """
    path = kept.folder() / "rules.msgpack"
    known = kept.read(path)
    if known is not None:
        with contextlib.suppress(msgspec.DecodeError):
            manifest = msgspec.msgpack.decode(known, type=_Manifest)
            if manifest.installation == kept.installation():
                return tuple(_stand_in(rule) for rule in manifest.rules)
    rules = discover(package)
    kept.write(
        path, msgspec.msgpack.encode(_Manifest(kept.installation(), [_described(rule) for rule in rules]))
    )
    return rules


def _described(rule: Rule) -> _Described:
    cls = type(rule)
    known = [base for base in cls.__mro__ if base.__module__.startswith(_HOUSE)]
    own = {name for base in cls.__mro__[:-1] if base not in known for name in vars(base) if name[0] != "_"}
    declares = {name: value for name in own if _plain(value := getattr(cls, name))}
    methods = {name for name in own if callable(getattr(cls, name))}
    return _Described(
        cls.__module__,
        cls.__name__,
        cls.__doc__ or "",
        rule.severity,
        [
            (base.__module__, base.__name__)
            for base in known
            if not any(base is not other and issubclass(other, base) for other in known)
        ],
        declares,
        sorted(methods),
        sorted(own - methods - set(declares)),
    )


def _plain(value: Any) -> bool:
    return isinstance(value, str | int) or (
        isinstance(value, tuple) and all(isinstance(item, str) for item in value)
    )


def _stand_in(described: _Described) -> Rule:
    bases = [getattr(importlib.import_module(module), name) for module, name in described.bases]
    body: dict[str, Any] = {
        "__module__": described.module,
        "__doc__": described.page,
        **described.declares,
        "severity": Severity(described.severity),
        **{name: _handed_on(name) for name in described.does},
        **{name: property(attrgetter(f"rule.{name}")) for name in described.holds},
    }
    made: Rule = type(described.name, (StandIn, *bases), body)()
    return made


def _handed_on(name: str) -> Callable[..., Any]:
    def method(self: StandIn, *args: Any, **keywords: Any) -> Any:
        return getattr(self.rule, name)(*args, **keywords)

    return method
