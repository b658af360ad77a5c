"""A plain HTTP client that says exactly what it is told to, and a backend that tells what it was asked."""

from __future__ import annotations

import contextlib
import http.client
import json
import socket
import ssl
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from servers.proxies import Front

__all__ = ["Answer", "ask", "backend", "connect"]


@dataclass(frozen=True)
class Answer:
    """What a server said."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes

    def all(self, name: str) -> list[str]:
        """Every value of a header, as often as it was sent."""
        return [value for key, value in self.headers if key.lower() == name.lower()]

    @property
    def seen(self) -> dict[str, Any]:
        """What the backend of :func:`backend` saw."""
        seen: dict[str, Any] = json.loads(self.body)
        return seen


@contextlib.contextmanager
def connect(
    front: Front,
    *,
    secure: bool = True,
    name: str | None = None,
    tls: ssl.SSLContext | None = None,
    source: str = "127.0.0.1",
) -> Iterator[socket.socket]:
    """A connection to a front, as someone who asks for the host ``name`` (its own by default)."""
    address = ("127.0.0.1", front.https_port if secure else front.http_port)
    with contextlib.closing(socket.create_connection(address, 20, source_address=(source, 0))) as plain:
        if not secure:
            yield plain
            return
        with (tls or front.tls()).wrap_socket(plain, server_hostname=name or front.domain) as encrypted:
            yield encrypted


def ask(
    front: Front,
    path: str = "/",
    headers: Sequence[tuple[str, str]] = (),
    *,
    method: str = "GET",
    body: bytes = b"",
    host: str | None = None,
    secure: bool = True,
    source: str = "127.0.0.1",
) -> Answer:
    """Send one request, as written, on a connection of its own that comes from a loopback address ``source``."""
    lines = [f"{method} {path} HTTP/1.1", f"Host: {host or front.domain}", "Connection: close"]
    lines += [f"{name}: {value}" for name, value in headers]
    if body:
        lines.append(f"Content-Length: {len(body)}")
    with connect(front, secure=secure, source=source) as connection:
        connection.sendall("\r\n".join([*lines, "", ""]).encode())
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):  # it may have answered already
            connection.sendall(body)
        response = http.client.HTTPResponse(connection, method=method)
        with contextlib.closing(response):
            response.begin()
            return Answer(response.status, response.getheaders(), response.read())


class _Backend(BaseHTTPRequestHandler):
    """Answers any request with what it saw, and says a HSTS of its own, as a hooded application does."""

    protocol_version = "HTTP/1.1"
    timeout = 20

    def do_GET(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        body = json.dumps(
            {
                "method": self.command,
                "path": self.path,
                "headers": [[name.lower(), value] for name, value in self.headers.items()],
                "length": len(self.rfile.read(length)),
            }
        ).encode()
        self.send_response(404 if self.path.startswith("/missing") else 200)
        self.send_header("Strict-Transport-Security", "max-age=1")
        self.send_header("X-Powered-By", "beakers")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_POST = do_GET  # noqa: N815 -- named by the standard library

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 -- likewise
        pass


@contextlib.contextmanager
def backend() -> Iterator[str]:
    """Serve on a free loopback port; yield ``host:port``."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Backend) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield f"127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()
