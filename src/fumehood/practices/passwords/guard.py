"""The guard of the practice *passwords*: hashing, policy and throttling, for the hood's accounts and for an app's own."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from typing import cast

from flask import Flask

from fumehood.practices.interface import Guard, Installation, installed
from fumehood.practices.passwords.counters import Counters, counters_for
from fumehood.practices.passwords.hashing import Hasher

__all__ = ["GuardPasswords", "hash_password", "password_outdated", "password_problems", "verify_password"]


class GuardPasswords(Guard):
    practice = "passwords"

    def __init__(self, app: Flask, installation: Installation) -> None:
        super().__init__(app, installation)
        self._app_name = app.name
        self._pepper = app.config.get("SECURITY_PASSWORD_SALT")

    def install(self, app: Flask) -> None:
        self.counters: Counters = counters_for(self.installation)

    @cached_property
    def hasher(self) -> Hasher:
        """Made at the first password: argon2 and bcrypt are not loaded before."""
        return Hasher(self.settings, self._pepper)

    def problems(self, password: str, context: Iterable[str] = ()) -> list[str]:
        """What is wrong with a new password; see :func:`password_problems`."""
        from fumehood.practices.passwords.policy import problems

        return problems(password, self.installation, (*context, self._app_name))


def _guard() -> GuardPasswords:
    return cast("GuardPasswords", installed().guards["passwords"])


def hash_password(password: str) -> str:
    """Return the hash of a password, to store; argon2id by default.

    It is not judged: see :func:`password_problems`.
    """
    return _guard().hasher.hash(password)


def verify_password(password: str, stored: str | None) -> bool:
    """Tell whether a password is the one that was hashed.

    Parameters:
        password: as it was typed.
        stored: the stored hash: the hood's own, bcrypt, or Werkzeug's ``generate_password_hash``. Pass None for an account that does
            not exist: the answer is False after as much time, so that nobody learns which accounts exist (CWE-208).
    """
    return _guard().hasher.verify(password, stored)


def password_outdated(stored: str) -> bool:
    """Tell whether a hash should be made anew, now that its password is at hand: other scheme or parameters than today's settings."""
    return _guard().hasher.outdated(stored)


def password_problems(password: str, *context: str) -> list[str]:
    """Return what is wrong with a new password, as sentences to show; an empty list when it is accepted.

    Parameters:
        password: as it was typed.
        context: words a good password is not made of: the person's name, their e-mail address. The app's name is one by itself.
    """
    return _guard().problems(password, context)
