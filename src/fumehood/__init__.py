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
    from fumehood.practices.access.ownership import Owned, acting_as, everyone
    from fumehood.practices.access.roster import create_account, grant_role, login, logout, revoke_role
    from fumehood.practices.access.tokens import create_token, revoke_token, tokens_of
    from fumehood.practices.passwords.guard import (
        hash_password,
        password_outdated,
        password_problems,
        verify_password,
    )
    from fumehood.practices.passwords.limits import limit
    from fumehood.practices.passwords.throttle import login_attempt

__version__ = "0.1.0"

# What costs an import of its own is loaded when it is first asked for: `import fumehood` stays light.
_LAZY: dict[str, str] = {
    "AccountMixin": "fumehood.practices.access.models",
    "Owned": "fumehood.practices.access.ownership",
    "RoleMixin": "fumehood.practices.access.models",
    "acting_as": "fumehood.practices.access.ownership",
    "create_account": "fumehood.practices.access.roster",
    "create_token": "fumehood.practices.access.tokens",
    "everyone": "fumehood.practices.access.ownership",
    "grant_role": "fumehood.practices.access.roster",
    "hash_password": "fumehood.practices.passwords.guard",
    "limit": "fumehood.practices.passwords.limits",
    "login": "fumehood.practices.access.roster",
    "login_attempt": "fumehood.practices.passwords.throttle",
    "logout": "fumehood.practices.access.roster",
    "password_outdated": "fumehood.practices.passwords.guard",
    "password_problems": "fumehood.practices.passwords.guard",
    "revoke_role": "fumehood.practices.access.roster",
    "revoke_token": "fumehood.practices.access.tokens",
    "tokens_of": "fumehood.practices.access.tokens",
    "verify_password": "fumehood.practices.passwords.guard",
}

__all__ = [
    "AccountMixin",
    "ConfigurationError",
    "Fumehood",
    "Owned",
    "Person",
    "RoleMixin",
    "acting_as",
    "allow",
    "create_account",
    "create_token",
    "current_person",
    "everyone",
    "grant_role",
    "hash_password",
    "limit",
    "login",
    "login_attempt",
    "logout",
    "password_outdated",
    "password_problems",
    "permit",
    "public",
    "revoke_role",
    "revoke_token",
    "tokens_of",
    "verify_password",
]


def __getattr__(name: str) -> Any:
    if name in _LAZY:
        return getattr(import_module(_LAZY[name]), name)
    raise AttributeError(f"module 'fumehood' has no attribute {name!r}")
