"""Gunicorn's threaded worker, but that a slow client costs next to nothing (CWE-400, CWE-770: Slowloris and its kin).

Three kinds of waiting are kept apart. A connection that says nothing waits in a selector. A request that comes slowly, or an answer that is
taken slowly, waits in one of many cheap threads, not longer than its bytes are worth, and one address never has all of them. Only a
request that is there with its whole body gets one of the few places in the application.
"""

from __future__ import annotations

import errno
import selectors
import socket
import ssl
import threading
import time
from collections import Counter, defaultdict, deque
from collections.abc import Callable, Iterable
from functools import partial
from tempfile import SpooledTemporaryFile
from typing import Any

from gunicorn import util
from gunicorn.workers.gthread import TConn, ThreadWorker

from fumehood.practices.passwords.throttle import address_group

__all__ = ["PLACES", "READERS", "PatientTlsSocket", "PatientWorker"]

PLACES = 8  # requests that the application answers at once, in one process
READERS = 128  # requests that come in and answers that go out at once
READERS_OF_ONE = 32  # of those, for one address
CONNECTIONS_OF_ONE = 256

# How long we wait for a client in all; each byte that comes or goes earns some of it back.
PATIENCE = 20.0
SLOWEST = 16 * 1024  # bytes a second
HANDSHAKE = 10.0

# The longest body that is taken in before the application is asked, when it does not say what it takes.
LONGEST_BODY = 64 * 1024 * 1024
_PIECE = 64 * 1024


class _Patient(socket.socket):
    """Measures how long its client lets us wait, and hangs up on one that wears the patience out."""

    patience = PATIENCE

    def recv(self, *arguments: Any) -> bytes:
        return self._wait(super().recv, *arguments)  # type: ignore[no-any-return]

    def send(self, *arguments: Any) -> int:
        return self._wait(super().send, *arguments)  # type: ignore[no-any-return]

    def sendall(self, data: Any, *flags: Any) -> None:
        view = memoryview(data).cast("B")
        while len(view):
            view = view[self.send(view[:_PIECE], *flags) :]

    def sendfile(self, *arguments: Any, **named: Any) -> int:
        self.settimeout(PATIENCE)  # for each piece of it
        return super().sendfile(*arguments, **named)

    def _wait(self, act: Callable[..., Any], *arguments: Any) -> Any:
        began = time.monotonic()
        try:
            self.settimeout(max(self.patience, 0.001))
            done = act(*arguments)
        except TimeoutError:
            # The kind of error that gunicorn does not write a trace for.
            raise ConnectionResetError(errno.ECONNRESET, "the client is too slow") from None
        except ssl.SSLError as error:
            raise _hung_up(error) from None
        size = done if isinstance(done, int) else len(done)
        self.patience = min(PATIENCE, self.patience - (time.monotonic() - began) + size / SLOWEST)
        return done


class PatientTlsSocket(_Patient, ssl.SSLSocket):
    """The same over TLS."""

    def do_handshake(self, block: bool = False) -> None:
        self.settimeout(HANDSHAKE)
        try:
            super().do_handshake(block)
        except TimeoutError:
            raise ConnectionResetError(errno.ECONNRESET, "the handshake takes too long") from None
        except ssl.SSLError as error:
            raise _hung_up(error) from None


def _hung_up(error: ssl.SSLError) -> ConnectionResetError:
    """A browser that does not trust the certificate yet hangs up, each time: no line in the log is worth that."""
    return ConnectionResetError(errno.ECONNRESET, f"TLS ended: {error.reason}")


class _Connection(TConn):  # type: ignore[misc, unused-ignore]
    """A connection that tells when it is over."""

    over: Callable[[], None] | None = None

    def close(self, graceful: bool = False) -> None:
        super().close(graceful=graceful)
        if self.over is not None:
            self.over()
            self.over = None


class PatientWorker(ThreadWorker):  # type: ignore[misc, unused-ignore]
    """Serves with ``READERS`` threads, of which ``PLACES`` are in the application."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._open: Counter[str] = Counter()
        self._read: Counter[str] = Counter()
        self._queued: dict[str, deque[Any]] = defaultdict(deque)

    def load_wsgi(self) -> None:
        super().load_wsgi()
        self.wsgi: Any = _WholeRequests(self.wsgi)

    # These run in the worker's first thread, which alone looks after connections.

    def accept(self, listener: Any) -> None:
        """Take a connection into the selector: no thread waits for its first byte."""
        try:
            accepted, client = listener.accept()
        except OSError as error:
            if error.errno in {errno.EAGAIN, errno.ECONNABORTED}:
                return
            raise
        address = self._counted_as(client)
        if address and self._open[address] >= CONNECTIONS_OF_ONE:
            accepted.close()
            return
        sock = _Patient(accepted.family, accepted.type, accepted.proto, fileno=accepted.detach())
        connection = _Connection(self.cfg, sock, client, listener.getsockname())
        connection.over = partial(_less, self._open, address)
        self._open[address] += 1
        self.nr_conns += 1
        connection.set_timeout()
        self.pending_conns.append(connection)
        self.poller.register(sock, selectors.EVENT_READ, partial(self.on_pending_socket_readable, connection))

    def enqueue_req(self, conn: Any) -> None:
        """Give a request to a thread, or let it wait while its address has as many as one may have."""
        address = self._counted_as(conn.client)
        if address and self._read[address] >= READERS_OF_ONE:
            self._queued[address].append(conn)
            return
        self._read[address] += 1
        super().enqueue_req(conn)

    def finish_request(self, conn: Any, fs: Any) -> None:
        address = self._counted_as(conn.client)
        _less(self._read, address)
        super().finish_request(conn, fs)
        if waiting := self._queued.get(address):
            self.enqueue_req(waiting.popleft())
            if not waiting:
                del self._queued[address]

    def _counted_as(self, client: Any) -> str:
        """The address that a connection counts for; behind a proxy all come from one, and the proxy counts them."""
        return address_group(client[0]) if self.cfg.is_ssl and isinstance(client, tuple) else ""

    # This runs in the reading threads.

    def handle(self, conn: Any) -> Any:
        conn.sock.patience = PATIENCE
        kept = super().handle(conn)
        if kept is False:
            # Waits up to two seconds for the client to close too. In the first thread nobody else would be served meanwhile.
            util.close_graceful(conn.sock)
        return kept


def _less(counter: Counter[str], name: str) -> None:
    counter[name] -= 1
    if counter[name] <= 0:
        del counter[name]


class _WholeRequests:
    """Asks the application only for requests whose body is here, ``PLACES`` at a time."""

    def __init__(self, application: Any) -> None:
        self._application = application
        self._places = threading.BoundedSemaphore(PLACES)
        self._longest = getattr(application, "config", {}).get("MAX_CONTENT_LENGTH") or LONGEST_BODY

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        declared = environ.get("CONTENT_LENGTH") or "0"
        if "HTTP_TRANSFER_ENCODING" in environ or (
            declared.isdecimal() and 0 < int(declared) <= self._longest
        ):
            environ["wsgi.input"] = self._taken_in(environ["wsgi.input"])
        # A longer one than the application takes is left to it: it refuses without reading.
        with self._places:
            answer: Iterable[bytes] = self._application(environ, start_response)
        return answer

    def _taken_in(self, body: Any) -> Any:
        kept = SpooledTemporaryFile(max_size=_PIECE)  # noqa: SIM115 -- closed when the request is forgotten
        while kept.tell() <= self._longest and (piece := body.read(_PIECE)):
            kept.write(piece)
        kept.seek(0)
        return kept
