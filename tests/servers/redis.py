"""A real Redis on a free loopback port, in memory only."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from servers.process import free_port, listening, program, running, temporary_folder


@pytest.fixture(scope="session")
def redis_url() -> Iterator[str]:
    """The URL of a Redis that this session has for itself. Use keys of your own: other tests share it."""
    server = program("redis-server", package="redis-server")
    port = free_port()
    options = ["--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
    with (
        temporary_folder("redis") as folder,
        running([server, *options, "--dir", folder], folder=folder, ready=lambda: listening(port)),
    ):
        yield f"redis://127.0.0.1:{port}/0"


@pytest.fixture
def fresh_redis_url(redis_url: str) -> str:
    """The URL of an empty database of the same Redis."""
    import redis

    url = redis_url.removesuffix("/0") + "/1"
    with redis.Redis.from_url(url) as client:
        client.flushdb()
    return url
