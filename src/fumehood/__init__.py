"""Fumehood secures a Flask application and proves that it is secure. This is the public API, nothing else."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from fumehood.hood import Fumehood
from fumehood.practices.access.declarations import allow, permit, public
from fumehood.practices.access.people import Person, current_person
from fumehood.settings import ConfigurationError

if TYPE_CHECKING:
    from fumehood.practices.access.models import AccountMixin, RoleMixin
    from fumehood.practices.access.ownership import Owned

__version__ = "0.1.0"

# What costs an import of its own is loaded when it is first asked for: `import fumehood` stays light.
_LAZY: dict[str, str] = {
    "AccountMixin": "fumehood.practices.access.models",
    "Owned": "fumehood.practices.access.ownership",
    "RoleMixin": "fumehood.practices.access.models",
}

__all__ = [
    "AccountMixin",
    "ConfigurationError",
    "Fumehood",
    "Owned",
    "Person",
    "RoleMixin",
    "allow",
    "current_person",
    "permit",
    "public",
]


def __getattr__(name: str) -> Any:
    if name in _LAZY:
        return getattr(import_module(_LAZY[name]), name)
    raise AttributeError(f"module 'fumehood' has no attribute {name!r}")
