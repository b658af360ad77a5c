"""Knows what is installed or pinned, and which of it is known to be vulnerable.

``installed()`` and ``pinned(path)`` say what there is, ``Advisories.load()`` opens the data at hand, ``.match(packages)`` brings the
two together, ``update()`` fills the data.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from fumehood.engines.advisories.osv import Advisory, Affected
    from fumehood.engines.advisories.packages import Package, installed
    from fumehood.engines.advisories.pins import Loose, Pins, pinned
    from fumehood.engines.advisories.sources import Unreachable, update
    from fumehood.engines.advisories.store import Advisories, NoAdvisories, Vulnerable, default_path, save

# Loaded when it is asked for: an audit of a project that pins nothing needs no network, no database and no versions.
_LAZY = {
    **dict.fromkeys(("Advisory", "Affected"), "osv"),
    **dict.fromkeys(("Package", "installed"), "packages"),
    **dict.fromkeys(("Loose", "Pins", "pinned"), "pins"),
    **dict.fromkeys(("Unreachable", "update"), "sources"),
    **dict.fromkeys(("Advisories", "NoAdvisories", "Vulnerable", "default_path", "save"), "store"),
}

__all__ = [
    "Advisories",
    "Advisory",
    "Affected",
    "Loose",
    "NoAdvisories",
    "Package",
    "Pins",
    "Unreachable",
    "Vulnerable",
    "default_path",
    "installed",
    "pinned",
    "save",
    "update",
]


def __getattr__(name: str) -> Any:
    module = _LAZY.get(name)
    if module is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{module}"), name)
