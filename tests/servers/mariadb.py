"""A real MariaDB on a free loopback port: a password asked, nothing synced to disk."""

from __future__ import annotations

import itertools
import os
import pwd
import secrets
import shutil
import subprocess
from collections.abc import Iterator

import pytest
import trustme

from servers.process import free_port, lose, program, running, temporary_folder

_NUMBERS = itertools.count(1)


@pytest.fixture(scope="session")
def mariadb_server() -> Iterator[str]:
    """The address of the server without a database, as a user who may do everything."""
    pymysql = pytest.importorskip("pymysql")
    install = program("mariadb-install-db", package="mariadb-server")
    serve = program("mariadbd", package="mariadb-server")
    names = {entry.pw_name for entry in pwd.getpwall()}
    user = "mysql" if os.geteuid() == 0 else None
    if user and user not in names:
        lose("an ordinary user", "MariaDB refuses root, and there is no user mysql")
    port, password = free_port(), secrets.token_urlsafe(16)
    with temporary_folder("mariadb", owner=user) as folder:
        data = folder / "data"
        subprocess.run(
            [
                install,
                "--no-defaults",
                f"--datadir={data}",
                "--auth-root-authentication-method=normal",
                "--skip-test-db",
            ],
            check=True,
            capture_output=True,
            user=user,
            group=user,
            extra_groups=[] if user else None,
            cwd=folder,
        )
        setup = folder / "setup.sql"
        setup.write_text(
            f"CREATE USER 'fumehood'@'127.0.0.1' IDENTIFIED BY '{password}';\n"
            "GRANT ALL ON *.* TO 'fumehood'@'127.0.0.1' WITH GRANT OPTION;\n"
            "DROP USER 'root'@'localhost';\n"
        )
        setup.chmod(0o644)

        trustme.CA().issue_cert("127.0.0.1").private_key_and_cert_chain_pem.write_to_path(folder / "tls.pem")
        if user:
            shutil.chown(folder / "tls.pem", user)

        def ready() -> bool:
            try:
                pymysql.connect(
                    host="127.0.0.1", port=port, user="fumehood", password=password, connect_timeout=2
                ).close()
            except pymysql.err.Error:
                return False
            return True

        command = [serve, "--no-defaults", f"--datadir={data}", f"--port={port}", "--bind-address=127.0.0.1", f"--socket={folder}/s", f"--pid-file={folder}/pid",
            f"--init-file={setup}", f"--ssl-cert={folder}/tls.pem", f"--ssl-key={folder}/tls.pem", "--skip-name-resolve", "--innodb-flush-log-at-trx-commit=0", "--innodb-buffer-pool-size=16M", "--skip-log-bin"]  # fmt: skip
        with running(command, folder=folder, ready=ready, user=user):
            yield f"mysql://fumehood:{password}@127.0.0.1:{port}/"


@pytest.fixture
def fresh_mariadb_url(mariadb_server: str) -> str:
    """The URL of an empty database for this test alone."""
    import pymysql
    from sqlalchemy.engine import make_url

    url = make_url(mariadb_server)
    name = f"fumehood_{os.getpid()}_{next(_NUMBERS)}"
    connection = pymysql.connect(host=url.host, port=url.port, user=url.username, password=url.password)
    try:
        connection.query(f"CREATE DATABASE {name} CHARACTER SET utf8mb4")
    finally:
        connection.close()
    return f"{mariadb_server}{name}"
