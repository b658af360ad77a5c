"""What a project runs on: its packages and their versions."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from importlib.metadata import Distribution

__all__ = ["Package", "installed"]


@dataclass(frozen=True, slots=True, order=True)
class Package:
    """A package at one version.

    Parameters:
        name: its normalised name (PEP 503).
        version: its version, as written.
        path: the file that names it, relative to the project; "" for an installed one.
        line: the line in that file, from 1; 0 when not known.
    """

    name: str
    version: str
    path: str = ""
    line: int = 0

    def __str__(self) -> str:
        return f"{self.name} {self.version}"


def installed(search: Iterable[str] | None = None) -> tuple[Package, ...]:
    """Return the distributions that this interpreter can import, by name.

    Those that were installed from a folder (PEP 610) are left out: they are somebody's own, and no advisory speaks of them.

    Parameters:
        search: folders to look in instead of ``sys.path``, as another environment's ``site-packages``.
    """
    from importlib.metadata import distributions

    from packaging.utils import canonicalize_name

    found: dict[str, Package] = {}
    for distribution in distributions(path=list(search)) if search is not None else distributions():
        # A folder with unreadable metadata has no name; the first on the path is the one that is imported.
        if (name := distribution.metadata["Name"]) and not _from_folder(distribution):
            normal = canonicalize_name(name)
            found.setdefault(normal, Package(normal, distribution.version))
    return tuple(sorted(found.values()))


def _from_folder(distribution: Distribution) -> bool:
    try:
        return "dir_info" in json.loads(distribution.read_text("direct_url.json") or "{}")
    except (OSError, ValueError, TypeError):
        return False
