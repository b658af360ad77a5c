"""The development authority: real HTTPS for local names, and for nothing else."""

from __future__ import annotations

import contextlib
import datetime as dt
import os
import socket
import ssl
import stat
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from click.testing import CliRunner
from cryptography import x509

from fumehood import ConfigurationError
from fumehood.cli.certificate import command
from fumehood.practices.https import devca
from fumehood.practices.https.devca import Authority, is_local, local_certificate, open_authority


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return open_authority(tmp_path / "ca")


def handshake(pem: Path, trusted: Path, name: str) -> str:
    """Make a real TLS connection; return the version, or raise what the client raises."""
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(pem)
    client = ssl.create_default_context(cafile=str(trusted))
    ours, theirs = socket.socketpair()

    def serve() -> None:
        with theirs, contextlib.suppress(OSError):  # the client says what was wrong
            server.wrap_socket(theirs, server_side=True).close()

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        with ours, client.wrap_socket(ours, server_hostname=name) as connection:
            return connection.version() or ""
    finally:
        thread.join()


@pytest.mark.parametrize("name", ["localhost", "127.0.0.1", "::1"])
def test_a_browser_that_trusts_the_authority_connects_without_warning(
    authority: Authority, tmp_path: Path, name: str
) -> None:
    pem = local_certificate(tmp_path / "tls", authority=authority)
    assert handshake(pem, authority.public, name) == "TLSv1.3"


def test_own_test_names_are_covered_when_asked_for(authority: Authority, tmp_path: Path) -> None:
    pem = local_certificate(tmp_path, ["notebook.test", "lab.localhost"], authority=authority)
    assert handshake(pem, authority.public, "notebook.test") == "TLSv1.3"
    assert handshake(pem, authority.public, "lab.localhost") == "TLSv1.3"


@pytest.mark.parametrize(
    "name", ["bank.example", "localhost.example.com", "10.0.0.1", "mytest", "example.com"]
)
def test_the_authority_does_not_vouch_for_other_names(
    authority: Authority, tmp_path: Path, name: str
) -> None:
    assert not is_local(name)
    with pytest.raises(ConfigurationError, match="does not vouch for"):
        local_certificate(tmp_path, [name], authority=authority)


@pytest.mark.parametrize("name", ["bank.example", "10.0.0.1"])
def test_a_thief_of_its_key_cannot_impersonate_other_sites(
    authority: Authority, tmp_path: Path, name: str
) -> None:
    stolen = tmp_path / "stolen.pem"
    stolen.write_bytes(devca._new_certificate(authority, (name,), dt.datetime.now(dt.UTC)))
    with pytest.raises(ssl.SSLCertVerificationError, match="permitted subtree"):
        handshake(stolen, authority.public, name)


def test_keys_are_for_their_owner_only_and_never_in_the_public_file(
    authority: Authority, tmp_path: Path
) -> None:
    pem = local_certificate(tmp_path / "tls", authority=authority)
    for path in (authority.folder / "authority.pem", pem):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert b"PRIVATE" not in authority.public.read_bytes()


def test_a_second_run_uses_the_same_authority_and_certificate(tmp_path: Path) -> None:
    first = open_authority(tmp_path)
    pem = local_certificate(tmp_path / "tls", authority=first).read_bytes()
    second = open_authority(tmp_path)
    assert second.certificate == first.certificate
    assert local_certificate(tmp_path / "tls", authority=second).read_bytes() == pem


def test_a_certificate_is_renewed_a_month_before_it_expires(authority: Authority, tmp_path: Path) -> None:
    now = dt.datetime.now(dt.UTC)
    old = local_certificate(tmp_path, authority=authority, now=now).read_bytes()
    later = now + dt.timedelta(days=61)
    new = local_certificate(tmp_path, authority=authority, now=later).read_bytes()
    assert new != old
    assert x509.load_pem_x509_certificate(new).not_valid_after_utc > later + dt.timedelta(days=80)


def test_a_new_name_or_a_new_authority_gives_a_new_certificate(authority: Authority, tmp_path: Path) -> None:
    old = local_certificate(tmp_path, authority=authority).read_bytes()
    more = local_certificate(tmp_path, ["localhost", "app.test"], authority=authority).read_bytes()
    other = open_authority(tmp_path / "other")
    again = local_certificate(tmp_path, ["localhost"], authority=other).read_bytes()
    assert len({old, more, again}) == 3


def test_an_authority_about_to_expire_is_replaced(tmp_path: Path) -> None:
    now = dt.datetime.now(dt.UTC)
    old = open_authority(tmp_path, now=now - dt.timedelta(days=3640))
    new = open_authority(tmp_path, now=now)
    assert new.certificate != old.certificate
    assert x509.load_pem_x509_certificate(new.public.read_bytes()) == new.certificate


def test_several_first_runs_at_once_agree_on_one_authority(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda _: open_authority(tmp_path).fingerprint, range(16)))
    assert len(set(made)) == 1


def _damage(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:100])


def _open_up(path: Path) -> None:
    path.chmod(0o644)


def _foreign_key(path: Path) -> None:
    other = open_authority(path.parent.parent / "another")
    other_pem = (other.folder / "authority.pem").read_text()
    key = other_pem.partition("-----BEGIN CERTIFICATE")[0]
    path.write_text(key + "-----BEGIN CERTIFICATE" + path.read_text().partition("-----BEGIN CERTIFICATE")[2])


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (_damage, "is damaged. Delete it"),
        (_foreign_key, "is damaged. Delete it"),
        (_open_up, "others on this machine may read"),
    ],
)
def test_a_spoilt_authority_stops_with_what_to_do(
    authority: Authority, spoil: Callable[[Path], None], message: str
) -> None:
    spoil(authority.folder / "authority.pem")
    with pytest.raises(ConfigurationError, match=message):
        open_authority(authority.folder)


def test_a_spoilt_certificate_is_simply_made_anew(authority: Authority, tmp_path: Path) -> None:
    pem = local_certificate(tmp_path, authority=authority)
    pem.write_text("nonsense")
    local_certificate(tmp_path, authority=authority)
    assert handshake(pem, authority.public, "localhost") == "TLSv1.3"


def test_a_full_disk_leaves_nothing_half_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(ConfigurationError, match="No space left on device"):
        open_authority(tmp_path)
    assert not [path for path in tmp_path.iterdir() if path.suffix in {".pem", ".crt"}]


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ConfigurationError, match=r"file/ca"):
        open_authority(tmp_path / "file" / "ca")


def test_the_command_says_where_it_is_and_how_to_trust_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    run = CliRunner().invoke
    path = run(command, ["path"]).output.strip()
    assert Path(path).read_bytes().startswith(b"-----BEGIN CERTIFICATE")
    assert "fumehood certificate trust" in run(command).output
    assert open_authority().fingerprint in run(command, ["show"]).output
    trust = run(command, ["trust"]).output
    assert all(word in trust for word in ("Debian", "macOS", "Firefox", "NODE_EXTRA_CA_CERTS", path))
