"""A real PostgreSQL on a free loopback port: TLS offered, password asked, nothing synced to disk."""

from __future__ import annotations

import itertools
import os
import pwd
import secrets
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import trustme

from servers.process import free_port, lose, program, running, temporary_folder

_NUMBERS = itertools.count(1)

_SETTINGS = """
listen_addresses = '127.0.0.1'
unix_socket_directories = '{folder}'
ssl = on
ssl_cert_file = '{folder}/server.pem'
ssl_key_file = '{folder}/server.key'
fsync = off
synchronous_commit = off
full_page_writes = off
shared_buffers = 16MB
max_connections = 60
"""


def _ordinary_user() -> str | None:
    """PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return None
    users = {entry.pw_name for entry in pwd.getpwall()} & {"postgres", "nobody"}
    if not users:
        lose("an ordinary user", "PostgreSQL refuses root, and there is neither postgres nor nobody")
    return max(users)


def _binaries() -> tuple[str, ...]:
    return tuple(str(path) for path in sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True))


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[str]:
    """The address of the server's own ``postgres`` database, as its superuser."""
    import psycopg

    initdb = program("initdb", *_binaries(), package="postgresql")
    postgres = program("postgres", *_binaries(), package="postgresql")
    user, port, password = _ordinary_user(), free_port(), secrets.token_urlsafe(16)
    with temporary_folder("postgresql", owner=user) as folder:
        secret = folder / "password"
        secret.write_text(password)
        command = [initdb, "-D", folder / "data", "-U", "fumehood", "-E", "UTF8", "--no-sync"]
        command += ["--locale=C.UTF-8", "--auth=scram-sha-256", f"--pwfile={secret}"]
        _give(user, secret)
        subprocess.run(command, check=True, capture_output=True, user=user, group=user, cwd=folder)
        _certificate(folder, user)
        with (folder / "data" / "postgresql.conf").open("a") as configuration:
            configuration.write(_SETTINGS.format(folder=folder))
        url = f"postgresql://fumehood:{password}@127.0.0.1:{port}/postgres"

        def ready() -> bool:
            try:
                psycopg.connect(url, connect_timeout=2).close()
            except psycopg.OperationalError:
                return False
            return True

        serve = [postgres, "-D", folder / "data", "-p", str(port)]
        with running(serve, folder=folder, ready=ready, user=user) as process:
            yield url
            # On SIGTERM it waits for clients to leave, and an app of a test may hold a connection still.
            process.send_signal(signal.SIGINT)


def _certificate(folder: Path, user: str | None) -> None:
    issued = trustme.CA().issue_cert("127.0.0.1", "localhost")
    issued.cert_chain_pems[0].write_to_path(str(folder / "server.pem"))
    issued.private_key_pem.write_to_path(str(folder / "server.key"))
    (folder / "server.key").chmod(0o600)
    _give(user, folder / "server.pem", folder / "server.key")


def _give(user: str | None, *paths: Path) -> None:
    if user is not None:
        entry = pwd.getpwnam(user)
        for path in paths:
            os.chown(path, entry.pw_uid, entry.pw_gid)


def _new_database(server: str) -> str:
    import psycopg

    name = f"fumehood_{os.getpid()}_{next(_NUMBERS)}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"'.encode())
    return server.removesuffix("/postgres") + f"/{name}"


@pytest.fixture(scope="session")
def postgresql_url(postgresql_server: str) -> str:
    """The URL of a database that all tests of the session share."""
    return _new_database(postgresql_server)


@pytest.fixture
def fresh_postgresql_url(postgresql_server: str) -> str:
    """The URL of an empty database for this test alone."""
    return _new_database(postgresql_server)
