"""What administrators do with accounts: make them, give and take roles, end sessions. Each act is journaled."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from fumehood.practices.interface import installed

if TYPE_CHECKING:
    from fumehood.practices.interface import Installation

__all__ = [
    "RosterError",
    "activate",
    "create_account",
    "deactivate",
    "find_account",
    "grant_role",
    "known_roles",
    "login",
    "logout",
    "one_time_password",
    "reset_password",
    "revoke_role",
]


class RosterError(ValueError):
    """What was asked cannot be done; the message says why, for people."""


def create_account(
    email: str, password: str, *, roles: Iterable[str] = (), confirmed: bool = True, **columns: Any
) -> Any:
    """Make an account and commit it.

    Parameters:
        email: the address to sign in with.
        password: in plain text; it is judged by the policy and hashed.
        roles: names of roles; those that do not exist are made, without permissions.
        confirmed: whether the address counts as confirmed.
        columns: more of the user model.

    Raises:
        RosterError: for an address that is taken or none, or a password that is refused.
    """
    from flask_security.mail_util import EmailValidateException

    from fumehood.practices.passwords.guard import hash_password, password_problems

    installation, store = _parts()
    try:
        email = _security().mail_util.normalize(email)
    except (EmailValidateException, ValueError) as error:
        raise RosterError(f"{email!r} is not an e-mail address") from error
    if store.find_user(case_insensitive=True, email=email) is not None:
        raise RosterError(f"{email} has an account already")
    if wrong := password_problems(password, email):
        raise RosterError(" ".join(wrong))
    if confirmed and hasattr(installation.user, "confirmed_at"):
        columns.setdefault("confirmed_at", _security().datetime_factory())
    account = store.create_user(email=email, password=hash_password(password), **columns)
    installation.db.session.flush()
    installation.record("account.created", subject=str(account.id))
    for name in roles:
        grant_role(account, name, commit=False)
    store.commit()
    return account


def find_account(email: str) -> Any:
    """Return the account with an address.

    Raises:
        RosterError: when there is none.
    """
    _, store = _parts()
    account = store.find_user(case_insensitive=True, email=email.strip())
    if account is None:
        raise RosterError(f"nobody has the address {email.strip()!r}")
    return account


def grant_role(
    account: Any, role: str, *, permissions: Iterable[str] | None = None, commit: bool = True
) -> bool:
    """Give a role to an account; return False when it had it. A role that does not exist is made.

    Parameters:
        account: a user object.
        role: its name.
        permissions: for a role that is made now.
        commit: whether to commit; leave it to your view with False.
    """
    installation, store = _parts()
    found = store.find_role(role)
    if found is None:
        if not role.strip() or len(role) > 80:
            raise RosterError("a role has a name of at most 80 characters")
        found = store.create_role(name=role, permissions=sorted(set(permissions or ())))
    given = store.add_role_to_user(account, found)
    if commit:
        store.commit()
    if given:
        installation.record("role.granted", subject=str(account.id), role=role)
    return bool(given)


def known_roles() -> set[str]:
    """Return the roles that the database has, and those that some route lets in."""
    from flask import current_app

    from fumehood.practices.access.policy import declared

    installation, _ = _parts()
    patterns = installation.guards["access"].patterns  # type: ignore[attr-defined]
    named = {
        name
        for endpoint in current_app.view_functions
        for marks in declared(current_app, endpoint, patterns).values()
        for mark in marks
        if mark.kind == "allow"
        for name in mark.names
    }
    return named | {role.name for role in installation.db.session.query(installation.role)}


def revoke_role(account: Any, role: str, *, commit: bool = True) -> bool:
    """Take a role from an account; return False when it did not have it. It holds from the next request on.

    Raises:
        RosterError: when there is no such role.
    """
    installation, store = _parts()
    found = store.find_role(role)
    if found is None:
        raise RosterError(f"there is no role {role!r}")
    taken = store.remove_role_from_user(account, found)
    if commit:
        store.commit()
    if taken:
        installation.record("role.revoked", subject=str(account.id), role=role)
    return bool(taken)


def reset_password(account: Any, password: str) -> None:
    """Set a password, end all sessions and API tokens of the account, and commit.

    Raises:
        RosterError: for a password that is refused.
    """
    from fumehood.practices.access.security_parts import context_of
    from fumehood.practices.access.sessions import end_all
    from fumehood.practices.access.tokens import revoke_all_tokens
    from fumehood.practices.passwords.guard import hash_password, password_problems

    installation, store = _parts()
    if wrong := password_problems(password, *context_of(account)):
        raise RosterError(" ".join(wrong))
    account.password = hash_password(password)
    store.set_uniquifier(account)
    store.commit()
    end_all(account.id)
    revoke_all_tokens(account.id)
    installation.record("password.reset", subject=str(account.id))


def deactivate(account: Any) -> None:
    """Close an account at once: its sessions end, its tokens and password no longer work until it is activated."""
    from fumehood.practices.access.sessions import end_all

    installation, store = _parts()
    store.deactivate_user(account)
    store.commit()
    end_all(account.id)
    installation.record("account.deactivated", subject=str(account.id))


def activate(account: Any) -> None:
    """Open a closed account again."""
    installation, store = _parts()
    store.activate_user(account)
    store.commit()
    installation.record("account.activated", subject=str(account.id))


def one_time_password() -> str:
    """Return a random password of 100 bits, easy to type: to be shown once and changed at the first login."""
    import secrets

    letters = "abcdefghjkmnpqrstuvwxyz23456789"
    return "-".join("".join(secrets.choice(letters) for _ in range(5)) for _ in range(4))


def login(account: Any, *, remember: bool = False) -> None:
    """Sign an account in, in this request: a new session, whatever the browser held before.

    Parameters:
        account: a user object whose identity you have checked; see :func:`fumehood.login_attempt` for passwords.
        remember: whether the session outlives the browser.

    Raises:
        RosterError: for an account that is not active.
    """
    from flask import g
    from flask_security import login_user

    _parts()
    if not account.active:
        raise RosterError("this account is closed")
    g._fumehood_remember = remember
    login_user(account, remember=False)


def logout() -> None:
    """Sign out whoever is signed in; the session's cookie is worth nothing from now on."""
    from flask_security import logout_user

    _parts()
    logout_user()


def _security() -> Any:
    from flask import current_app

    return current_app.extensions["security"]


def _parts() -> tuple[Installation, Any]:
    installation = installed()
    if installation.user is None:
        raise RuntimeError(
            "this application's hood has no accounts: Fumehood(app, db=db, user=User, role=Role)"
        )
    return installation, _security().datastore
