"""Requests to one host, and to no other: few, one after the other, with a pause between them, each bounded in time and size."""

from __future__ import annotations

import ssl
import time
from collections.abc import Callable, Mapping
from urllib.parse import urlsplit

import httpcore

from fumehood.engines.live.facts import Answer

__all__ = ["AddressError", "Connection"]

_BODY = 400_000
_AGENT = "Mozilla/5.0 (fumehood audit)"


class AddressError(Exception):
    """The address cannot be looked at. The message says why, and what to do."""


class Connection:
    """A way to one host.

    A certificate that is not trusted is remembered in ``untrusted``, and the site is looked at all the same: a flaw is no reason
    to miss the others. Old versions of TLS are spoken for the same reason.

    Parameters:
        host: the only host that is asked.
        most: at most so many requests.
        pause: seconds between two requests.
        seconds: that one request may take.
    """

    def __init__(
        self,
        host: str,
        *,
        most: int = 150,
        pause: float = 0.02,
        seconds: float = 10.0,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.host, self.left, self.pause, self.seconds = host, most, pause, seconds
        self.untrusted = ""
        self.asked = 0
        self._sleep = sleep
        self._pool = httpcore.ConnectionPool(ssl_context=ssl.create_default_context(), max_connections=2)

    def __enter__(self) -> Connection:
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.close()

    def ask(
        self,
        purpose: str,
        url: str,
        method: str = "GET",
        headers: Mapping[str, str] | None = None,
        content: bytes = b"",
    ) -> Answer:
        """Send one request; redirects are not followed.

        Raises:
            AddressError: when the host does not answer in HTTP, or nothing more may be asked.
        """
        if urlsplit(url).hostname != self.host:
            raise AddressError(f"{url} is another host than {self.host}: it is not asked")
        if self.left <= 0:
            raise AddressError("no more requests may be made")
        self.left -= 1
        if self.asked:
            self._sleep(self.pause)
        self.asked += 1
        try:
            return self._open(purpose, url, method, headers or {}, content)
        except httpcore.ConnectError as error:
            if not self._lenient(error):
                raise AddressError(_said(url, error)) from None
        except (httpcore.TimeoutException, httpcore.NetworkError, httpcore.ProtocolError, OSError) as error:
            raise AddressError(_said(url, error)) from None
        try:
            return self._open(purpose, url, method, headers or {}, content)
        except (httpcore.TimeoutException, httpcore.NetworkError, httpcore.ProtocolError, OSError) as error:
            raise AddressError(_said(url, error)) from None

    def _lenient(self, error: Exception) -> bool:
        """Take any certificate and any TLS from here on, when that was what the connection failed for."""
        cause = next((item for item in _causes(error) if isinstance(item, ssl.SSLError)), None)
        if self.untrusted or cause is None or getattr(cause, "reason", "") == "WRONG_VERSION_NUMBER":
            return False
        self.untrusted = (
            cause.verify_message
            if isinstance(cause, ssl.SSLCertVerificationError)
            else f"the handshake failed: {cause.reason or cause}"
        )
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        # fumehood: ignore[FH360] -- the certificate was not trusted, which is reported; nothing secret is sent, and nothing is believed
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        context.set_ciphers("ALL:@SECLEVEL=0")
        # fumehood: ignore[FH361] -- what a server speaks that has nothing better is to be seen
        context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
        self._pool.close()
        self._pool = httpcore.ConnectionPool(ssl_context=context, max_connections=2)
        return True

    def _open(
        self, purpose: str, url: str, method: str, headers: Mapping[str, str], content: bytes
    ) -> Answer:
        given: dict[bytes | str, bytes | str] = {"User-Agent": _AGENT, "Accept": "text/html,*/*;q=0.8"}
        given.update(headers.items())
        if content:
            given.setdefault("Content-Type", "application/x-www-form-urlencoded")
        timeout = dict.fromkeys(("connect", "read", "write", "pool"), self.seconds)
        stream = self._pool.stream(
            method, url, headers=given, content=content or None, extensions={"timeout": timeout}
        )
        deadline = time.monotonic() + self.seconds
        parts, size = [], 0
        with stream as response:
            for part in response.iter_stream():
                parts.append(part)
                size += len(part)
                if size > _BODY or time.monotonic() > deadline:
                    break
            found = tuple(
                (name.decode("latin-1"), value.decode("latin-1")) for name, value in response.headers
            )
            return Answer(
                purpose,
                method,
                url,
                "",
                response.status,
                found,
                b"".join(parts)[:_BODY].decode("utf-8", "replace"),
            )


def _causes(error: BaseException | None) -> list[BaseException]:
    found = []
    while error is not None:
        found.append(error)
        error = error.__cause__ or error.__context__
    return found


def _said(url: str, error: Exception) -> str:
    """Say what went wrong between us and a host, in the words of who typed its address."""
    name = urlsplit(url).netloc
    text = str(next((item for item in reversed(_causes(error)) if str(item)), error))
    if isinstance(error, httpcore.TimeoutException):
        return f"{name} does not answer in time"
    if any(
        getattr(item, "reason", "") in {"WRONG_VERSION_NUMBER", "RECORD_LAYER_FAILURE", "HTTP_REQUEST"}
        for item in _causes(error)
    ):
        return f"{name} does not speak TLS; if it is plain HTTP, say http://{name}"
    if isinstance(error, httpcore.ProtocolError):
        return f"{name} does not speak HTTP: {text}"
    return f"{name} cannot be reached: {text}"
