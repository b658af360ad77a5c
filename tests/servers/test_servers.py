"""The real parts that other tests stand on do work."""

from __future__ import annotations

import contextlib
import socket
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pytest
import redis

from servers.clamd import EICAR
from servers.process import free_port, program, running, until


@pytest.mark.server("postgresql")
def test_postgresql_has_tls_and_gives_each_test_an_empty_database(
    postgresql_url: str, fresh_postgresql_url: str
) -> None:
    assert postgresql_url != fresh_postgresql_url
    with psycopg.connect(fresh_postgresql_url, sslmode="require") as connection:
        tables = connection.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").fetchone()
    assert tables == (0,)


@pytest.mark.server("redis")
def test_redis_keeps_what_it_is_given(fresh_redis_url: str) -> None:
    with redis.Redis.from_url(fresh_redis_url) as client:
        assert client.dbsize() == 0
        client.set("flask", "clean")
        assert client.get("flask") == b"clean"


@pytest.mark.server("s3")
def test_s3_stores_and_returns_an_object(fresh_s3_url: str, s3_client: Any) -> None:
    bucket = urlsplit(fresh_s3_url).netloc
    s3_client.put_object(Bucket=bucket, Key="note.txt", Body=b"titration")
    assert s3_client.get_object(Bucket=bucket, Key="note.txt")["Body"].read() == b"titration"


@pytest.mark.server("clamav")
@pytest.mark.parametrize(
    ("content", "answer"),
    [(EICAR, b"stream: Eicar-Test-Signature.UNOFFICIAL FOUND\0"), (b"a harmless note", b"stream: OK\0")],
)
def test_clamd_tells_the_test_virus_from_a_note(clamd_socket: Path, content: bytes, answer: bytes) -> None:
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(20)
        client.connect(str(clamd_socket))
        client.sendall(b"zINSTREAM\0" + len(content).to_bytes(4, "big") + content + bytes(4))
        assert client.recv(200) == answer


def test_a_server_that_dies_at_once_is_reported_with_what_it_said(tmp_path: Path) -> None:
    with (
        pytest.raises(RuntimeError, match=r"stopped with status 3; it said:\nno database"),
        running(["sh", "-c", "echo no database; exit 3"], folder=tmp_path, ready=lambda: False),
    ):
        pass


def test_a_missing_program_skips_here_and_fails_in_ci(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI", "false")
    with pytest.raises(pytest.skip.Exception, match="install Debian's package nosuch"):
        program("no-such-server", package="nosuch")
    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception, match="nothing may be skipped"):
        program("no-such-server", package="nosuch")


def test_waiting_ends_at_its_deadline() -> None:
    with pytest.raises(TimeoutError, match="for a miracle"):
        until(lambda: False, "a miracle", seconds=0.05)


def test_a_free_port_can_be_bound() -> None:
    with contextlib.closing(socket.socket()) as server:
        server.bind(("127.0.0.1", free_port()))
