"""Finds the database addresses in a recorded configuration."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import SplitResult, urlsplit

from fumehood.engines.live.facts import LiveApp

__all__ = ["database_urls", "is_remote"]

_SCHEMES = (
    "postgres",
    "postgresql",
    "mysql",
    "mariadb",
    "mssql",
    "oracle",
    "mongodb",
    "redis",
    "rediss",
    "sqlite",
    "cockroachdb",
)


def database_urls(app: LiveApp) -> Iterator[tuple[str, SplitResult]]:
    """Each setting whose value is a database's address, with the address in parts."""
    for setting, value in app.config.items():
        values = value.values() if isinstance(value, dict) and setting == "SQLALCHEMY_BINDS" else (value,)
        for item in values:
            if not isinstance(item, str) or "://" not in item:
                continue
            try:
                url = urlsplit(item)
                _ = url.port, url.hostname
            except ValueError:
                continue
            if url.scheme.partition("+")[0] in _SCHEMES:
                yield setting, url


def is_remote(url: SplitResult) -> bool:
    """Tell whether the database is on another machine, as far as its name says: not loopback, not a socket."""
    host = url.hostname or ""
    return bool(host) and host not in {"localhost", "::1"} and not host.startswith("127.")
