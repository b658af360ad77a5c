"""Addresses inside the network are not reached by a value of the request, whatever it is written like and however it is asked for."""

from __future__ import annotations

import asyncio
import http.client
import http.server
import smtplib
import socket
import sys
import threading
import urllib.request
from collections.abc import Iterator
from typing import Any

import attacks
import httpx
import pytest
import requests
import urllib3
from flask import request

from fumehood.engines.sinks.languages import address

pytestmark = pytest.mark.filterwarnings(
    "ignore::pytest.PytestUnraisableExceptionWarning",
    "ignore:unclosed:ResourceWarning",
    "ignore::DeprecationWarning",
)


class Answering(http.server.BaseHTTPRequestHandler):
    asked: list[str]

    def do_GET(self) -> None:
        type(self).asked.append(self.path)
        if self.path.startswith("/to/"):
            self.send_response(302)
            self.send_header("Location", "http://" + self.path.removeprefix("/to/"))
        else:
            self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    do_POST = do_GET  # noqa: N815 - http.server's name

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def inside() -> Iterator[Any]:
    """A server on a loopback address that nobody is to reach, and what it was asked."""
    handler = type("Inside", (Answering,), {"asked": []})
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        server.asked = handler.asked  # type: ignore[attr-defined]
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> None:
    """Names that lead inside: loop.example and those beneath it are 127.0.0.1. Nothing else is asked of a name server."""
    real = socket.getaddrinfo

    def look_up(host: Any, *args: Any, **kwargs: Any) -> Any:
        sys.audit(
            "socket.getaddrinfo", host, None, 0, 0, 0
        )  # as Python tells it: the name that was asked for
        name = (host.decode() if isinstance(host, bytes) else str(host or "")).lower().rstrip(".")
        if name == "loop.example" or name.endswith((".loop.example", ".own.example")):
            host = "127.0.0.1"
        elif any(char.isalpha() and char not in "abcdefx" for char in name) and name != "localhost":
            raise socket.gaierror("no such name")
        return real(host, *args, **kwargs)

    monkeypatch.setattr(socket, "getaddrinfo", look_up)


async def _asynchronous(url: str) -> int:
    async with httpx.AsyncClient() as client:
        return (await client.get(url, timeout=2)).status_code


def _http_client(url: str) -> int:
    connection = http.client.HTTPConnection(url.removeprefix("http://").partition("/")[0], timeout=2)
    connection.request("GET", "/")
    return connection.getresponse().status


CLIENTS: dict[str, Any] = {
    "requests": lambda url: requests.get(url, timeout=2).status_code,
    "requests session": lambda url: requests.Session().post(url, timeout=2).status_code,
    "httpx": lambda url: httpx.get(url, timeout=2, follow_redirects=True).status_code,
    "httpx client": lambda url: httpx.Client(follow_redirects=True).get(url, timeout=2).status_code,
    "httpx async": lambda url: asyncio.run(_asynchronous(url)),
    "urllib3": lambda url: urllib3.PoolManager().request("GET", url, timeout=2, retries=2).status,
    "urllib": lambda url: urllib.request.urlopen(url, timeout=2).status,
    "http.client": _http_client,
}


@pytest.fixture
def fetching(watched: Any, names: None) -> Any:
    watched.port = 9

    @watched.app.get("/get/<client>", endpoint="fetching")
    def get(client: str) -> str:
        try:
            return str(CLIENTS[client](request.args["q"]))
        except (
            OSError,
            ValueError,
            httpx.InvalidURL,
            httpx.HTTPError,
            urllib3.exceptions.HTTPError,
        ) as error:
            return f"no answer: {error}"

    @watched.app.get("/to-host")
    def host() -> str:
        try:
            return str(
                requests.get(f"http://{request.args['q']}:{watched.port}/status", timeout=2).status_code
            )
        except (OSError, ValueError) as error:
            return f"no answer: {error}"

    @watched.app.get("/own")
    def own() -> str:
        return str(
            requests.get(
                f"http://localhost:{watched.port}/search", {"q": request.args["q"]}, timeout=2
            ).status_code
        )

    @watched.app.get("/region")
    def region() -> str:
        return str(
            requests.get(f"http://{request.args['q']}.own.example:{watched.port}/", timeout=2).status_code
        )

    @watched.app.get("/socket")
    def bare_socket() -> str:
        socket.create_connection((request.args["q"], watched.port), 2).close()
        return "connected"

    @watched.app.get("/smtp")
    def smtp() -> str:
        smtplib.SMTP(request.args["q"], watched.port, timeout=2).quit()
        return "connected"

    return watched


@pytest.mark.parametrize("host", attacks.ADDRESSES)
@pytest.mark.parametrize("client", ["requests", "httpx", "urllib"])
def test_addresses(fetching: Any, client: str, host: str) -> None:
    seen = fetching.ask(f"/get/{client}", query_string={"q": f"http://{host}:9/x"})
    if not seen:  # the client itself, or the name server, finds nothing at that address
        assert "no answer" in fetching.answer().text
        assert not any(
            word in fetching.answer().text.lower() for word in ("refused", "unreachable", "timed out")
        )
    else:
        assert {found.sink for found in seen} == {"url"}


@pytest.mark.parametrize("ip", attacks.INTERNAL)
def test_addresses_that_are_not_of_the_internet(ip: str) -> None:
    assert address.is_internal(ip)
    assert not any(map(address.is_internal, ("93.184.215.14", "2606:4700::1111", "no address")))


@pytest.mark.parametrize("client", CLIENTS)
def test_clients(fetching: Any, inside: Any, client: str) -> None:
    url = f"http://loop.example:{inside.server_port}/secret"
    assert [found.sink for found in fetching.ask(f"/get/{client}", query_string={"q": url})][:1] == ["url"]
    assert inside.asked == []


@pytest.mark.parametrize(
    "client", ["requests", "requests session", "httpx", "httpx client", "urllib3", "urllib"]
)
def test_redirects(fetching: Any, inside: Any, client: str, monkeypatch: pytest.MonkeyPatch) -> None:
    # The first server counts as one of the internet; it sends its visitor to the one inside.
    with http.server.ThreadingHTTPServer(
        ("127.0.0.5", 0), type("Outside", (Answering,), {"asked": []})
    ) as outside:
        thread = threading.Thread(target=outside.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        real = address.is_internal
        monkeypatch.setattr(address, "is_internal", lambda ip: ip != "127.0.0.5" and real(ip))
        url = f"http://127.0.0.5:{outside.server_port}/to/127.0.0.1:{inside.server_port}/secret"
        seen = fetching.ask(f"/get/{client}", query_string={"q": url})
        outside.shutdown()
        thread.join()
    assert "redirects" in seen[0].why
    assert inside.asked == []


@pytest.mark.parametrize(
    "value", ["localhost", "127.0.0.1", "2130706433", "0x7f000001", "loop.example", "127.1", "x@127.0.0.1"]
)
@pytest.mark.parametrize("path", ["/to-host", "/socket", "/smtp"])
def test_hosts(fetching: Any, inside: Any, path: str, value: str) -> None:
    fetching.port = inside.server_port
    if path != "/to-host" and "@" in value:
        return  # no host name
    assert [found.sink for found in fetching.ask(path, query_string={"q": value})][:1] == ["url"]
    assert inside.asked == []


@pytest.mark.parametrize(
    "value",
    [
        "http://localhost:8080/",
        "localhost",
        "see http://localhost/ for more",
        "127.0.0.1",
        "http://localhost/search",
        "O'Brien",
        "localhost:1",
    ],
)
def test_the_program_s_own_services_are_reached_whatever_the_request_speaks_of(
    fetching: Any, inside: Any, value: str
) -> None:
    fetching.port = inside.server_port
    assert fetching.ask("/own", query_string={"q": value}) == []
    assert fetching.answer().text == "200"


def test_a_value_may_choose_among_the_program_s_own_hosts(fetching: Any, inside: Any) -> None:
    fetching.port = inside.server_port
    assert fetching.ask("/region", query_string={"q": "eu"}) == []
    assert fetching.answer().text == "200"
    assert fetching.ask("/region", query_string={"q": "localhost:9/#"})
