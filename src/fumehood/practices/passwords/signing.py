"""Signed values that follow the keyring: what links and cookies hold outlives a rotation of the keys."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from itsdangerous import BadSignature, SignatureExpired, URLSafeTimedSerializer

if TYPE_CHECKING:
    from fumehood.practices.interface import Installation

__all__ = ["RotatingSerializer"]


class RotatingSerializer:
    """Signs with the current key (HMAC-SHA-256, derived for one purpose) and reads what any key of the ring signed.

    Parameters:
        installation: the hood, for its keyring.
        purpose: what the values are for; a value signed for another purpose is refused.
    """

    def __init__(self, installation: Installation, purpose: str) -> None:
        self._installation = installation
        self._purpose = purpose
        self._made: tuple[int, URLSafeTimedSerializer] | None = None

    def dumps(self, value: Any) -> str:
        """Return the value, signed and dated."""
        return self._current().dumps(value)

    def loads(self, signed: str, max_age: float | None = None) -> Any:
        """Return the value.

        Parameters:
            signed: what :meth:`dumps` returned.
            max_age: in seconds.

        Raises:
            itsdangerous.SignatureExpired: when it is older.
            itsdangerous.BadSignature: when no key of the ring signed it.
        """
        age = int(max_age) if max_age is not None else None
        try:
            return self._current().loads(signed, max_age=age)
        except SignatureExpired:
            raise
        except BadSignature:
            # Another worker may have signed with a key that this one has not seen yet.
            if not self._installation.keyring.refresh():
                raise
            return self._current().loads(signed, max_age=age)

    def loads_unsafe(self, signed: str) -> Any:
        """Return whether the signature holds, and the value even where it does not; as itsdangerous does."""
        return self._current().loads_unsafe(signed)

    def _current(self) -> URLSafeTimedSerializer:
        keyring = self._installation.keyring
        generation = keyring.generation
        if self._made is None or self._made[0] != generation:
            # itsdangerous signs with the last of its keys and reads with all.
            serializer: URLSafeTimedSerializer = URLSafeTimedSerializer(
                list(reversed(keyring.derive_all(self._purpose))),
                salt=f"fumehood.{self._purpose}",
                signer_kwargs={"digest_method": hashlib.sha256},
            )
            self._made = (generation, serializer)
        return self._made[1]
