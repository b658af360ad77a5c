"""Tries the keys that everybody tries first against what an application has signed. Nothing is sent for it."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Iterator
from functools import lru_cache

from fumehood.practices.secrets.strength import famous

__all__ = ["key_of_cookie", "key_of_token", "signed_by_flask"]

_HASHES = {"HS256": hashlib.sha256, "HS384": hashlib.sha384, "HS512": hashlib.sha512}
_SALT = b"cookie-session"  # of Flask's session interface
_BASES = (
    "secret", "secretkey", "secret-key", "secret_key", "my-secret-key", "mysecretkey", "my_secret_key", "mysecret", "supersecret", "super-secret",
    "super_secret", "supersecretkey", "super-secret-key", "super_secret_key", "topsecret", "dev", "development", "key", "changeme", "change-me",
    "change_me", "changethis", "password", "test", "testing", "default", "example", "admin", "flask", "app", "jwt", "jwt-secret", "jwt_secret",
    "jwtsecret", "jwt-secret-key", "jwt_secret_key", "jwt-secret-string", "token", "random", "random-string", "random string", "somesecret", "some-secret",
    "some-secret-key", "some secret key", "thisisasecret", "this-is-a-secret", "this is a secret", "thisissecret", "this is secret", "thisisasecretkey",
    "this-is-a-secret-key", "this is a secret key", "this is my secret key", "thisismysecretkey", "your-secret-key", "your_secret_key", "yoursecretkey",
    "your secret key", "your-secret-key-here", "your_secret_key_here", "a secret", "a-secret", "a secret key", "a-secret-key", "very secret", "verysecret",
    "very-secret", "very secret key", "not-so-secret", "notsosecret", "keep it secret", "hello", "hello world", "foo", "bar", "foobar", "qwerty", "letmein",
    "insecure", "insecure-key", "temp", "temporary", "placeholder", "replace-me", "replaceme", "todo", "none", "s3cr3t", "s3cr3tk3y", "s3cret", "sekret",
    "p@ssw0rd", "passw0rd", "production", "prod", "local", "dummy", "fake", "demo", "sample", "site", "website", "api", "api-key", "session", "cookie",
    "1", "12", "123", "1234", "12345", "123456", "1234567", "12345678", "123456789", "1234567890", "0", "a", "abc", "abc123", "abcdef", "x", "xxx", "xyz",
)  # fmt: skip
_ENDINGS = ("", "!", "1", "12", "123", "1234", "12345", "!!!", "-dev", "_dev", "-123", "_123", "-change-me", "-change-in-production", "-in-production", " here")  # fmt: skip


@lru_cache(maxsize=1)
def _keys() -> tuple[bytes, ...]:
    def every() -> Iterator[str]:
        yield from famous()
        for base in _BASES:
            for form in (base, base.upper(), base.title()):
                for ending in _ENDINGS:
                    yield form + ending

    return tuple(dict.fromkeys(key.encode() for key in every()))


def signed_by_flask(value: str) -> bool:
    """Tell whether a cookie looks like Flask's session: data, a time, and a signature of 20 bytes."""
    body, _, signature = value.rpartition(".")
    return (
        body.count(".") in {1, 2} and len(_decoded(signature)) == 20 and body.lstrip(".")[:2] in {"ey", "eJ"}
    )


def key_of_cookie(value: str) -> str:
    """Return the known key that signed a cookie of Flask's, or "" when none of them did."""
    body, _, signature = value.rpartition(".")
    given = _decoded(signature)
    if len(given) != 20:
        return ""
    for key in _keys():
        derived = hmac.digest(key, _SALT, "sha1")
        if hmac.digest(derived, body.encode(), "sha1") == given:
            return key.decode()
    return ""


def key_of_token(token: str) -> str:
    """Return the known key that signed a JSON Web Token, or "" when none of them did."""
    head, _, rest = token.partition(".")
    body, _, signature = rest.partition(".")
    try:
        algorithm = json.loads(_decoded(head)).get("alg", "")
    except (ValueError, AttributeError):
        return ""
    hashed = _HASHES.get(algorithm)
    if hashed is None:
        return ""
    given, signed = _decoded(signature), f"{head}.{body}".encode()
    return next((key.decode() for key in _keys() if hmac.digest(key, signed, hashed) == given), "")


def _decoded(text: str) -> bytes:
    try:
        return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except ValueError:
        return b""
