"""Keeps secrets out of the journal: what a detail is called, what it looks like, and what the request held."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from flask import has_request_context, request

__all__ = ["REDACTED", "names_a_secret", "path_of_request", "redacted", "secrets_of_request"]

REDACTED = "[redacted]"

# Bounds of one entry: an attacker must not make it large.
LONGEST_TEXT = 500
MOST_ITEMS = 20
DEEPEST = 3

_SECRET_NAME = re.compile(
    r"pass(wor[dt]|wd|phrase|code)?$|passw|pwd|secret|token|auth(orization|enticator)?$|cookie|credential|session(_?id)?$|"
    r"csrf|xsrf|nonce|otp|totp|mfa_?code|recovery|backup_?code|private|signature|(api|access|secret|encryption|signing|ssh)[_-]?key|^key$|^pin$|"
    r"card_?number|cvc|cvv|iban|ssn",
    re.IGNORECASE,
)
_ONLY_A_NAME = re.compile(
    r"(_|-)(id|name|count|type|length|kind|age|expires|created|used|valid|present)$", re.IGNORECASE
)

_SECRET_LOOKS = (
    (re.compile(r"\b(bearer|basic|digest|token)\s+[\w.~+/=-]{6,}", re.IGNORECASE), r"\1 " + REDACTED),
    (re.compile(r"\beyJ[\w-]{5,}\.[\w-]+\.?[\w-]*"), REDACTED),
    # What itsdangerous signs: also in a path that no route has been found for.
    (re.compile(r"(?<![\w.-])\.?[\w-]{4,}\.[\w-]{5,8}\.[\w-]{27,}"), REDACTED),
    (re.compile(r"(\w://[^\s/:@]*):[^\s/@]+@"), r"\1:" + REDACTED + "@"),
    (re.compile(r"-----BEGIN [A-Z ]+-----.*?(-----END [A-Z ]+-----|$)", re.DOTALL), REDACTED),
    (
        re.compile(r"\b(AKIA|ASIA|ghp_|gho_|ghs_|github_pat_|glpat-|xox[abprs]-|sk_live_|sk-)[\w-]{8,}"),
        REDACTED,
    ),
    (
        re.compile(
            r"""(["']?[\w-]*(?:passw(?:or)?d|passwd|pwd|secret|token|api[_-]?key|session|cookie|otp)["']?\s*[=:]\s*)("[^"]*"|'[^']*'|[^\s&;,"']+)""",
            re.IGNORECASE,
        ),
        r"\1" + REDACTED,
    ),
)


def names_a_secret(name: str) -> bool:
    """Tell whether a field, a parameter or a detail of this name holds a secret."""
    return bool(_SECRET_NAME.search(name)) and not _ONLY_A_NAME.search(name)


def secrets_of_request() -> frozenset[str]:
    """Return the secret values of the current request: of password fields, cookies and the Authorization header.

    Reads only what has been parsed already: recording an event must not start reading a body.
    """
    if not has_request_context():
        return frozenset()
    found: set[str] = set(request.cookies.values())
    if authorization := request.headers.get("Authorization"):
        found.update(authorization.split(None, 1))
    fields = [request.args.items(multi=True)]
    if "form" in request.__dict__:
        fields.append(request.form.items(multi=True))
    for pairs in fields:
        found.update(value for name, value in pairs if names_a_secret(name))
    for cached in getattr(request, "_cached_json", ()):
        if isinstance(cached, Mapping | list):
            found.update(_secret_values(cached, 0))
    # Very short values are left: they would blot out unrelated words ("1", "on").
    return frozenset(value for value in found if len(value) >= 4)


def path_of_request() -> str:
    """Return the path of the current request, without the tokens that it holds, as links to reset a password do.

    What else the request says is a secret is believed of everything but this: a cookie that holds the path would hide from the journal where
    somebody knocked (CWE-778).
    """
    tokens = {str(value) for name, value in (request.view_args or {}).items() if names_a_secret(name)}
    return clean(request.path, frozenset(token for token in tokens if len(token) >= 4))


def redacted(value: Any, name: str = "", secrets: frozenset[str] = frozenset(), depth: int = 0) -> Any:
    """Return a detail as bounded JSON without secrets.

    Parameters:
        value: any object; what JSON has no word for becomes its text.
        name: what the detail is called.
        secrets: values that must not appear in it.
    """
    if value is None or isinstance(value, bool | int | float):
        # A number under a secret's name is a one-time code or a PIN.
        return (
            REDACTED if value is not None and not isinstance(value, bool) and names_a_secret(name) else value
        )
    if names_a_secret(name):
        return REDACTED
    if isinstance(value, bytes | bytearray | memoryview):
        return f"[{len(value)} bytes]"
    if isinstance(value, Mapping):
        if depth >= DEEPEST:
            return "[too deep]"
        items = list(value.items())[:MOST_ITEMS]
        return {
            clean(str(key), secrets, 64): redacted(item, str(key), secrets, depth + 1) for key, item in items
        }
    if isinstance(value, list | tuple | set | frozenset):
        if depth >= DEEPEST:
            return "[too deep]"
        return [redacted(item, "", secrets, depth + 1) for item in list(value)[:MOST_ITEMS]]
    return clean(str(value), secrets)


def clean(text: str, secrets: frozenset[str] = frozenset(), longest: int = LONGEST_TEXT) -> str:
    """Return a bounded text without secrets and without characters that would forge a line or change a terminal."""
    # Cut first: the patterns below never see more than a few thousand characters.
    text = text[: longest * 4]
    for secret in sorted(secrets, key=len, reverse=True):
        if secret in text:
            text = text.replace(secret, REDACTED)
    for looks, instead in _SECRET_LOOKS:
        text = looks.sub(instead, text)
    text = "".join(
        character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in text
    )
    return text if len(text) <= longest else text[: longest - 1] + "…"


def _secret_values(value: Any, depth: int) -> Iterator[str]:
    if depth > DEEPEST:
        return
    if isinstance(value, Mapping):
        for name, item in list(value.items())[:100]:
            if isinstance(item, str) and names_a_secret(str(name)):
                yield item
            else:
                yield from _secret_values(item, depth + 1)
    elif isinstance(value, list):
        for item in value[:100]:
            yield from _secret_values(item, depth + 1)
