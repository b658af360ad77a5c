"""What all tests share: the real servers."""

from __future__ import annotations

pytest_plugins = [
    "servers.clamd",
    "servers.postgresql",
    "servers.proxies",
    "servers.redis",
    "servers.s3",
]
