"""Fumehood secures a Flask application and proves that it is secure. This is the public API, nothing else."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from fumehood.hood import Fumehood
    from fumehood.practices.access.declarations import allow, permit, public
    from fumehood.practices.access.models import AccountMixin, RoleMixin
    from fumehood.practices.access.ownership import Owned, acting_as, everyone
    from fumehood.practices.access.people import Person, current_person
    from fumehood.practices.access.roster import (
        activate,
        create_account,
        deactivate,
        grant_role,
        login,
        logout,
        one_time_password,
        revoke_role,
    )
    from fumehood.practices.access.sessions import end_session, sessions_of
    from fumehood.practices.access.tokens import create_token, revoke_token, tokens_of
    from fumehood.practices.audits.journal import event_recorded, record
    from fumehood.practices.audits.pages import incident_of
    from fumehood.practices.csrf.exempt import csrf_exempt
    from fumehood.practices.csrf.token import csrf_token
    from fumehood.practices.https.csp import csp_nonce
    from fumehood.practices.https.headers import headers
    from fumehood.practices.input.accepts import accepts
    from fumehood.practices.input.fetch import fetch_url
    from fumehood.practices.input.forms import Form, OneLine
    from fumehood.practices.input.html import clean_html
    from fumehood.practices.input.paths import safe_join
    from fumehood.practices.input.redirects import safe_redirect
    from fumehood.practices.passwords.guard import (
        hash_password,
        password_outdated,
        password_problems,
        verify_password,
    )
    from fumehood.practices.passwords.limits import limit
    from fumehood.practices.passwords.throttle import login_attempt
    from fumehood.practices.uploads.guard import current_store
    from fumehood.practices.uploads.interface import StoredFile, UploadRefused
    from fumehood.practices.uploads.store import Store
    from fumehood.settings import ConfigurationError

__version__ = "0.1.0"

# What costs an import of its own is loaded when it is first asked for: `import fumehood` stays light.
_LAZY: dict[str, str] = {
    "AccountMixin": "fumehood.practices.access.models",
    "ConfigurationError": "fumehood.settings",
    "Form": "fumehood.practices.input.forms",
    "Fumehood": "fumehood.hood",
    "OneLine": "fumehood.practices.input.forms",
    "Owned": "fumehood.practices.access.ownership",
    "Person": "fumehood.practices.access.people",
    "RoleMixin": "fumehood.practices.access.models",
    "Store": "fumehood.practices.uploads.store",
    "StoredFile": "fumehood.practices.uploads.interface",
    "UploadRefused": "fumehood.practices.uploads.interface",
    "accepts": "fumehood.practices.input.accepts",
    "acting_as": "fumehood.practices.access.ownership",
    "activate": "fumehood.practices.access.roster",
    "allow": "fumehood.practices.access.declarations",
    "clean_html": "fumehood.practices.input.html",
    "create_account": "fumehood.practices.access.roster",
    "create_token": "fumehood.practices.access.tokens",
    "csp_nonce": "fumehood.practices.https.csp",
    "csrf_exempt": "fumehood.practices.csrf.exempt",
    "csrf_token": "fumehood.practices.csrf.token",
    "current_person": "fumehood.practices.access.people",
    "current_store": "fumehood.practices.uploads.guard",
    "deactivate": "fumehood.practices.access.roster",
    "end_session": "fumehood.practices.access.sessions",
    "event_recorded": "fumehood.practices.audits.journal",
    "everyone": "fumehood.practices.access.ownership",
    "fetch_url": "fumehood.practices.input.fetch",
    "grant_role": "fumehood.practices.access.roster",
    "hash_password": "fumehood.practices.passwords.guard",
    "headers": "fumehood.practices.https.headers",
    "incident_of": "fumehood.practices.audits.pages",
    "limit": "fumehood.practices.passwords.limits",
    "login": "fumehood.practices.access.roster",
    "login_attempt": "fumehood.practices.passwords.throttle",
    "logout": "fumehood.practices.access.roster",
    "one_time_password": "fumehood.practices.access.roster",
    "password_outdated": "fumehood.practices.passwords.guard",
    "password_problems": "fumehood.practices.passwords.guard",
    "permit": "fumehood.practices.access.declarations",
    "public": "fumehood.practices.access.declarations",
    "record": "fumehood.practices.audits.journal",
    "revoke_role": "fumehood.practices.access.roster",
    "revoke_token": "fumehood.practices.access.tokens",
    "safe_join": "fumehood.practices.input.paths",
    "safe_redirect": "fumehood.practices.input.redirects",
    "sessions_of": "fumehood.practices.access.sessions",
    "tokens_of": "fumehood.practices.access.tokens",
    "verify_password": "fumehood.practices.passwords.guard",
}

__all__ = [
    "AccountMixin",
    "ConfigurationError",
    "Form",
    "Fumehood",
    "OneLine",
    "Owned",
    "Person",
    "RoleMixin",
    "Store",
    "StoredFile",
    "UploadRefused",
    "accepts",
    "acting_as",
    "activate",
    "allow",
    "clean_html",
    "create_account",
    "create_token",
    "csp_nonce",
    "csrf_exempt",
    "csrf_token",
    "current_person",
    "current_store",
    "deactivate",
    "end_session",
    "event_recorded",
    "everyone",
    "fetch_url",
    "grant_role",
    "hash_password",
    "headers",
    "incident_of",
    "limit",
    "login",
    "login_attempt",
    "logout",
    "one_time_password",
    "password_outdated",
    "password_problems",
    "permit",
    "public",
    "record",
    "revoke_role",
    "revoke_token",
    "safe_join",
    "safe_redirect",
    "sessions_of",
    "tokens_of",
    "verify_password",
]


def __getattr__(name: str) -> Any:
    if name in _LAZY:
        return getattr(import_module(_LAZY[name]), name)
    raise AttributeError(f"module 'fumehood' has no attribute {name!r}")
