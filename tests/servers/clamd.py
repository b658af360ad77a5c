"""A real clamd on a UNIX socket. It knows one signature, EICAR's test file: no download of a real database."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from servers.process import program, running, temporary_folder

# In two halves, so that a scanner of this machine does not take this file for the sample.
EICAR = (r"X5O!P%@AP[4\PZX54(P^)7CC)7}" + "$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*").encode()


@pytest.fixture(scope="session")
def clamd_socket() -> Iterator[Path]:
    """The path of clamd's socket. :data:`EICAR` is what it finds, under the name ``Eicar-Test-Signature``."""
    clamd = program("clamd", package="clamav-daemon")
    with temporary_folder("clamd") as folder:
        signatures = folder / "signatures"
        signatures.mkdir()
        (signatures / "test.ndb").write_text(f"Eicar-Test-Signature:0:*:{EICAR.hex()}\n")
        address = folder / "clamd.sock"
        configuration = folder / "clamd.conf"
        configuration.write_text(
            f"Foreground yes\nLocalSocket {address}\nDatabaseDirectory {signatures}\n"
            f"TemporaryDirectory {folder}\nStreamMaxLength 25M\nMaxThreads 2\n"
        )
        with running([clamd, "-c", configuration], folder=folder, ready=lambda: _answers(address)):
            yield address


def _answers(address: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(2)
        try:
            client.connect(str(address))
            client.sendall(b"zPING\0")
            return client.recv(16) == b"PONG\0"
        except OSError:
            return False
