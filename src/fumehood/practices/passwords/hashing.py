"""How passwords are kept: argon2id or bcrypt; and how older hashes are read, so that existing accounts move over at their next login."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import secrets
import threading
import unicodedata
from typing import Any

from fumehood.settings import Settings

__all__ = ["Hasher", "normalized"]

_BCRYPT_LONG = re.compile(r"\$bcrypt-sha256\$v=2,t=2b,r=(\d{1,2})\$([./A-Za-z0-9]{22})\$([./A-Za-z0-9]{31})")
_BCRYPT_PLAIN = re.compile(r"\$2[aby]\$(\d{2})\$[./A-Za-z0-9]{53}")


def normalized(password: str) -> str:
    """Return the password in one Unicode form (NFKC), whatever keyboard it was typed on (NIST SP 800-63B)."""
    return password if password.isascii() else unicodedata.normalize("NFKC", password)


class Hasher:
    """Hashes and verifies passwords as the settings say.

    argon2id runs with 64 MiB, three passes and one lane by default (RFC 9106's second choice, with one lane because a web worker
    has one core). bcrypt reads 72 bytes only, so the password goes through HMAC-SHA256 first, keyed with the salt: a long
    password counts to its end, and a hash leaked elsewhere is no help here. The format is the one of passlib's ``bcrypt_sha256``.

    Parameters:
        settings: the hood's settings.
        pepper: ``SECURITY_PASSWORD_SALT`` of an app that kept its accounts with Flask-Security before; only to read old hashes.
    """

    def __init__(self, settings: Settings, pepper: str | bytes | None = None) -> None:
        from argon2 import PasswordHasher, Type

        self._scheme = settings.password_hash
        self._rounds = settings.bcrypt_rounds
        self._pepper = pepper.encode() if isinstance(pepper, str) else pepper
        self._argon2 = PasswordHasher(
            time_cost=settings.argon2_passes,
            memory_cost=settings.argon2_memory_kib,
            parallelism=settings.argon2_lanes,
            type=Type.ID,
        )
        self._dummy: str | None = None
        self._lock = threading.Lock()

    def hash(self, password: str) -> str:
        """Return the hash to store; it holds its salt and its parameters."""
        password = normalized(password)
        if self._scheme == "argon2id":
            return self._argon2.hash(password)
        import bcrypt

        salt = bcrypt.gensalt(self._rounds)
        return self._bcrypt(password, salt)

    def verify(self, password: str, stored: str | None) -> bool:
        """Tell whether the password is the one that was hashed.

        Parameters:
            password: as it was typed.
            stored: the stored hash; None for an account that does not exist or has no password: the answer is False and takes as long.
        """
        if not stored:
            self._matches(normalized(password), self._dummy_hash())
            return False
        if self._matches(normalized(password), stored):
            return True
        if self._ours(stored):
            return False
        # Older libraries hashed what was typed, or another normal form.
        others = {password, unicodedata.normalize("NFKD", password)} - {normalized(password)}
        if any(self._matches(other, stored) for other in others):
            return True
        return self._pepper is not None and self._matches_peppered(password, stored, self._pepper)

    def outdated(self, stored: str) -> bool:
        """Tell whether the hash was made with another scheme or other parameters than the settings ask for now."""
        if self._scheme == "argon2id":
            return not stored.startswith("$argon2id$") or self._argon2.check_needs_rehash(stored)
        found = _BCRYPT_LONG.fullmatch(stored)
        return found is None or int(found[1]) != self._rounds

    def _ours(self, stored: str) -> bool:
        return self._pepper is None and stored.startswith(("$argon2id$", "$bcrypt-sha256$"))

    def _matches(self, password: str | bytes, stored: str) -> bool:
        if stored.startswith("$argon2"):
            from argon2.exceptions import InvalidHashError, VerificationError

            try:
                return self._argon2.verify(stored, password)
            except (VerificationError, InvalidHashError):
                return False
        typed = password.encode() if isinstance(password, str) else password
        if found := _BCRYPT_LONG.fullmatch(stored):
            salt = f"$2b${int(found[1]):02}${found[2]}".encode()
            return hmac.compare_digest(self._bcrypt(typed, salt), stored)
        if _BCRYPT_PLAIN.fullmatch(stored):
            import bcrypt

            # NUL ended the password for the libraries of old; bcrypt 5 refuses more than it reads.
            return bcrypt.checkpw(typed[:72], stored.encode())
        if stored.startswith(("scrypt:", "pbkdf2:")):
            from werkzeug.security import check_password_hash

            return isinstance(password, str) and check_password_hash(stored, password)
        return False

    def _matches_peppered(self, password: str, stored: str, pepper: bytes) -> bool:
        """Flask-Security's double hash: HMAC-SHA512 with its salt setting, then the slow hash."""
        for form in {password, unicodedata.normalize("NFKD", password)}:
            first = base64.b64encode(hmac.digest(pepper, form.encode(), hashlib.sha512))
            if self._matches(first, stored):
                return True
        return False

    @staticmethod
    def _bcrypt(password: str | bytes, salt: bytes) -> str:
        import bcrypt

        typed = password.encode() if isinstance(password, str) else password
        first = base64.b64encode(hmac.digest(salt[-22:], typed, hashlib.sha256))
        made = bcrypt.hashpw(first, salt).decode()
        return f"$bcrypt-sha256$v=2,t=2b,r={int(made[4:6])}${made[7:29]}${made[29:]}"

    def _dummy_hash(self) -> str:
        with self._lock:
            if self._dummy is None:
                self._dummy = self.hash(secrets.token_urlsafe(32))
        return self._dummy


class Context:
    """Gives Flask-Security the hood's hasher in the shape of the passlib context that it calls."""

    def __init__(self, hasher: Hasher) -> None:
        self._hasher = hasher

    def hash(self, secret: str | bytes, **_options: Any) -> str:
        return self._hasher.hash(secret.decode() if isinstance(secret, bytes) else secret)

    def verify(self, secret: str | bytes, hash: str | None) -> bool:  # noqa: A002 - passlib's name
        return self._hasher.verify(secret.decode() if isinstance(secret, bytes) else secret, hash)

    def needs_update(self, hash: str) -> bool:  # noqa: A002 - passlib's name
        return self._hasher.outdated(hash)

    def identify(self, hash: str) -> str:  # noqa: A002 - passlib's name
        return hash.split("$")[1] if hash.startswith("$") else hash.partition(":")[0]
