"""Password hashes that were made once are not made again: in an attack the same people sign in hundreds of times with the same passwords.

What these functions return for the same arguments, the salt among them, they would return again. Where time is measured they work as
ever, within :func:`anew`.
"""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import wrapt

__all__ = ["anew", "install"]

_MOST = 10_000
_made: dict[Any, tuple[Any, Exception | None]] = {}
_measured: list[None] = []  # as many as there are blocks of anew()

# Modules, as they are imported, and what of them is remembered.
_FUNCTIONS = {
    "bcrypt": ("hashpw", "checkpw", "kdf"),
    "argon2.low_level": ("hash_secret", "hash_secret_raw", "verify_secret"),
    "argon2._password_hasher": ("hash_secret", "verify_secret"),
}
_CLASSES = {
    "cryptography.hazmat.primitives.kdf.scrypt": "Scrypt",
    "cryptography.hazmat.primitives.kdf.pbkdf2": "PBKDF2HMAC",
    "cryptography.hazmat.primitives.kdf.argon2": "Argon2id",
}


def install() -> None:
    """Begin, before the application is imported."""
    _functions(hashlib, ("scrypt", "pbkdf2_hmac"))
    for name, functions in _FUNCTIONS.items():
        wrapt.register_post_import_hook(functools.partial(_functions, names=functions), name)
    for name, kind in _CLASSES.items():
        wrapt.register_post_import_hook(functools.partial(_class, name=kind), name)


@contextmanager
def anew() -> Iterator[None]:
    """Within the block every hash takes its time."""
    _measured.append(None)
    try:
        yield
    finally:
        _measured.pop()


def _functions(module: Any, names: tuple[str, ...]) -> None:
    for name in names:
        if function := getattr(module, name, None):
            setattr(module, name, _remembered(function))


def _remembered(function: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(function)
    def hashed(*args: Any, **kwargs: Any) -> Any:
        return _once((function, _about(args, kwargs)), lambda: function(*args, **kwargs))

    return hashed


def _class(module: Any, name: str) -> None:
    """cryptography's classes take what a hash depends on when they are made, and the password later."""
    kind = getattr(module, name)

    class Remembering:
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            self._hashing, self._given = kind(*args, **kwargs), _about(args, kwargs)

        def __getattr__(self, method: str) -> Any:
            function = getattr(self._hashing, method)
            return lambda *args: _once((kind, self._given, method, args), lambda: function(*args))

    setattr(module, name, functools.wraps(kind, updated=())(Remembering))


def _about(args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[Any, ...]:
    """What was given, alike for objects that stand for the same algorithm."""
    return tuple(
        (key, getattr(value, "name", value)) for key, value in (*enumerate(args), *sorted(kwargs.items()))
    )


def _once(key: Any, make: Callable[[], Any]) -> Any:
    try:
        known = None if _measured else _made.get(key)
    except TypeError:  # given as something that changes, such as a bytearray
        return make()
    if known is None:
        known = _result(make)
        if len(_made) < _MOST:
            _made[key] = known
    made, error = known
    if error is not None:
        raise error.with_traceback(None)
    return made


def _result(make: Callable[[], Any]) -> tuple[Any, Exception | None]:
    """What is returned, and what is raised: some say so that a password is wrong."""
    try:
        return make(), None
    except Exception as error:  # noqa: BLE001 - raised again
        return None, error
