"""The keyring: the keys of an application, kept up to date while it runs."""

from __future__ import annotations

import hashlib
import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Protocol

from fumehood.practices.secrets.keyfile import Key, in_use
from fumehood.settings import ConfigurationError

__all__ = ["ANNOUNCE", "Keyring", "Source"]

# A new key verifies at once and signs this many seconds later. Workers look for new keys once a second, so by then all know it.
ANNOUNCE = 2.5
LOOK_EVERY = 1.0

_log = logging.getLogger("fumehood.secrets")


class Source(Protocol):
    """Where keys come from."""

    can_rotate: bool

    def stamp(self) -> object:
        """Return what changes when the keys may have changed; cheap."""

    def open(self) -> tuple[Key, ...]:
        """Return the keys at start-up, newest first; make the first one where that is the source's to do.

        Raises:
            ConfigurationError: if there are none.
        """

    def read(self) -> tuple[Key, ...]:
        """Return the keys again, newest first.

        Raises:
            ConfigurationError: if there are none any more.
        """

    def rotate(self, announce: float, lifetime: float, *, revoke: bool = False) -> tuple[Key, ...]:
        """Add a key and drop the expired ones.

        Raises:
            ConfigurationError: if the keys are not the hood's to change.
        """


@dataclass(frozen=True, slots=True)
class _State:
    keys: tuple[Key, ...]  # the signing one first
    raw: tuple[bytes, ...]
    generation: int
    stamp: object
    changes_at: float  # when a key starts to sign or falls out; seconds since the epoch
    derived: dict[str, tuple[bytes, ...]] = field(default_factory=dict)


class Keyring:
    """The secret keys: one signs, older ones verify until what they signed has expired.

    Parameters:
        source: where the keys come from.
        lifetime: returns how many seconds a session or a remember cookie lives at most.

    Raises:
        ConfigurationError: if the source has no key.
    """

    def __init__(self, source: Source, lifetime: Callable[[], float]) -> None:
        self.source = source
        self._lifetime = lifetime
        self._lock = threading.Lock()
        self._listeners: list[Callable[[], None]] = []
        self._next_look = 0.0
        keys = source.open()
        # A stamp from before the keys were read is at worst too old, and then they are read once more.
        self._state = self._arranged(keys, None, 1)

    @property
    def current(self) -> bytes:
        """The key that signs."""
        return self._fresh().raw[0]

    @property
    def generation(self) -> int:
        """A number that changes whenever the keys change; for caches of what was made from them."""
        return self._fresh().generation

    @property
    def keys(self) -> tuple[Key, ...]:
        """The keys with their ids and times, the signing one first."""
        return self._fresh().keys

    def all(self) -> tuple[bytes, ...]:
        """Return all keys that verify, the signing one first, then from the newest to the oldest."""
        return self._fresh().raw

    def derive(self, purpose: str) -> bytes:
        """Return 32 bytes derived from the signing key for one purpose (HKDF-SHA256, RFC 5869).

        What is signed or encrypted for one purpose is worthless for another, and the key itself is never given away.
        """
        return self.derive_all(purpose)[0]

    def derive_all(self, purpose: str) -> tuple[bytes, ...]:
        """Return what :meth:`derive` returns, for each key that verifies, the signing one first."""
        return self._derived(self._fresh(), purpose)

    def derive_newest_first(self, purpose: str) -> tuple[bytes, ...]:
        """Return what :meth:`derive_all` returns, with a key that waits to sign before the one that signs.

        For what is encrypted to be read much later: under the newest key it stays readable the longest.
        """
        state = self._fresh()
        order = sorted(range(len(state.keys)), key=lambda place: -state.keys[place].signs_from)
        derived = self._derived(state, purpose)
        return tuple(derived[place] for place in order)

    def refresh(self) -> bool:
        """Look for changed keys now; return whether there were any. For a signature that no known key made."""
        return self._look()

    def rotate(self, *, announce: float = ANNOUNCE, revoke: bool = False) -> Key:
        """Make a new key that signs; the old ones go on verifying until sessions made with them have expired.

        Parameters:
            announce: seconds until the new key signs. Other workers must have seen it by then.
            revoke: drop the old keys at once, for a key that leaked: everybody is logged out.

        Returns:
            the new key.

        Raises:
            ConfigurationError: if the keys come from the configuration, which only its owner can change.
        """
        keys = self.source.rotate(announce, self._lifetime(), revoke=revoke)
        self._look()
        return keys[0]

    def on_change(self, listener: Callable[[], None]) -> None:
        """Call ``listener`` now and after every change of the keys."""
        self._listeners.append(listener)
        listener()

    @staticmethod
    def _derived(state: _State, purpose: str) -> tuple[bytes, ...]:
        found = state.derived.get(purpose)
        if found is None:
            found = state.derived[purpose] = tuple(_hkdf(key, purpose) for key in state.raw)
        return found

    def _fresh(self) -> _State:
        if time.monotonic() >= self._next_look:
            self._look()
        return self._state

    def _look(self) -> bool:
        with self._lock:
            before = self._state
            self._next_look = time.monotonic() + LOOK_EVERY
            stamp = self.source.stamp()
            if stamp == before.stamp and time.time() < before.changes_at:
                return False
            try:
                keys = self.source.read()
            except ConfigurationError as error:
                # Removed or damaged while the application runs: the known keys go on, nobody is logged out.
                _log.error("the keys cannot be read again, the known ones stay in use: %s", error)
                self._state = replace(before, stamp=stamp)
                return False
            after = self._arranged(keys, stamp, before.generation + 1)
            if after.keys == before.keys:
                self._state = self._arranged(keys, stamp, before.generation)
                return False
            self._state = after
            wait = after.changes_at - time.time()
            if wait < LOOK_EVERY:
                self._next_look = time.monotonic() + max(wait, 0.0)
        for listener in self._listeners:
            listener()
        return True

    def _arranged(self, keys: tuple[Key, ...], stamp: object, generation: int) -> _State:
        now, lifetime = time.time(), self._lifetime()
        keys = in_use(keys, lifetime, now)
        waiting = tuple(key for key in keys if key.signs_from > now)
        signing = tuple(key for key in keys if key.signs_from <= now)
        ordered = signing[:1] + waiting + signing[1:] if signing else keys
        changes = [key.signs_from for key in waiting]
        changes += [newer.signs_from + lifetime for newer in keys[:-1] if newer.signs_from]
        return _State(
            ordered, tuple(map(bytes, ordered)), generation, stamp, min(changes, default=float("inf"))
        )


def _hkdf(key: bytes, purpose: str) -> bytes:
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF

    return HKDF(
        algorithm=SHA256(), length=32, salt=hashlib.sha256(b"fumehood").digest(), info=purpose.encode()
    ).derive(key)
