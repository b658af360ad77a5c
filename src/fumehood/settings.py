"""Every setting once: its name, its type, its secure default and one line of why.

A setting is a Flask configuration key: the field ``hsts_seconds`` is ``FUMEHOOD_HSTS_SECONDS``. It is read and
validated once, when the hood is installed; :func:`read` raises :class:`ConfigurationError` for a wrong type, a value out of
range or a name that does not exist.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any

__all__ = ["PREFIX", "ConfigurationError", "Settings", "read"]

PREFIX = "FUMEHOOD_"


class ConfigurationError(Exception):
    """The application cannot start safely as it is configured. The message says what, where and how to mend it."""


# A parser takes what the configuration holds (also the strings of ``from_prefixed_env``) and returns the value or
# raises ValueError with the words that follow "must be".
Parser = Callable[[Any], Any]


def setting(
    default: Any, parse: Parser, practice: str, why: str, weaker: Callable[[Any], bool] | None = None
) -> Any:
    """Declare one setting.

    Parameters:
        default: the secure default.
        parse: turns a configured value into the field's type; raises ValueError saying what it must be.
        practice: the folder of the practice it belongs to.
        why: one line for the documentation.
        weaker: tells whether a value is weaker than the default; the audit lists those.
    """
    metadata = {"parse": parse, "practice": practice, "why": why, "weaker": weaker}
    return field(default=default, metadata=metadata)


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


def one_of(*allowed: str) -> Parser:
    def parse(value: Any) -> str:
        if value not in allowed:
            raise ValueError("one of " + ", ".join(map(repr, allowed)))
        return str(value)

    return parse


def strings(value: Any) -> tuple[str, ...]:
    """A list of strings; a single string is split at commas, as environments give it."""
    if isinstance(value, str):
        return tuple(part.strip() for part in value.split(",") if part.strip())
    if isinstance(value, list | tuple | set | frozenset) and all(isinstance(part, str) for part in value):
        return tuple(value)
    raise ValueError("a list of strings, or one string with commas")


@dataclass(frozen=True, slots=True)
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
        "Where the hood's own tables live: empty for the app's own database if it has one, else a SQLite file under instance/.",
    )


def read(config: Mapping[str, Any], overrides: Mapping[str, Any] | None = None) -> Settings:
    """Read and validate all settings from a Flask configuration.

    Parameters:
        config: the application's configuration; keys that do not start with ``FUMEHOOD_`` are left alone.
        overrides: values by field name, as given to ``Fumehood(app, settings={...})``; they win.

    Raises:
        ConfigurationError: for an unknown name, a wrong type or a value out of range; all of them in one message.
    """
    known = {item.name: item for item in fields(Settings)}
    given = {
        key.removeprefix(PREFIX).lower(): (key, value)
        for key, value in config.items()
        if key.startswith(PREFIX)
    }
    given |= {name: (f"settings[{name!r}]", value) for name, value in (overrides or {}).items()}
    wrong: list[str] = []
    values: dict[str, Any] = {}
    for name, (key, value) in given.items():
        if name not in known:
            near = difflib.get_close_matches(name, known, n=1)
            wrong.append(
                f"{key} is not a setting of Fumehood"
                + (f"; did you mean {PREFIX}{near[0].upper()}?" if near else ".")
            )
            continue
        try:
            values[name] = known[name].metadata["parse"](value)
        except ValueError as must_be:
            # The value itself is not printed: it may be a secret.
            wrong.append(f"{key} must be {must_be}, not a {type(value).__name__} such as the one configured.")
    if wrong:
        raise ConfigurationError("Fumehood cannot start:\n" + "\n".join(f"  - {line}" for line in wrong))
    return Settings(**values)
