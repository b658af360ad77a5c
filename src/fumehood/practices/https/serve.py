"""Serves a WSGI application over TLS with gunicorn.

Why gunicorn: it is the server that Flask's own documentation names first, it forks workers that are replaced when they die, and its ``gthread``
worker keeps idle connections in a selector instead of a thread; ours (:mod:`.worker`) waits for slow clients outside the application too. It speaks
HTTP/1.1; a public site has nginx or Apache in front (``fumehood deploy``), which speak HTTP/2.
"""

from __future__ import annotations

import errno
import os
import signal
import socket
import ssl
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fumehood.practices.https.deploy import CIPHERS
from fumehood.settings import ConfigurationError

__all__ = ["Address", "listen", "serve", "server_context"]

GRACEFUL_SECONDS = 20
ANSWER_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Address:
    """Where the server listens; ``certificate`` and ``key`` are PEM files, both None for plain HTTP behind a proxy."""

    host: str
    port: int
    certificate: Path | None = None
    key: Path | None = None

    @property
    def url(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{'https' if self.certificate else 'http'}://{host}:{self.port}"


def listen(host: str, port: int) -> socket.socket:
    """Return a listening socket, inherited by the processes that serve.

    Raises:
        ConfigurationError: when the port is in use, forbidden, or the address is not this machine's.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(512)
    except (OSError, UnicodeError) as error:
        listener.close()
        raise ConfigurationError(f"Cannot listen on {host} port {port}: {_reason(error, port)}") from None
    listener.set_inheritable(True)
    return listener


def _reason(error: OSError | UnicodeError, port: int) -> str:
    number = error.errno if isinstance(error, OSError) else None
    if number == errno.EADDRINUSE:
        return f"something listens there already. Stop it, or take another port: --port {port + 1}."
    if number in {errno.EACCES, errno.EPERM}:
        return (
            "ports below 1024 are for root. Take one above, with nginx or Apache in front: fumehood deploy."
        )
    return f"{error.strerror if isinstance(error, OSError) else error}. Is it an address of this machine?"


def server_context(certificate: Path, key: Path | None) -> ssl.SSLContext:
    """Return a TLS context of Mozilla's intermediate profile: TLS 1.2 and 1.3, six suites with forward secrecy.

    Parameters:
        certificate: a PEM chain, which may hold the key as well.
        key: its private key when that is another file.

    Raises:
        ConfigurationError: when the files cannot be read or do not belong together.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers(CIPHERS)
    context.options |= ssl.OP_NO_RENEGOTIATION | ssl.OP_NO_COMPRESSION | ssl.OP_NO_TICKET
    context.set_alpn_protocols(["http/1.1"])
    try:
        context.load_cert_chain(certificate, key, password="")  # an encrypted key fails instead of asking
    except FileNotFoundError:
        missing = certificate if not certificate.exists() else key
        raise ConfigurationError(f"There is no file {missing} for the certificate.") from None
    except (OSError, ssl.SSLError) as error:
        raise ConfigurationError(
            f"{certificate} and {key or 'its key'} are not a usable certificate and private key: "
            f"{getattr(error, 'reason', None) or error.strerror}."
        ) from None
    return context


def serve(
    load: Callable[[], Any],
    listener: socket.socket,
    address: Address,
    *,
    workers: int,
    ready: Callable[[], None],
) -> None:
    """Serve until SIGINT or SIGTERM; then finish what is being answered and return by SystemExit.

    Parameters:
        load: makes the WSGI application; called once in each worker.
        listener: from :func:`listen`.
        address: what it listens at, and the certificate.
        workers: how many processes, each answering eight requests at once.
        ready: called once when it listens.

    Raises:
        ConfigurationError: when gunicorn is not installed.
    """
    try:
        from gunicorn.app.base import BaseApplication
        from gunicorn.arbiter import Arbiter
        from gunicorn.errors import HaltServer
    except ImportError:
        raise ConfigurationError(
            "Serving needs gunicorn: pip install 'fumehood[server]'. On Windows use another server, such as waitress behind a proxy."
        ) from None

    class Server(BaseApplication):  # type: ignore[misc, unused-ignore]
        def load_config(self) -> None:
            for name, value in _settings(listener, address, workers, ready).items():
                self.cfg.set(name, value)

        def load(self) -> Any:
            # In a worker. A terminal sends Ctrl-C to all processes; the workers hear from their master.
            signal.signal(signal.SIGINT, signal.SIG_IGN)
            try:
                return load()
            except ConfigurationError as error:
                sys.stderr.write(f"fumehood: {error}\n")
                sys.exit(Arbiter.APP_LOAD_ERROR)

    master = os.getpid()
    try:
        Server().run()
    except HaltServer:
        sys.exit(2)  # a worker could not start, while others were stopped already; it said why
    except SystemExit as ended:
        if os.getpid() == master and ended.code:
            sys.exit(2)
        raise


def _settings(
    listener: socket.socket, address: Address, workers: int, ready: Callable[[], None]
) -> dict[str, Any]:
    from fumehood.practices.https.worker import READERS, PatientWorker

    def started(server: Any) -> None:
        _take_interrupts(server)
        ready()

    settings: dict[str, Any] = {
        "bind": f"fd://{listener.detach()}",  # gunicorn closes it
        "workers": workers,
        "worker_class": PatientWorker,
        "threads": READERS,
        "timeout": ANSWER_SECONDS,
        "graceful_timeout": GRACEFUL_SECONDS,
        # Longer than nginx keeps its side (60 s), so that it is never the application that hangs up on a request.
        "keepalive": 5 if address.certificate else 75,
        "limit_request_line": 8190,
        "limit_request_fields": 100,
        "limit_request_field_size": 8190,
        # Whom to believe about addresses is one setting, FUMEHOOD_PROXIES; the server believes nobody.
        "forwarded_allow_ips": "",
        "control_socket_disable": True,
        "loglevel": "warning",
        "proc_name": "fumehood",
        "when_ready": started,
    }
    if address.certificate:
        settings |= {
            "certfile": str(address.certificate),
            "keyfile": str(address.key or address.certificate),
            "do_handshake_on_connect": False,
            "ssl_context": _Contexts(address.certificate, address.key),
        }
    return settings


def _take_interrupts(server: Any) -> None:
    """Let Ctrl-C finish what is being answered, and a second one not wait for that."""
    wanted = iter((signal.SIGTERM,))
    signal.signal(signal.SIGINT, lambda _signal, frame: server.signal(next(wanted, signal.SIGQUIT), frame))


class _Contexts:
    """One context for all connections, made anew when the certificate's file has changed: no restart for a new one."""

    def __init__(self, certificate: Path, key: Path | None) -> None:
        self.certificate = certificate
        self.key = key
        self._context = self._made()
        self._changed = self._stamp()

    def _made(self) -> ssl.SSLContext:
        from fumehood.practices.https.worker import PatientTlsSocket

        context = server_context(self.certificate, self.key)
        context.sslsocket_class = PatientTlsSocket
        return context

    def _stamp(self) -> tuple[int, int]:
        try:
            found = self.certificate.stat()
        except OSError:
            return (0, 0)
        return found.st_mtime_ns, found.st_ino

    def __call__(self, _settings: Any, _default: Any) -> ssl.SSLContext:
        if (stamp := self._stamp()) != self._changed:
            try:
                self._context = self._made()
            except ConfigurationError:
                return (
                    self._context
                )  # half-replaced or gone: the old one serves, and the next connection looks again
            self._changed = stamp
        return self._context
