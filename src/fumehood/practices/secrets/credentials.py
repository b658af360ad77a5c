"""Which named text is a credential: judged by what the name means and what the text looks like, never by either alone (CWE-798)."""

from __future__ import annotations

import math
import re
from collections import Counter
from itertools import pairwise

__all__ = ["SHORTEST", "Kind", "credential", "entropy", "signs", "words"]

SHORTEST = 5  # characters; a shorter text is hardly a key, but under the name of the key

Kind = str  # "password", "key", or "" for neither

_NAME = re.compile(r"[A-Za-z_$][\w.$-]*\w|\w")
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_PASSWORDS = frozenset({"password", "passwd", "pwd", "pass", "passphrase", "passcode", "pswd"})
_KEYS = frozenset({"secret", "apikey", "secretkey", "privatekey", "token", "credential", "credentials"})
_KEY_PAIRS = frozenset({
    ("api", "key"), ("secret", "key"), ("private", "key"), ("access", "key"), ("signing", "key"), ("encryption", "key"), ("hmac", "key"), ("jwt", "key"),
    ("client", "secret"), ("auth", "token"), ("access", "token"), ("bearer", "token"), ("master", "key"), ("aes", "key"), ("fernet", "key"), ("crypto", "key"),
    ("auth", "key"), ("shared", "key"), ("service", "key"), ("app", "key"), ("session", "key"), ("license", "key"), ("deploy", "key"),
})  # fmt: skip
# A name with one of these speaks about a credential, it does not hold one.
_ABOUT = frozenset({
    "url", "uri", "path", "file", "filename", "field", "label", "name", "names", "header", "headers", "param", "params", "parameter", "hash", "hashed", "regex", "pattern",
    "prompt", "message", "msg", "error", "errors", "hint", "placeholder", "help", "title", "text", "description", "column", "type", "expire", "expires", "expiry",
    "expiration", "ttl", "age", "length", "min", "max", "size", "policy", "required", "enabled", "method", "algorithm", "alg", "scheme", "schemes", "location", "prefix",
    "suffix", "salt", "template", "subject", "endpoint", "route", "view", "form", "class", "id", "reset", "forgot", "forgotten", "confirm", "confirmation", "change",
    "changed", "strength", "validator", "regexp", "format", "env", "var", "variable", "cookie", "csrf", "csrftoken", "kind", "page", "token_type", "grant", "lifetime",
    "context", "schemas", "storage", "attr", "attribute", "info", "count", "limit", "input", "output", "scope", "scopes", "rule", "rules", "test", "separator", "delimiter", "end", "start",
    "xpath", "css", "selector", "sql", "statement", "algorithms", "public", "blacklist", "blocklist", "chars", "alphabet", "charset", "table", "detail", "checker", "complexity", "backend", "hasher", "provider", "handler", "confirmed", "option", "arg", "args",
})  # fmt: skip
_PLACEHOLDER = re.compile(
    r"[<\[{(].*[>\]})]|\$\{?\w+\}?|%\(?\w+\)?s?|x{3,}|\*{3,}|\.{3,}|-{3,}|your[-_ ].*|.*[-_ ]here|(replace|insert|set|put|fill|enter|todo|fixme)\b.*|none|null|true|false|"
    r"undefined|unknown|placeholder|unset|disabled|empty|missing|n/?a|example|redacted|dummy|optional|required|string|str|bytes|bearer|basic|jwt|oauth2?|hs\d+|rs\d+|sha\d+|bcrypt|argon2\w*|env|query|header|cookie|form|json",
    re.IGNORECASE,
)
_ENVIRONMENT = re.compile(r"[A-Z][A-Z0-9]*(_[A-Z0-9]+)+")
_DOTTED = re.compile(r"[a-z_]\w*(\.[a-zA-Z_]\w*)+(:\w+)?")
_DOTTED_KEY = re.compile(r"[A-Za-z_]\w{,30}(\.[a-zA-Z_]\w{,30}){1,3}")
_VERSION = re.compile(r"[~^v=<>]*\d+(\.\d+)+[\w.+-]*")
_HASH = re.compile(
    r"\$(2[aby]?|argon2\w*|pbkdf2[\w-]*|scrypt|5|6|1|y)\$.*|(pbkdf2|scrypt|sha256|sha512):.+\$.+\$.+"
)
_IDENTIFIER = re.compile(r"[a-z]+(_[a-z]+){2,}")
_ADDRESS = re.compile(
    r"[a-z][a-z0-9+.-]*://|^/[\w./-]*$|^\w+/[\w.+-]+$|^[\w./-]+\.(html?|py|txt|json|pem|key|crt|ya?ml|js|css)$"
)


def words(name: str) -> list[str]:
    """Split ``dbPassword`` or ``DB_PASSWORD`` into its words, in lower case."""
    return [part.lower() for part in _WORD.findall(name)]


def credential(name: str, value: str) -> Kind:
    """Tell whether a text under a name is a credential.

    Parameters:
        name: a variable, key, keyword or attribute, as written.
        value: the literal text.

    Returns:
        "password" for what a person or a service signs in with, "key" for what signs or encrypts, "" for neither.
    """
    kind = _meaning(name)
    if words(name) == ["key"] and len(value) >= 32 and entropy(value) > 4.2 and " " not in value:
        kind = "key"  # under so plain a name, only what looks like nothing else
    if not kind or not value.strip() or _PLACEHOLDER.fullmatch(value.strip()):
        return ""
    lowered = value.lower()
    if (
        _ENVIRONMENT.fullmatch(value)
        or _DOTTED.fullmatch(value)
        or _ADDRESS.search(lowered)
        or _VERSION.fullmatch(value)
        or _HASH.fullmatch(value)
        or value.startswith("--")
        or lowered == name.lower()
    ):
        return ""
    if kind == "key" and (
        _DOTTED_KEY.fullmatch(value) or (_IDENTIFIER.fullmatch(value) and "secret" not in words(name))
    ):
        return ""  # the name under which a key is kept, or what an action is called
    if kind == "password":
        # "Enter your password" is a text for people; a pass phrase under such a name is rarer than a message.
        return (
            kind
            if 3 <= len(value) <= 128 and len(value.split()) <= 2 and not value.endswith((":", "?", "."))
            else ""
        )
    readable = re.fullmatch(r"[a-z]+([-_ ][a-z]+)*", lowered) is not None
    if words(name)[-2:] == ["session", "key"] and re.fullmatch(r"[a-z_-]+", lowered):
        return ""  # under which a session keeps something
    if (
        words(name)[-1:] == ["secret"]
        and re.fullmatch(r"[a-z]+(-[a-z]+){2,}", value)
        and value.endswith("-secret")
    ):
        return ""  # what a secret of Kubernetes is called
    if lowered.startswith(("invalid", "dummy-", "fake-", "example-")):
        return ""
    if "token" in words(name) and readable:
        return ""  # names of token kinds and of columns; a real token is not made of words
    if len(value) < SHORTEST and not signs(name):
        return ""
    return kind if len(value) <= 4_000 and not (readable and len(value.split()) > 8) else ""


def _meaning(name: str) -> Kind:
    parts = words(name)
    # A name of three parts or more is of a module's thing: Crypto.PublicKey.RSA.
    if not parts or not _NAME.fullmatch(name) or name.count(".") > 1 or _ABOUT.intersection(parts):
        return ""
    pairs = set(pairwise(parts))
    if len(parts) > 1 and parts[-1] == "key" and (parts[-2], "key") not in _KEY_PAIRS:
        return ""  # "password_detail_key": the key of a dictionary
    if _PASSWORDS.intersection(parts):
        return "password"
    return "key" if _KEYS.intersection(parts) or _KEY_PAIRS & pairs else ""


def signs(name: str) -> bool:
    """Tell whether a name can only be that of the key which signs sessions: any text under it is one, however short."""
    return words(name)[-2:] == ["secret", "key"]


def entropy(text: str) -> float:
    """Return the Shannon entropy of a text in bits for each character."""
    if not text:
        return 0.0
    return -sum(count / len(text) * math.log2(count / len(text)) for count in Counter(text).values())
