"""The base of all rules, and their discovery. One rule is one file; nothing is registered by hand."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from types import ModuleType
from typing import Any, ClassVar

from fumehood.findings.model import Certainty, Finding, Severity
from fumehood.findings.practices import Practice, practice_of

__all__ = ["DuplicateRule", "Rule", "discover"]


class DuplicateRule(Exception):
    """Two rule files claim the same id or the same name."""


class Rule:
    """What fails to hold. A subclass is one file ``practices/<practice>/rules/<name>.py``.

    Its docstring is its documentation page: a summary line, then the headings *What it finds*,
    *Why it is bad*, *Example*, *Use instead* and *References*. Which engines can show it follows from
    the checks it also inherits (``LiveCheck``, ``FlowCheck``, ``CodeCheck``, ``AttackCheck``).
    """

    id: ClassVar[str]
    name: ClassVar[str]
    severity: ClassVar[Severity]
    cwe: ClassVar[int]
    asvs: ClassVar[tuple[str, ...]] = ()
    shown_by: ClassVar[int] = 0  # the CWE of rules that show the same flaw in another way, at the same place

    @property
    def weakness(self) -> int:
        """The CWE under which its findings are merged with those of other rules."""
        return self.shown_by or self.cwe

    @property
    def practice(self) -> Practice:
        return practice_of(self.id)

    @property
    def title(self) -> str:
        """The docstring's summary line, without its full stop."""
        return inspect.cleandoc(self.__doc__ or self.name).partition("\n")[0].rstrip(".")

    def finding(self, message: str, **parts: Any) -> Finding:
        """Return a finding of this rule, with the rule's severity and ``Certainty.SEEN`` unless told otherwise."""
        parts.setdefault("severity", self.severity)
        parts.setdefault("certainty", Certainty.SEEN)
        return Finding(rule=self.id, message=message, **parts)


def discover(package: ModuleType) -> tuple[Rule, ...]:
    """Return one instance of each rule in ``<package>.<practice>.rules.*``, ordered by practice and id.

    Raises:
        DuplicateRule: if two rules share an id or a name.
    """
    rules: dict[str, Rule] = {}
    names: set[str] = set()
    for info in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
        if ".rules." not in info.name:
            continue
        module = importlib.import_module(info.name)
        for cls in vars(module).values():
            if (
                not (isinstance(cls, type) and issubclass(cls, Rule))
                or cls.__module__ != info.name
                or "id" not in vars(cls)
            ):
                continue
            if cls.id in rules or cls.name in names:
                raise DuplicateRule(
                    f"{info.name} claims {cls.id} {cls.name}, which another rule file has already"
                )
            rules[cls.id] = cls()
            names.add(cls.name)
    return tuple(sorted(rules.values(), key=lambda rule: (rule.practice.number, rule.id)))
