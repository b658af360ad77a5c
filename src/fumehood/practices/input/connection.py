"""The network beneath :func:`fumehood.fetch_url`: connections to checked addresses only, within one deadline, bodies within one size."""

from __future__ import annotations

import socket
import ssl
import threading
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from time import monotonic
from typing import Any

import httpcore
from werkzeug.exceptions import HTTPException

from fumehood.practices.input.networks import is_outside

__all__ = ["FetchError", "FetchRefused", "Pinned", "Resolve", "bounded_body", "system_resolver"]

# Looks a name up: its addresses, best first. Raises OSError when it has none.
Resolve = Callable[[str], Sequence[str]]

_HINT = "This address could not be fetched."


class FetchError(HTTPException):
    """An address could not be fetched. Uncaught it answers the request with 422 and a sentence that tells nothing of the network.

    Parameters:
        reason: what happened, for logs; never for the person, who could map the network with it.
    """

    code = 422

    def __init__(self, reason: str) -> None:
        super().__init__(_HINT)
        self.reason = reason
        self.hint = _HINT

    def __str__(self) -> str:
        return self.reason


class FetchRefused(FetchError):
    """An address that may not be fetched.

    Parameters:
        reason: what was seen.
        host: the host that was asked for.
    """

    def __init__(self, reason: str, host: str = "") -> None:
        super().__init__(reason)
        self.host = host


def system_resolver(host: str) -> Sequence[str]:
    """Ask the system for the addresses of a name."""
    found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


class Pinned(httpcore.NetworkBackend):
    """Resolves once, checks, and connects to the very address that it checked.

    Parameters:
        resolve: looks a name up.
        networks: inner networks that may be reached nonetheless.
        deadline: when everything has to be over, on the monotonic clock.
    """

    def __init__(
        self, resolve: Resolve, networks: Sequence[IPv4Network | IPv6Network], deadline: float
    ) -> None:
        self._resolve, self._networks, self._deadline = resolve, networks, deadline
        self._refused: FetchError | None = None

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        """Connect to one of a host's addresses."""
        addresses = [ip_address(address) for address in self._look_up(host)]
        # One bad address spoils the name: a name with a public and an inner one is a trap.
        for address in addresses:
            if not self._may_reach(address):
                self._refuse(FetchRefused(f"an inner address ({address})", host))
        wrong: OSError = OSError("the name has no address")
        for address in addresses:
            try:
                connection = socket.create_connection((str(address), port), _left(self._deadline))
            except OSError as error:
                wrong = error
                continue
            if connection.getsockname()[0] == connection.getpeername()[0] and not self._named(address):
                # A public address, but our own: what listens there may believe that only friends call.
                connection.close()
                self._refuse(FetchRefused("this machine itself", host))
            return _Timed(connection, self._deadline)
        raise httpcore.ConnectError(str(wrong))

    def connect_unix_socket(self, *args: Any, **kwargs: Any) -> httpcore.NetworkStream:
        """No address leads to a socket of this machine."""
        raise httpcore.ConnectError("no UNIX sockets")

    def reraise(self) -> None:
        """Raise what the client beneath us has turned into an error of its own."""
        if self._refused is not None:
            raise self._refused from None

    def _refuse(self, refused: FetchError) -> None:
        self._refused = refused
        raise httpcore.ConnectError(refused.reason)

    def _may_reach(self, address: IPv4Address | IPv6Address) -> bool:
        return is_outside(address) or self._named(address)

    def _named(self, address: IPv4Address | IPv6Address) -> bool:
        return any(address in network for network in self._networks if network.version == address.version)

    def _look_up(self, host: str) -> Sequence[str]:
        """Resolve in a thread: the system's resolver takes no deadline."""
        found: list[Sequence[str]] = []

        def work() -> None:
            try:
                found.append(self._resolve(host))
            except (OSError, UnicodeError):
                found.append(())

        thread = threading.Thread(target=work, daemon=True, name="fumehood-resolve")
        thread.start()
        thread.join(_left(self._deadline))
        if not found:
            raise httpcore.ConnectTimeout("resolving took too long")
        return found[0]


class _Timed(httpcore.NetworkStream):
    """A socket on which every step has only what is left of the deadline: a body that drips does not hold us."""

    def __init__(self, connection: socket.socket, deadline: float) -> None:
        self._socket, self._deadline = connection, deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        with _mapped(httpcore.ReadTimeout, httpcore.ReadError):
            self._socket.settimeout(_left(self._deadline))
            return self._socket.recv(max_bytes)

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        with _mapped(httpcore.WriteTimeout, httpcore.WriteError):
            self._socket.settimeout(_left(self._deadline))
            self._socket.sendall(buffer)

    def close(self) -> None:
        self._socket.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        with _mapped(httpcore.ConnectTimeout, httpcore.ConnectError):
            self._socket.settimeout(_left(self._deadline))
            try:
                return _Timed(
                    ssl_context.wrap_socket(self._socket, server_hostname=server_hostname), self._deadline
                )
            except BaseException:
                self._socket.close()
                raise

    def get_extra_info(self, info: str) -> Any:
        if info == "ssl_object" and isinstance(self._socket, ssl.SSLSocket):
            return self._socket
        return None


class _mapped:  # noqa: N801  (reads as a statement)
    def __init__(self, late: type[Exception], broken: type[Exception]) -> None:
        self._late, self._broken = late, broken

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: Any, error: BaseException | None, trace: Any) -> None:
        if isinstance(error, TimeoutError):
            raise self._late("the time is over") from error
        if isinstance(error, OSError):
            raise self._broken(type(error).__name__) from error


def _left(deadline: float) -> float:
    left = deadline - monotonic()
    if left <= 0:
        raise TimeoutError("the time is over")
    return left


def bounded_body(
    response: httpcore.Response, headers: Mapping[str, str], max_bytes: int, method: str = "GET"
) -> bytes:
    """Read a body, decompressed piece by piece, and stop at ``max_bytes``.

    Raises:
        FetchError: when it is longer, or compressed in a way that was not asked for or that is broken.
    """
    if method == "HEAD":
        return b""
    declared = headers.get("content-length", "")
    if declared.isdigit() and int(declared) > max_bytes:
        raise FetchError(f"a body of more than {max_bytes} bytes")
    body = bytearray()
    for piece in _decoded(_stream(response), headers.get("content-encoding", "").strip().lower(), max_bytes):
        body += piece
        if len(body) > max_bytes:
            raise FetchError(f"a body of more than {max_bytes} bytes")
    return bytes(body)


def _stream(response: httpcore.Response) -> Iterator[bytes]:
    yield from response.iter_stream()


def _decoded(pieces: Iterator[bytes], coding: str, max_bytes: int) -> Iterator[bytes]:
    if coding in {"", "identity"}:
        yield from pieces
        return
    if coding not in {"gzip", "x-gzip", "deflate"}:
        raise FetchError("a body in a coding that was not asked for")
    inflater = zlib.decompressobj(zlib.MAX_WBITS | 32)  # 32: gzip and zlib by their headers
    room, begun = max_bytes + 1, False
    for piece in pieces:
        begun = True
        try:
            found = inflater.decompress(piece, room)
        except zlib.error:
            raise FetchError("a body whose compression is broken") from None
        room -= len(found)
        yield found
        if room <= 0:
            raise FetchError(f"a body of more than {max_bytes} bytes")
    if begun and not inflater.eof:
        raise FetchError("a body that ends too early")
