"""Where keys come from: the hood's own file, the configuration, a file of the platform's, a function."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterable
from datetime import timedelta
from pathlib import Path
from typing import Any

from flask import Flask

from fumehood.practices.secrets.keyfile import Key, KeyFile, in_use, new_key
from fumehood.settings import ConfigurationError, Settings

__all__ = ["Called", "Configured", "Memory", "PlatformFile", "lifetime_of", "source_of"]

_HOW = "Add the new key (`fumehood keys generate`) as the first, keep the old one behind it until its sessions have expired, and restart."


def source_of(app: Flask, settings: Settings) -> KeyFile | Memory | Configured | PlatformFile | Called:
    """Return the source that an application's configuration asks for.

    ``FUMEHOOD_SECRET_KEY`` and ``FUMEHOOD_SECRET_KEY_FILE`` come before Flask's ``SECRET_KEY``; without any of them the hood makes a
    key and keeps it under ``instance/``.

    Raises:
        ConfigurationError: if two sources contradict each other.
    """
    given, file = settings.secret_key, settings.secret_key_file
    if given and file:
        raise ConfigurationError(
            "Both FUMEHOOD_SECRET_KEY and FUMEHOOD_SECRET_KEY_FILE are set. Keep the one that holds the key."
        )
    if file:
        return PlatformFile(Path(app.instance_path, file))
    if callable(given):
        return Called(given)
    if given:
        return Configured(_several(given), "FUMEHOOD_SECRET_KEY")
    if app.config.get("SECRET_KEY"):
        fallbacks = app.config.get("SECRET_KEY_FALLBACKS") or ()
        return Configured((_text(app.config["SECRET_KEY"]), *map(_text, fallbacks)), "SECRET_KEY")
    if app.testing:
        return Memory()
    return KeyFile(Path(app.instance_path, "fumehood", "keys.json"))


def lifetime_of(app: Flask) -> float:
    """Return how many seconds a session or a remember cookie of an application lives at most."""
    longest = app.permanent_session_lifetime.total_seconds()
    if hasattr(app, "login_manager"):
        remember = app.config.get("REMEMBER_COOKIE_DURATION", timedelta(days=365))
        longest = max(
            longest, remember.total_seconds() if isinstance(remember, timedelta) else float(remember)
        )
    return longest


class Memory:
    """A key for one process, for tests: nothing is written."""

    can_rotate = True

    def __init__(self) -> None:
        self._keys: tuple[Key, ...] = (new_key(),)
        self._changes = 0

    def __str__(self) -> str:
        return "memory, for tests only"

    def stamp(self) -> object:
        return self._changes

    def open(self) -> tuple[Key, ...]:
        return self._keys

    def read(self) -> tuple[Key, ...]:
        return self._keys

    def rotate(self, announce: float, lifetime: float, *, revoke: bool = False) -> tuple[Key, ...]:
        now = time.time()
        key = new_key(max(now if revoke else now + announce, self._keys[0].signs_from))
        self._keys = (key,) if revoke else in_use((key, *self._keys), lifetime, now)
        self._changes += 1
        return self._keys


class Configured:
    """Keys from the configuration; they change when the application starts anew."""

    can_rotate = False

    def __init__(self, keys: tuple[str, ...], name: str) -> None:
        self._keys = _named(keys)
        self.name = name

    def __str__(self) -> str:
        return f"the setting {self.name}"

    def stamp(self) -> object:
        return 0

    def open(self) -> tuple[Key, ...]:
        return self._keys

    def read(self) -> tuple[Key, ...]:
        return self._keys

    def rotate(self, announce: float, lifetime: float, *, revoke: bool = False) -> tuple[Key, ...]:
        behind = "SECRET_KEY_FALLBACKS" if self.name == "SECRET_KEY" else self.name
        raise ConfigurationError(
            f"The keys come from {self}, which only you can change. {_HOW} (The older ones go in {behind}.)"
        )


class PlatformFile:
    """A file that the platform provides (Docker, Kubernetes, systemd): a key a line, the signing one first."""

    can_rotate = False

    def __init__(self, path: Path) -> None:
        self.path = path

    def __str__(self) -> str:
        return str(self.path)

    def stamp(self) -> object:
        try:
            # Kubernetes changes a link: the file behind it counts.
            seen = self.path.stat()
        except OSError:
            return None
        return seen.st_mtime_ns, seen.st_ino, seen.st_size

    def open(self) -> tuple[Key, ...]:
        return self.read()

    def read(self) -> tuple[Key, ...]:
        try:
            if self.path.stat().st_mode & 0o002:
                raise ConfigurationError(
                    f"The key file {self.path} can be changed by every user of this machine. Run: chmod o-w {self.path}"
                )
            lines = self.path.read_text("utf-8").splitlines()
        except OSError as error:
            raise ConfigurationError(
                f"The key file {self.path} (FUMEHOOD_SECRET_KEY_FILE) cannot be read: {error.strerror}. "
                "Check the path and that the user who runs the application may read it."
            ) from error
        except UnicodeDecodeError:
            raise ConfigurationError(
                f"The key file {self.path} is not text. Write a key a line, as `fumehood keys generate` prints it."
            ) from None
        keys = tuple(line.strip() for line in lines if line.strip())
        if not keys:
            raise ConfigurationError(
                f"The key file {self.path} is empty. Write the output of `fumehood keys generate` in it."
            )
        return _named(keys)

    def rotate(self, announce: float, lifetime: float, *, revoke: bool = False) -> tuple[Key, ...]:
        raise ConfigurationError(
            f"The keys come from {self}, which is not the hood's to change. Write the new key (`fumehood keys generate`) as its first line "
            "and keep the old one behind it until its sessions have expired; running workers take it by themselves."
        )


class Called:
    """Keys from a function, as a secrets manager's client: asked at start-up and then once a minute at most."""

    can_rotate = False

    def __init__(self, call: Callable[[], Any], every: float = 60.0) -> None:
        self._call = call
        self._every = every

    def __str__(self) -> str:
        return "the function in FUMEHOOD_SECRET_KEY"

    def stamp(self) -> object:
        return int(time.monotonic() / self._every)

    def open(self) -> tuple[Key, ...]:
        return self.read()

    def read(self) -> tuple[Key, ...]:
        try:
            keys = _several(self._call())
        except Exception as error:
            # The message of somebody else's error may hold the secret; its type does not.
            raise ConfigurationError(
                f"{self} failed with {type(error).__name__}. It must return a key, or a list with the signing key first."
            ) from error
        if not keys:
            raise ConfigurationError(f"{self} returned no key.")
        return _named(keys)

    def rotate(self, announce: float, lifetime: float, *, revoke: bool = False) -> tuple[Key, ...]:
        raise ConfigurationError(
            f"The keys come from {self}. Rotate them where it gets them; running workers ask once a minute."
        )


def _several(given: Any) -> tuple[str, ...]:
    if isinstance(given, str | bytes):
        return tuple(line.strip() for line in _text(given).splitlines() if line.strip())
    if isinstance(given, Iterable):
        return tuple(_text(key) for key in given)
    raise TypeError("not a key")


def _text(key: Any) -> str:
    if isinstance(key, bytes):
        # Every byte keeps its value for whoever encodes as Flask-Login does; text beyond ASCII is a key like any other.
        return key.decode("utf-8", "surrogateescape")
    if isinstance(key, str):
        return key
    raise TypeError("a key is a string or bytes")


def _named(keys: tuple[str, ...]) -> tuple[Key, ...]:
    return tuple(
        Key(
            text,
            hashlib.sha256(b"fumehood key id\n" + text.encode("utf-8", "surrogateescape")).hexdigest()[:8],
        )
        for text in keys
    )
