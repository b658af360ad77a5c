"""Who is signed in, asked only when somebody wants to know."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import g, has_request_context, request

from fumehood.practices.interface import EXTENSION, PRIVATE, installed

__all__ = ["Person", "current_person", "person_of"]

_ASKED = "_fumehood_person"


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who is signed in.

    Parameters:
        id: the primary key of the account, or whatever the app's own identity callable gave.
        name: how to address them: the e-mail address or the user name.
        roles: names of their roles.
        permissions: what their roles allow; for an API token, only those in its scopes too.
        account: the app's own user object, when there is one.
        token: the public id of the API token that the request came with, or "" for a session.
        limited: whether that token is limited to scopes: it has no roles, and opens only routes that demand permissions.
        proved_at: when they last gave their password, in seconds since 1970; 0 when that is not known.
    """

    id: Any
    name: str = ""
    roles: frozenset[str] = frozenset()
    permissions: frozenset[str] = frozenset()
    account: Any = None
    token: str = ""
    limited: bool = False
    proved_at: float = 0.0

    def has_role(self, *roles: str) -> bool:
        """Tell whether they have one of the roles."""
        return not self.roles.isdisjoint(roles)

    def may(self, *permissions: str) -> bool:
        """Tell whether they have all of the permissions."""
        return self.permissions.issuperset(permissions)


def current_person() -> Person | None:
    """Return who is signed in, or None; loaded at the first call of a request, kept until its end.

    It is None outside requests. The person comes from the ``identity`` callable given to ``Fumehood(app, identity=...)``, from the
    hood's accounts, or from Flask-Login when the app has set that up itself.
    """
    if not has_request_context():
        return None
    try:
        person: Person | None = g._fumehood_person
    except AttributeError:
        request.environ[PRIVATE] = "no-store"
        # None first: whoever is asked may ask back (a query for the user is itself a query).
        g._fumehood_person = None
        try:
            person = _ask()
        except BaseException:
            del g._fumehood_person
            raise
        g._fumehood_person = person
    return person


def forget_person() -> None:
    """Ask again at the next :func:`current_person`: somebody signed in or out during this request."""
    g.pop(_ASKED, None)


def _ask() -> Person | None:
    identity = installed().identity
    if identity is not None:
        found = identity()
        return found if found is None or isinstance(found, Person) else person_of(found)
    from flask import current_app

    if EXTENSION in current_app.extensions and hasattr(current_app, "login_manager"):
        from flask_login import current_user

        account = current_user._get_current_object()
        if account is not None and account.is_authenticated:
            return person_of(account)
    return None


def person_of(
    account: Any, *, token: str = "", limited_to: frozenset[str] | None = None, proved_at: float = 0.0
) -> Person:
    """Read a person from a user object: its ``id`` (or ``get_id()``), ``email`` or ``username``, ``roles`` and their ``permissions``.

    Parameters:
        account: the user object. Roles may be names or objects with a ``name``; permissions of a role, names in a list or in one
            string with commas.
        token: the public id of the API token that they come with.
        limited_to: the token's scopes.
        proved_at: when they last gave their password, in seconds since 1970.
    """
    key = getattr(account, "id", None)
    if key is None and hasattr(account, "get_id"):
        key = account.get_id()
    name = getattr(account, "username", None) or getattr(account, "email", None) or ""
    roles: set[str] = set()
    permissions: set[str] = set()
    for role in getattr(account, "roles", None) or ():
        roles.add(role if isinstance(role, str) else str(role.name))
        held = getattr(role, "permissions", None) or ()
        permissions.update(part.strip() for part in (held.split(",") if isinstance(held, str) else held))
    permissions.discard("")
    limited = limited_to is not None
    return Person(
        id=key,
        name=str(name),
        roles=frozenset() if limited else frozenset(roles),
        permissions=frozenset(permissions & limited_to) if limited_to is not None else frozenset(permissions),
        account=account,
        token=token,
        limited=limited,
        proved_at=proved_at,
    )
