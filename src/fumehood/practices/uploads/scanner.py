"""Scanners for malware: a file stays in quarantine until one has passed it (ASVS 5.4.3)."""

from __future__ import annotations

import socket
import struct
from typing import BinaryIO, Protocol
from urllib.parse import urlsplit

from fumehood.settings import ConfigurationError

__all__ = ["Clamd", "ScanFailed", "Scanner", "scanner_of"]


class ScanFailed(Exception):
    """The scanner could not say anything; the message says why and what to do."""


class Scanner(Protocol):
    """Give your own to ``hood.store.scanner``."""

    def scan(self, content: BinaryIO) -> str:
        """Return the name of what was found, or "" when the content is clean. Raises ScanFailed."""


class Clamd:
    """ClamAV's daemon, by its socket.

    Parameters:
        address: the path of a UNIX socket, or host and port.
        timeout: in seconds, for each step.
    """

    def __init__(self, address: str | tuple[str, int], timeout: float = 30.0) -> None:
        self._address, self._timeout = address, timeout

    def scan(self, content: BinaryIO) -> str:
        try:
            with self._connected() as connection:
                answer = self._instream(connection, content)
        except (OSError, EOFError) as error:
            raise ScanFailed(
                f"clamd at {self._address} does not answer ({type(error).__name__}: {error}). Start it, or correct FUMEHOOD_UPLOADS_SCAN_URL;"
                " uploads stay in quarantine until then."
            ) from error
        verdict = answer.removeprefix("stream: ")
        if verdict == "OK":
            return ""
        if verdict.endswith(" FOUND"):
            return verdict.removesuffix(" FOUND")
        raise ScanFailed(
            f"clamd could not scan: {verdict[:200]}. Is its StreamMaxLength below FUMEHOOD_UPLOADS_MAX_BYTES?"
        )

    def _connected(self) -> socket.socket:
        if isinstance(self._address, tuple):
            return socket.create_connection(self._address, self._timeout)
        connection = socket.socket(socket.AF_UNIX)
        connection.settimeout(self._timeout)
        try:
            connection.connect(self._address)
        except OSError:
            connection.close()
            raise
        return connection

    def _instream(self, connection: socket.socket, content: BinaryIO) -> str:
        connection.sendall(b"zINSTREAM\0")
        try:
            while piece := content.read(64 * 1024):
                connection.sendall(struct.pack("!I", len(piece)) + piece)
            connection.sendall(struct.pack("!I", 0))
        except (BrokenPipeError, ConnectionResetError):
            pass  # it has seen enough: its answer says why
        answer = bytearray()
        while not answer.endswith(b"\0"):
            piece = connection.recv(4096)
            if not piece or len(answer) > 65_536:
                raise EOFError("the connection was closed")
            answer += piece
        return answer[:-1].decode(errors="replace")


def scanner_of(url: str) -> Scanner | None:
    """Return the scanner of ``FUMEHOOD_UPLOADS_SCAN_URL``, or None when there is none.

    Raises:
        ConfigurationError: when the address is not one of a scanner.
    """
    if not url:
        return None
    parts = urlsplit(url)
    try:
        if parts.scheme == "clamd" and parts.hostname:
            return Clamd((parts.hostname, parts.port or 3310))
        if parts.scheme == "clamd" and parts.path.startswith("/"):
            return Clamd(parts.path)
    except ValueError:
        pass
    raise ConfigurationError(
        "FUMEHOOD_UPLOADS_SCAN_URL must be clamd:///path/of/clamd.sock or clamd://host:3310, or empty for no scanner."
    )
