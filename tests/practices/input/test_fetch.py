"""Addresses of people lead outward only. The other side is a real server on loopback, allowed by name of its network."""

from __future__ import annotations

import gzip
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import IPv4Address, ip_network
from pathlib import Path
from typing import Any

import pytest
import trustme
from hypothesis import given
from hypothesis import strategies as st

from fumehood import fetch_url
from fumehood.practices.input.connection import FetchError, FetchRefused
from fumehood.practices.input.fetch import Fetcher
from fumehood.practices.input.networks import is_outside
from hooded import HTTPS, hooded_app

LOOPBACK = ("127.0.0.1/32",)


class Answers(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        self.server.seen.append(self)  # type: ignore[attr-defined]
        answer = getattr(self, "get_" + path.strip("/").replace("-", "_"), self.get_plain)
        answer()

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.send(200, b"got " + body)

    def send(self, status: int, body: bytes, **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def get_plain(self) -> None:
        self.send(200, f"host {self.headers['Host']}".encode(), Content_Type="text/plain; charset=utf-8")

    def get_gzip(self) -> None:
        self.send(200, gzip.compress(b'{"a": 1}'), Content_Encoding="gzip", Content_Type="application/json")

    def get_bomb(self) -> None:
        self.send(200, gzip.compress(b"\0" * 20_000_000), Content_Encoding="gzip")

    def get_brotli(self) -> None:
        self.send(200, b"x", Content_Encoding="br")

    def get_large(self) -> None:
        self.send(200, b"x" * 2000)

    def get_endless(self) -> None:
        self.send_response(200)
        self.end_headers()
        while self.drips(b"x" * 1000):
            pass

    def get_drip(self) -> None:
        self.send_response(200)
        self.end_headers()
        while self.drips(b"x") and not self.server.over.wait(0.05):  # type: ignore[attr-defined]
            pass

    def drips(self, piece: bytes) -> bool:
        try:
            self.wfile.write(piece)
            self.wfile.flush()
        except OSError:
            return False
        return True

    def get_to_plain(self) -> None:
        self.send(302, b"", Location="/plain")

    def get_around(self) -> None:
        self.send(302, b"", Location="/around")

    def get_inward(self) -> None:
        self.send(302, b"", Location="http://169.254.169.254/latest/meta-data/")

    def get_to_file(self) -> None:
        self.send(302, b"", Location="file:///etc/passwd")

    def get_elsewhere(self) -> None:
        self.send(302, b"", Location=f"http://other.example:{self.server.server_port}/plain")  # type: ignore[attr-defined]

    def log_message(self, *args: Any) -> None:
        pass


def served(context: ssl.SSLContext | None = None) -> Iterator[ThreadingHTTPServer]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    server.seen = []  # type: ignore[attr-defined]
    server.over = threading.Event()  # type: ignore[attr-defined]
    if context is not None:
        server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.over.set()  # type: ignore[attr-defined]
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture(scope="module")
def server() -> Iterator[ThreadingHTTPServer]:
    yield from served()


@pytest.fixture
def fetcher(server: ThreadingHTTPServer) -> Callable[..., Any]:
    def fetch(path: str, host: str = "127.0.0.1", headers: dict[str, str] | None = None, **rules: Any) -> Any:
        rules = {"ports": {server.server_port}, "allow_networks": LOOPBACK, **rules}
        return Fetcher(**rules).fetch(f"http://{host}:{server.server_port}{path}", headers=headers)

    return fetch


def always(address: str) -> Callable[[str], Sequence[str]]:
    return lambda host: [address]


def test_an_honest_address_is_fetched(fetcher: Callable[..., Any], server: ThreadingHTTPServer) -> None:
    answer = fetcher("/plain?q=1")
    assert (answer.status, answer.content_type, answer.text) == (
        200,
        "text/plain",
        f"host 127.0.0.1:{server.server_port}",
    )
    assert fetcher("/gzip").json() == {"a": 1}
    assert fetcher("/to-plain").url.endswith("/plain")
    assert fetcher("/large", max_bytes=2000).content == b"x" * 2000


def test_a_webhook_is_posted(server: ThreadingHTTPServer) -> None:
    answer = fetch_url(
        f"http://127.0.0.1:{server.server_port}/",
        method="POST",
        content=b"event",
        ports={server.server_port},
        allow_networks=LOOPBACK,
    )
    assert answer.text == "got event"


def test_the_name_is_sent_though_the_address_is_fixed(
    fetcher: Callable[..., Any], server: ThreadingHTTPServer
) -> None:
    answer = fetcher("/plain", host="feeds.example", resolve=always("127.0.0.1"))
    assert answer.text == f"host feeds.example:{server.server_port}"


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1", "127.1", "2130706433", "0x7f000001", "0177.0.0.1", "0", "0.0.0.0", "10.0.0.1", "172.16.0.1", "192.168.1.1",
        "169.254.169.254", "100.64.0.1", "100.100.100.200", "168.63.129.16", "192.0.0.192", "224.0.0.1", "255.255.255.255",
        "[::1]", "[::]", "[::ffff:127.0.0.1]", "[::ffff:a9fe:a9fe]", "[64:ff9b::7f00:1]", "[2002:7f00:1::]", "[fe80::1]",
        "[fd00:ec2::254]", "[ff02::1]", "[2001:0:53aa::1]", "[::127.0.0.1]", "localhost",
        "\uff11\uff12\uff17.0.0.1", "\u2460\u2461\u2466.0.0.1", "0x7f.1", "[fe80::1%25eth0]",
    ],
)  # fmt: skip
def test_no_notation_leads_inward(host: str) -> None:
    with pytest.raises(FetchRefused):
        fetch_url(f"http://{host}/", timeout=5)


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd",
        "gopher://example.org/",
        "ftp://example.org/",
        "http://example.org:22/",
        "http://example.org:6379/",
        "http://user:password@example.org/",
        "http://example.org\\@127.0.0.1/",
        "http://example.org/\r\nX: y",
        "http://example.org/ x",
        "//example.org/",
        "http://",
        "http:///path",
        "http://[::1/",
        "http://example.org:99999/",
        "javascript:alert(1)",
        "",
    ],
)
def test_what_is_no_web_address_is_refused(url: str) -> None:
    with pytest.raises(FetchRefused):
        Fetcher(resolve=always("8.8.8.8"), timeout=0.5).fetch(url)


@pytest.mark.parametrize("inner", ["127.0.0.1", "10.0.0.1", "::1", "::ffff:10.0.0.1", "169.254.169.254"])
def test_a_name_that_resolves_inward_is_refused(inner: str) -> None:
    with pytest.raises(FetchRefused):
        Fetcher(resolve=always(inner)).fetch("http://feeds.example/")
    with pytest.raises(FetchRefused):
        Fetcher(resolve=lambda host: ["8.8.8.8", inner]).fetch("http://feeds.example/")


def test_a_name_that_changes_its_mind_gains_nothing(server: ThreadingHTTPServer) -> None:
    """DNS rebinding: the first answer passes the check, the second would be the inner address. There is no second question."""
    asked: list[str] = []

    def rebinding(host: str) -> Sequence[str]:
        asked.append(host)
        return ["127.0.0.1"] if len(asked) == 1 else ["10.0.0.1"]

    rules = {"ports": {server.server_port}, "allow_networks": LOOPBACK}
    answer = Fetcher(**rules, resolve=rebinding).fetch(f"http://feeds.example:{server.server_port}/plain")  # type: ignore[arg-type]
    assert answer.status == 200
    assert asked == ["feeds.example"]
    with pytest.raises(FetchRefused):
        Fetcher(**rules, resolve=rebinding).fetch(f"http://feeds.example:{server.server_port}/plain")  # type: ignore[arg-type]


@pytest.mark.parametrize("path", ["/inward", "/to-file"])
def test_each_redirect_is_checked_again(
    fetcher: Callable[..., Any], path: str, server: ThreadingHTTPServer
) -> None:
    with pytest.raises(FetchRefused):
        fetcher(path, ports={80, server.server_port})


def test_redirects_end_and_headers_stay_with_their_origin(
    fetcher: Callable[..., Any], server: ThreadingHTTPServer
) -> None:
    with pytest.raises(FetchError, match="more than 3 redirects"):
        fetcher("/around")
    fetcher(
        "/elsewhere", headers={"Authorization": "Bearer x"}, host="feeds.example", resolve=always("127.0.0.1")
    )
    assert [request.headers["Authorization"] for request in server.seen[-2:]] == ["Bearer x", None]  # type: ignore[attr-defined]


def test_only_listed_hosts_when_there_is_a_list() -> None:
    rules = {"allow_hosts": {"feeds.example", ".example.org"}, "resolve": always("10.0.0.1")}
    for host in ("evil.example", "feeds.example.evil", "notexample.org"):
        with pytest.raises(FetchRefused, match="not on the list"):
            Fetcher(**rules).fetch(f"http://{host}/")  # type: ignore[arg-type]
    for host in ("feeds.example", "a.example.org"):
        with pytest.raises(FetchRefused, match="inner address"):
            Fetcher(**rules).fetch(f"http://{host}/")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("path", "limit"), [("/large", 1999), ("/bomb", 1_000_000), ("/endless", 100_000), ("/brotli", 1000)]
)
def test_bodies_have_a_limit_also_unpacked(fetcher: Callable[..., Any], path: str, limit: int) -> None:
    with pytest.raises(FetchError):
        fetcher(path, max_bytes=limit)


def test_a_body_that_drips_is_cut_at_the_deadline(fetcher: Callable[..., Any]) -> None:
    begun = time.monotonic()
    with pytest.raises(FetchError):
        fetcher("/drip", timeout=0.4)
    assert time.monotonic() - begun < 5


def test_a_resolver_that_hangs_is_left(server: ThreadingHTTPServer) -> None:
    over = threading.Event()
    with pytest.raises(FetchError):
        Fetcher(resolve=lambda host: [str(over.wait(20))], timeout=0.2).fetch("http://feeds.example/")
    over.set()


def test_proxies_of_the_environment_are_not_used(
    fetcher: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9/")
    assert fetcher("/plain").status == 200


def test_tls_is_verified_for_the_name(tmp_path: Path) -> None:
    authority = trustme.CA()
    theirs = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("feeds.example").configure_cert(theirs)
    ours = ssl.create_default_context()
    authority.configure_trust(ours)
    servers = served(theirs)
    server = next(servers)
    rules: dict[str, Any] = {
        "ports": {server.server_port},
        "allow_networks": LOOPBACK,
        "resolve": always("127.0.0.1"),
    }
    try:
        good = f"https://feeds.example:{server.server_port}/plain"
        assert Fetcher(**rules, context=ours).fetch(good).status == 200
        with pytest.raises(FetchError):
            Fetcher(**rules, context=ours).fetch(good.replace("feeds", "other"))
        with pytest.raises(FetchError):
            Fetcher(**rules).fetch(good)
        with pytest.raises(FetchRefused, match="https to http"):
            Fetcher(**{**rules, "ports": {80, server.server_port}}, context=ours).fetch(
                good.replace("plain", "inward")
            )
    finally:
        next(servers, None)


def test_an_attempt_is_journaled_and_the_person_learns_nothing_of_the_network(tmp_path: Path) -> None:
    app = hooded_app(tmp_path)
    with app.test_request_context("/", base_url=HTTPS):
        with pytest.raises(FetchRefused) as refused:
            fetch_url("http://169.254.169.254/latest/")
        assert "169.254" not in refused.value.get_response().get_data(as_text=True)  # type: ignore[attr-defined]
        journal = app.extensions["fumehood"].journal
        journal.flush()
        entry = journal.latest(event="request.refused")[0]
    assert (entry.subject, entry.details["practice"]) == ("169.254.169.254", "input")


@given(st.ip_addresses(v=4) | st.ip_addresses(v=6) | st.ip_addresses(network="2000::/3"))
def test_only_public_unicast_is_outside(address: Any) -> None:
    if is_outside(address):
        address = getattr(address, "ipv4_mapped", None) or address
        if address in ip_network("64:ff9b::/96"):
            address = IPv4Address(int(address) & 0xFFFFFFFF)
        assert address.is_global
        inward = (
            "is_private",
            "is_loopback",
            "is_link_local",
            "is_multicast",
            "is_reserved",
            "is_unspecified",
        )
        assert not any(getattr(address, kind) for kind in inward)


@pytest.mark.parametrize(
    "address",
    [
        "8.8.8.8",
        "1.1.1.1",
        "151.101.1.69",
        "2606:4700::1111",
        "2001:4860:4860::8888",
        "::ffff:8.8.8.8",
        "64:ff9b::808:808",
    ],
)
def test_public_addresses_are_outside(address: str) -> None:
    assert is_outside(address)
