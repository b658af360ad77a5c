"""Knows what is installed or pinned, and which of it is known to be vulnerable.

``installed()`` and ``pinned(path)`` say what there is, ``Advisories.load()`` opens the data at hand, ``.match(packages)`` brings the
two together, ``update()`` fills the data.
"""

from fumehood.engines.advisories.osv import Advisory, Affected
from fumehood.engines.advisories.packages import Package, installed
from fumehood.engines.advisories.pins import Loose, Pins, pinned
from fumehood.engines.advisories.sources import Unreachable, update
from fumehood.engines.advisories.store import Advisories, NoAdvisories, Vulnerable, default_path, save

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
