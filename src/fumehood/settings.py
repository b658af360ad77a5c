"""Every setting once: its name, its type, its secure default and one line of why.

A setting is a Flask configuration key, or a variable of the environment: the field ``hsts_seconds`` is ``FUMEHOOD_HSTS_SECONDS``.
It is read and validated once, when the hood is installed; :func:`read` raises :class:`ConfigurationError` for a wrong type, a
value out of range or a name that does not exist.
"""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, fields
from typing import Any

__all__ = ["PREFIX", "ConfigurationError", "Settings", "read"]

PREFIX = "FUMEHOOD_"

# Variables of the environment that are none: the application of a command, and the folder of the starter's data.
_NO_SETTINGS = frozenset({"FUMEHOOD_APP", "FUMEHOOD_INSTANCE"})


class ConfigurationError(Exception):
    """The application cannot start safely as it is configured. The message says what, where and how to mend it."""


# A parser takes what the configuration holds (also the strings of ``from_prefixed_env``) and returns the value or
# raises ValueError with the words that follow "must be".
Parser = Callable[[Any], Any]


def setting(
    default: Any,
    parse: Parser,
    practice: str,
    why: str,
    weaker: Callable[[Any], bool] | None = None,
    *,
    secret: bool = False,
) -> Any:
    """Declare one setting.

    Parameters:
        default: the secure default.
        parse: turns a configured value into the field's type; raises ValueError saying what it must be.
        practice: the folder of the practice it belongs to.
        why: one line for the documentation.
        weaker: tells whether a value is weaker than the default; the audit lists those.
        secret: keeps the value out of the settings' repr.
    """
    metadata = {"parse": parse, "practice": practice, "why": why, "weaker": weaker}
    if isinstance(default, dict):
        return field(default_factory=default.copy, metadata=metadata)
    return field(default=default, metadata=metadata, repr=not secret)


def boolean(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.lower() in {"1", "true", "yes", "on", "0", "false", "no", "off"}:
        return value.lower() in {"1", "true", "yes", "on"}
    raise ValueError("true or false")


def integer(lowest: int = 0, highest: int | None = None) -> Parser:
    def parse(value: Any) -> int:
        wanted = f"a whole number of at least {lowest}" + (
            f" and at most {highest}" if highest is not None else ""
        )
        if isinstance(value, bool) or not isinstance(value, int | str):
            raise ValueError(wanted)
        try:
            number = int(value)
        except ValueError:
            raise ValueError(wanted) from None
        if number < lowest or (highest is not None and number > highest):
            raise ValueError(wanted)
        return number

    return parse


def text(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError("a string")
    return value


def https_address(value: Any) -> str:
    """Empty, or an address to ask in clear text only on this machine."""
    address = text(value)
    if address and not address.startswith(
        ("https://", "http://127.0.0.1:", "http://[::1]:", "http://localhost:")
    ):
        raise ValueError("empty or an https:// address")
    return address


def one_of(*allowed: str) -> Parser:
    def parse(value: Any) -> str:
        if value not in allowed:
            raise ValueError("one of " + ", ".join(map(repr, allowed)))
        return str(value)

    return parse


def mapping(value: Any) -> dict[str, Any]:
    """A dictionary with string keys; a string is read as JSON, as environments give it."""
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except ValueError:
            value = None
    if isinstance(value, Mapping) and all(isinstance(key, str) for key in value):
        return dict(value)
    raise ValueError("a dictionary with strings as keys, or one as JSON")


def origins(value: Any) -> tuple[str, ...]:
    """A list of web origins: scheme, host and port only, as browsers send them in ``Origin``."""
    found = strings(value)
    for origin in found:
        if not re.fullmatch(r"https?://[a-z0-9.\-]+(:\d{1,5})?|https?://\[[0-9a-f:.]+\](:\d{1,5})?", origin):
            raise ValueError("origins such as 'https://app.example.org': lower case, no path, no '*'")
    return found


def site(value: Any) -> str:
    """Empty, or the origin of the site; in clear text only on this machine."""
    address = https_address(value).rstrip("/")
    if address and (origins(address) != (address,) or not address.isascii()):
        raise ValueError("empty or an address such as 'https://notes.example.org': lower case, no path")
    return address


def keys(value: Any) -> Any:
    """A secret key as Flask takes it, several of them (the signing one first), or a function that returns either."""
    if callable(value) or isinstance(value, str | bytes):
        return value
    if isinstance(value, list | tuple) and value and all(isinstance(part, str | bytes) for part in value):
        return tuple(value)
    raise ValueError("a string, bytes, a list of them, or a function that returns one of these")


def strings(value: Any) -> tuple[str, ...]:
    """A list of strings; a single string is read as JSON or split at commas, as environments give it."""
    if isinstance(value, str) and value.startswith("["):
        with suppress(ValueError):
            value = json.loads(value)
    if isinstance(value, str):
        return tuple(part.strip() for part in value.split(",") if part.strip())
    if isinstance(value, list | tuple | set | frozenset) and all(isinstance(part, str) for part in value):
        return tuple(value)
    raise ValueError("a list of strings, or one string with commas")


@dataclass(
    frozen=True, slots=True, eq=False
)  # nobody compares them, and comparing costs an import a millisecond
class Settings:
    """All settings of the hood. The section comments name the practice that owns them."""

    # everywhere
    mode: str = setting(
        "production",
        one_of("production", "development"),
        "secrets",
        "In development a generated key is made without asking and weak ones only warn; app.debug and app.testing imply it.",
    )
    storage_url: str = setting(
        "",
        text,
        "passwords",
        "Where counters live: empty for the hood's own database, memory:// or redis://host/0.",
    )
    database_url: str = setting(
        "",
        text,
        "audits",
        "Where the hood's own tables live: empty for the app's own database server, or, without one, a SQLite file under instance/.",
    )

    sinks: str = setting(
        "block",
        one_of("block", "watch", "off"),
        "sql",
        "What happens to a dangerous call whose meaning a request's value changes: it is stopped, only journaled, or not looked at.",
        weaker=lambda value: value != "block",
    )
    sinks_failure: str = setting(
        "pass",
        one_of("pass", "stop"),
        "sql",
        "What happens to a dangerous call when looking at it fails; each failure is counted and logged.",
    )

    # versions
    advisories: str = setting(
        "",
        text,
        "versions",
        "The file of advisory data that `fumehood advisories update` fills; empty for the user's own cache.",
    )

    # secrets
    secret_key: Any = setting(  # noqa: RUF009 -- a function is possible too
        "",
        keys,
        "secrets",
        "The secret key, or several with the signing one first, or a function; empty for SECRET_KEY or a generated one.",
        secret=True,
    )
    secret_key_file: str = setting(
        "",
        text,
        "secrets",
        "A file with a key a line, the signing one first, as Docker and Kubernetes provide it.",
    )

    # https
    https: bool = setting(
        True,
        boolean,
        "https",
        "Plain HTTP is redirected or refused, but for loopback; False only where nothing but a private network can reach the app.",
        weaker=lambda value: not value,
    )
    proxies: int = setting(
        0,
        integer(0, 10),
        "https",
        "How many reverse proxies stand before the app; X-Forwarded-For and -Proto are believed from exactly that many.",
    )
    health_paths: tuple[str, ...] = setting(
        (),
        strings,
        "https",
        "Paths that a load balancer may GET over plain HTTP and by any Host, such as /healthz.",
    )
    hsts_seconds: int = setting(
        63_072_000,
        integer(0),
        "https",
        "How long browsers insist on HTTPS, in seconds; 0 sends no Strict-Transport-Security.",
        weaker=lambda value: value < 31_536_000,
    )
    hsts_subdomains: bool = setting(
        True, boolean, "https", "HSTS holds for all subdomains too.", weaker=lambda value: not value
    )
    hsts_preload: bool = setting(
        False,
        boolean,
        "https",
        "Agree to be built into browsers' HSTS lists; hard to undo, so off until you ask.",
    )
    csp: Mapping[str, Any] = setting(
        {},
        mapping,
        "https",
        'Content-Security-Policy directives that replace the default ones: {"img-src": ["\'self\'", "https://img.example"]}; None drops one.',
        weaker=bool,
    )
    csp_report_only: bool = setting(
        False,
        boolean,
        "https",
        "Only report violations of the Content-Security-Policy: for the first days on an old app.",
        weaker=bool,
    )
    csp_report_url: str = setting(
        "/_fumehood/csp-reports",
        text,
        "https",
        "Where browsers report violations: a path that the hood answers and journals, an https:// collector, or empty for none.",
    )
    coop: str = setting(
        "same-origin",
        one_of("same-origin", "same-origin-allow-popups", "noopener-allow-popups", "unsafe-none"),
        "https",
        "Cross-Origin-Opener-Policy: which windows may hold a handle on ours.",
        weaker=lambda value: value == "unsafe-none",
    )
    corp: str = setting(
        "same-origin",
        one_of("same-origin", "same-site", "cross-origin"),
        "https",
        "Cross-Origin-Resource-Policy: who may embed what we serve.",
        weaker=lambda value: value == "cross-origin",
    )
    coep: str = setting(
        "credentialless",
        one_of("credentialless", "require-corp", "unsafe-none"),
        "https",
        "Cross-Origin-Embedder-Policy: what our pages may embed, and whether with cookies.",
        weaker=lambda value: value == "unsafe-none",
    )
    referrer_policy: str = setting(
        "strict-origin-when-cross-origin",
        one_of("no-referrer", "same-origin", "strict-origin", "strict-origin-when-cross-origin"),
        "https",
        "How much of our addresses other sites learn.",
    )
    permissions_policy: Mapping[str, Any] = setting(
        {},
        mapping,
        "https",
        'Browser features that pages may use, all closed by default: {"camera": "(self)"}.',
        weaker=bool,
    )
    security_txt: Mapping[str, Any] = setting(
        {},
        mapping,
        "https",
        "Fields of /.well-known/security.txt (RFC 9116); Contact and Expires are needed. Empty serves none.",
    )

    # input
    hosts: tuple[str, ...] = setting(
        (),
        strings,
        "input",
        "Names by which the app answers; '.example.org' stands for all below it too. Empty: SERVER_NAME and loopback only.",
    )
    site_url: str = setting(
        "",
        site,
        "input",
        "The site's address, such as https://notes.example.org: links in mail and all other full addresses are made of it, and not of what a request names.",
    )
    max_body_bytes: int = setting(
        16 * 1024 * 1024,
        integer(1024),
        "input",
        "Longest request body, in bytes, where the app has not set MAX_CONTENT_LENGTH itself.",
        weaker=lambda value: value > 128 * 1024 * 1024,
    )
    max_json_bytes: int = setting(
        1024 * 1024,
        integer(1024),
        "input",
        "Longest JSON body, in bytes.",
        weaker=lambda value: value > 16 * 1024 * 1024,
    )
    max_json_depth: int = setting(
        64,
        integer(1, 200),
        "input",
        "How deep JSON may be nested.",
    )
    max_url_length: int = setting(
        8192,
        integer(256, 65536),
        "input",
        "Longest path and query together, in characters.",
    )
    max_header_length: int = setting(
        16384,
        integer(1024, 65536),
        "input",
        "Longest header, in characters; servers have limits of their own (gunicorn: 8,190).",
    )

    # csrf
    cors_origins: tuple[str, ...] = setting(
        (),
        origins,
        "csrf",
        "Other origins whose scripts may call this app.",
        weaker=bool,
    )
    cors_credentials: bool = setting(
        False,
        boolean,
        "csrf",
        "Scripts of those origins may send cookies.",
        weaker=bool,
    )
    cors_headers: tuple[str, ...] = setting(
        ("Authorization", "Content-Type", "X-CSRFToken"),
        strings,
        "csrf",
        "Request headers that scripts of those origins may set.",
    )

    # passwords
    password_hash: str = setting(
        "argon2id",
        one_of("argon2id", "bcrypt"),
        "passwords",
        "How new passwords are hashed; a hash of another kind is made anew at its next login.",
    )
    argon2_memory_kib: int = setting(
        65536,
        integer(1024, 4194304),
        "passwords",
        "Memory of one argon2id hash, in KiB: RFC 9106 recommends 64 MiB where memory is limited.",
        weaker=lambda value: value < 19456,
    )
    argon2_passes: int = setting(
        3, integer(1, 64), "passwords", "Passes of argon2id over its memory.", weaker=lambda value: value < 2
    )
    argon2_lanes: int = setting(
        1, integer(1, 16), "passwords", "Lanes of argon2id: more than one pays only where cores are idle."
    )
    bcrypt_rounds: int = setting(
        12, integer(4, 18), "passwords", "Work of bcrypt, as a power of two.", weaker=lambda value: value < 10
    )
    password_min_length: int = setting(
        15,
        integer(8, 64),
        "passwords",
        "Fewest characters of a new password: 15 where it is the only factor (NIST SP 800-63B-4), never under 8.",
        weaker=lambda value: value < 15,
    )
    breached_passwords_url: str = setting(
        "",
        https_address,
        "passwords",
        "A range service such as https://api.pwnedpasswords.com/range to ask about new passwords; empty asks nobody.",
    )
    breached_passwords_unreachable: str = setting(
        "allow",
        one_of("allow", "refuse"),
        "passwords",
        "What happens to a new password while the range service cannot be asked; the offline list always holds.",
    )
    login_tries: int = setting(
        5,
        integer(1, 100),
        "passwords",
        "Wrong passwords per account and address before waiting begins; four times as many per account, ten times per address.",
        weaker=lambda value: value > 10,
    )

    # access
    undeclared: str = setting(
        "refuse",
        one_of("refuse", "warn"),
        "access",
        "What happens to a route that does not say who may come.",
        weaker=lambda value: value != "refuse",
    )
    sign_up: bool = setting(False, boolean, "access", "Whether strangers may make themselves an account.")
    confirm_email: bool = setting(
        True,
        boolean,
        "access",
        "A new account works once its address is confirmed; without it, signing up tells which addresses have accounts.",
        weaker=lambda value: not value,
    )
    mail: str = setting(
        "console",
        text,
        "access",
        "How mail is sent: console writes it to the log, or smtp://user:password@host:587 (STARTTLS), smtps://host.",
    )
    mail_from: str = setting("no-reply@localhost", text, "access", "The sender of mail.")
    session_seconds: int = setting(
        30 * 86400,
        integer(300),
        "access",
        "A session ends this long after signing in.",
        weaker=lambda value: value > 30 * 86400,
    )
    session_idle_seconds: int = setting(
        7 * 86400,
        integer(60),
        "access",
        "A session ends when it was not used for this long.",
        weaker=lambda value: value > 30 * 86400,
    )
    fresh_seconds: int = setting(
        3600,
        integer(60),
        "access",
        "How long after giving the password sensitive actions ask for it no more.",
    )
    token_days: int = setting(
        90,
        integer(1, 3650),
        "access",
        "How long an API token lasts when its maker does not say.",
        weaker=lambda value: value > 366,
    )

    # sql
    statement_seconds: int = setting(
        30,
        integer(0, 86400),
        "sql",
        "Longest time of one SQL statement on a PostgreSQL or MySQL server; 0 sets no limit.",
        weaker=lambda value: value == 0,
    )

    # uploads
    uploads_url: str = setting(
        "",
        text,
        "uploads",
        "Where uploads are kept: empty for instance/uploads, file:///path, or s3://bucket/prefix?endpoint=...&region=...",
    )
    uploads_types: tuple[str, ...] = setting(
        ("jpg", "png", "gif", "webp", "pdf", "txt", "md", "csv", "docx", "xlsx", "pptx", "odt", "ods", "odp"),
        strings,
        "uploads",
        "Kinds of files that are accepted; besides the default ones there are zip, mp3, ogg, wav, mp4 and webm.",
    )
    uploads_max_bytes: int = setting(
        10 * 1024 * 1024,
        integer(1),
        "uploads",
        "Largest upload, in bytes.",
        weaker=lambda value: value > 100 * 1024 * 1024,
    )
    uploads_max_pixels: int = setting(
        40_000_000,
        integer(1),
        "uploads",
        "Largest image, in pixels: decoding takes four bytes for each.",
        weaker=lambda value: value > 100_000_000,
    )
    uploads_quota_bytes: int = setting(
        1024 * 1024 * 1024, integer(1), "uploads", "How much one person may store, in bytes."
    )
    uploads_quota_files: int = setting(10_000, integer(1), "uploads", "How many files one person may store.")
    uploads_scan_url: str = setting(
        "",
        text,
        "uploads",
        "A malware scanner: clamd:///run/clamav/clamd.ctl or clamd://host:3310; files wait in quarantine until it passes them.",
    )
    uploads_link_seconds: int = setting(
        60,
        integer(5, 3600),
        "uploads",
        "How long a link to download from S3 lasts.",
        weaker=lambda value: value > 900,
    )
    uploads_accel: str = setting(
        "",
        text,
        "uploads",
        "An internal location of nginx that is an alias of the upload folder, such as /_uploads: nginx sends the files then.",
    )


def read(
    config: Mapping[str, Any],
    overrides: Mapping[str, Any] | None = None,
    environment: Mapping[str, str] | None = None,
) -> Settings:
    """Read and validate all settings.

    Parameters:
        config: the application's Flask configuration; keys that do not start with ``FUMEHOOD_`` are left alone.
        overrides: values by field name, as given to ``Fumehood(app, settings={...})``; they win.
        environment: variables ``FUMEHOOD_...``, or ``FLASK_FUMEHOOD_...`` as Flask's ``from_prefixed_env`` names them; they count where the
            application itself says nothing.

    Raises:
        ConfigurationError: for an unknown name, a wrong type or a value out of range; all of them in one message.
    """
    known = {item.name: item for item in fields(Settings)}
    given: dict[str, tuple[str, Any]] = {}
    for prefix, source in (("FLASK_", environment or {}), ("", environment or {}), ("", config)):
        given |= {
            key.removeprefix(prefix + PREFIX).lower(): (key, value)
            for key, value in source.items()
            if key.startswith(prefix + PREFIX) and (source is config or key not in _NO_SETTINGS)
        }
    given |= {name: (f"settings[{name!r}]", value) for name, value in (overrides or {}).items()}
    wrong: list[str] = []
    values: dict[str, Any] = {}
    for name, (key, value) in given.items():
        if name not in known:
            near = [
                key.replace(name, other).replace(name.upper(), other.upper()) for other in _near(name, known)
            ]
            wrong.append(
                f"{key} is not a setting of Fumehood"
                + (f"; did you mean {' or '.join(near)}?" if near else ".")
            )
            continue
        try:
            values[name] = known[name].metadata["parse"](value)
        except ValueError as must_be:
            # The value itself is not printed: it may be a secret.
            wrong.append(f"{key} must be {must_be}; what is configured (type {type(value).__name__}) is not.")
    if wrong:
        raise ConfigurationError("Fumehood cannot start:\n" + "\n".join(f"  - {line}" for line in wrong))
    return Settings(**values)


def _near(name: str, known: Iterable[str]) -> list[str]:
    """Return what may be meant: a slip of the finger, else settings about the same thing, else what looks alike."""
    family = [other for other in known if other.partition("_")[0] == name.partition("_")[0]]
    return (
        difflib.get_close_matches(name, known, n=1, cutoff=0.85)
        or difflib.get_close_matches(name, family, n=3, cutoff=0.0)
        or difflib.get_close_matches(name, known, n=1)
    )
