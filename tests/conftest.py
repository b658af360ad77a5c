"""What all tests share: the real servers, and folders that are not the person's own."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

pytest_plugins = [
    "servers.chromium",
    "servers.clamd",
    "servers.mariadb",
    "servers.postgresql",
    "servers.proxies",
    "servers.redis",
    "servers.s3",
]


@pytest.fixture(scope="session", autouse=True)
def _nothing_of_the_person_who_tests(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Certificates and advisory data go to folders of the session; settings of the environment are set aside."""
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("XDG_DATA_HOME", str(tmp_path_factory.mktemp("data-home")))
        environment.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache-home")))
        for name in [name for name in os.environ if name.startswith(("FUMEHOOD_", "FLASK_"))]:
            environment.delenv(name)
        yield
