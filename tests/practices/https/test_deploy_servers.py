"""``fumehood deploy``: the real nginx and the real Apache with the written configuration."""

from __future__ import annotations

import contextlib
import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest

from servers.client import ask, backend, connect
from servers.process import temporary_folder
from servers.proxies import Front, Start

pytestmark = [pytest.mark.server("nginx"), pytest.mark.server("apache")]

HSTS = "max-age=63072000; includeSubDomains"
BODY_BYTES = 100_000


@pytest.fixture(scope="module", params=["nginx", "apache"])
def front(request: pytest.FixtureRequest) -> Iterator[Front]:
    start: Start = request.getfixturevalue(request.param)
    with temporary_folder("static") as static, backend() as address:
        static.chmod(0o755)  # the server's workers are another user
        (static / "style.css").write_text("body { color: teal }")
        (static / ".env").write_text("SECRET=1")
        (static / "passwd").symlink_to("/etc/passwd")
        yield start(address, body_bytes=BODY_BYTES, static_folder=str(static))


# --- what an honest client gets


def test_a_page_comes_over_https_with_hsts_once(front: Front) -> None:
    answer = ask(front, "/notes?q=a%20b")
    assert answer.status == 200
    assert answer.seen["path"] == "/notes?q=a%20b"
    assert answer.all("Strict-Transport-Security") == [HSTS]


@pytest.mark.parametrize("path", ["/missing", "/.git/config", "/static/style.css", "/static/nosuch.css"])
def test_every_answer_has_hsts_once(front: Front, path: str) -> None:
    assert ask(front, path).all("Strict-Transport-Security") == [HSTS]


def test_the_application_learns_the_real_address_scheme_and_host(front: Front) -> None:
    headers = ask(front).seen["headers"]
    assert ["x-forwarded-for", "127.0.0.1"] in headers
    assert ["x-forwarded-proto", "https"] in headers
    assert ["host", f"{front.domain}:{front.https_port}"] in headers


def test_plain_http_is_sent_to_https_with_its_path(front: Front) -> None:
    answer = ask(front, "/notes?q=1&r=%2Fx", secure=False)
    assert answer.status == 308
    assert answer.all("Location") == [f"{front.url}/notes?q=1&r=%2Fx"]


def test_a_redirected_request_keeps_its_method(front: Front) -> None:
    assert ask(front, method="POST", body=b"a=b", secure=False).status == 308


def test_a_body_of_the_allowed_size_passes(front: Front) -> None:
    assert ask(front, method="POST", body=bytes(BODY_BYTES)).seen["length"] == BODY_BYTES


def test_static_files_come_from_the_server_with_safe_headers(front: Front) -> None:
    answer = ask(front, "/static/style.css")
    assert (answer.status, answer.body) == (200, b"body { color: teal }")
    assert answer.all("X-Content-Type-Options") == ["nosniff"]
    assert answer.all("Cross-Origin-Resource-Policy") == ["same-origin"]
    assert answer.all("Content-Type") == ["text/css"]


def test_an_acme_challenge_is_answered_over_plain_http(front: Front) -> None:
    folder = front.authority.parent / ".well-known" / "acme-challenge"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "token").write_text("proof")
    answer = ask(front, "/.well-known/acme-challenge/token", secure=False)
    assert (answer.status, answer.body) == (200, b"proof")


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_current_tls_and_http2_are_spoken(front: Front, version: ssl.TLSVersion) -> None:
    tls = front.tls()
    tls.minimum_version = tls.maximum_version = version
    tls.set_alpn_protocols(["h2", "http/1.1"])
    with connect(front, tls=tls) as connection:
        assert connection.selected_alpn_protocol() == "h2"
        assert connection.version() == version.name.replace("_", ".")


# --- what an attacker does not get


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("X-Forwarded-For", "203.0.113.9"),
        ("X-Forwarded-Host", "evil.example"),
        ("X-Forwarded-Proto", "http"),
        ("X-Forwarded-Port", "1"),
        ("X-Forwarded-Prefix", "/evil"),
        ("X-Real-IP", "203.0.113.9"),
        ("Forwarded", "for=203.0.113.9;host=evil.example"),
        ("Proxy", "http://evil.example"),
        ("Upgrade", "websocket"),
    ],
)
def test_what_a_client_claims_about_itself_does_not_get_through(front: Front, name: str, value: str) -> None:
    headers = ask(front, headers=[(name, value)]).seen["headers"]
    assert value not in [seen for key, seen in headers if key == name.lower()]


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1", "notes.example.org.evil.example"])
@pytest.mark.parametrize("secure", [False, True])
def test_another_host_name_reaches_nothing(front: Front, host: str, secure: bool) -> None:
    try:
        answer = ask(front, host=host, secure=secure)
    except (ConnectionError, OSError):
        return  # nginx closes without a word
    assert answer.status in {400, 403, 421}
    assert not answer.all("Location")


def test_another_name_in_the_handshake_gets_no_page(front: Front) -> None:
    anything = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    anything.check_hostname = False
    anything.verify_mode = ssl.CERT_NONE
    try:
        with connect(front, name="evil.example", tls=anything) as connection:
            connection.sendall(b"GET / HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n")
            status = connection.recv(40)
    except ssl.SSLError as refused:
        status = str(refused).encode()
    assert b"403" in status or b"UNRECOGNIZED_NAME" in status.upper()


@pytest.mark.parametrize(
    "path", ["/%0d%0aSet-Cookie:%20a=b", "//evil.example/", "/\\evil.example", "/?%0d%0aX:y"]
)
def test_the_redirect_carries_no_header_and_leads_nowhere_else(front: Front, path: str) -> None:
    answer = ask(front, path, secure=False)
    assert not answer.all("Set-Cookie")
    assert not answer.all("X")
    for location in answer.all("Location"):
        assert location.startswith(f"{front.url}/")


@pytest.mark.parametrize("path", ["/.git/config", "/.env", "/static/.env", "/a/.htpasswd", "/%2egit/config"])
def test_hidden_files_are_not_there(front: Front, path: str) -> None:
    assert ask(front, path).status == 404


@pytest.mark.parametrize("path", ["/static/passwd", "/static/../passwd", "/static/%2e%2e/%2e%2e/etc/passwd"])
def test_nothing_outside_the_static_folder_is_given_out(front: Front, path: str) -> None:
    assert b"root:" not in ask(front, path).body


def test_a_body_that_is_too_large_is_refused_unread(front: Front) -> None:
    assert ask(front, method="POST", body=bytes(BODY_BYTES + 1)).status == 413
    declared = ask(front, method="POST", headers=[("Content-Length", str(10 * BODY_BYTES))])
    assert declared.status == 413


def test_a_body_of_undeclared_size_is_limited_all_the_same(front: Front) -> None:
    chunk = b"8000\r\n" + bytes(0x8000) + b"\r\n"
    with connect(front) as connection:
        connection.sendall(
            f"POST / HTTP/1.1\r\nHost: {front.domain}\r\nTransfer-Encoding: chunked\r\n\r\n".encode()
        )
        with contextlib.suppress(ConnectionError):  # it may have answered already
            connection.sendall(4 * chunk + b"0\r\n\r\n")
        status = connection.recv(100)
    assert b" 413 " in status or b" 411 " in status  # nginx counts; Apache wants to know beforehand


def test_a_header_that_is_too_long_is_refused(front: Front) -> None:
    assert ask(front, headers=[("X-Long", "x" * 9000)]).status in {400, 431}


@pytest.mark.parametrize("method", ["TRACE", "CONNECT"])
def test_tracing_and_tunnelling_are_refused(front: Front, method: str) -> None:
    assert ask(front, method=method).status in {400, 403, 405}


@pytest.mark.parametrize("path", ["/", "/missing", "/static/nosuch.css", "/.git/"])
def test_no_version_is_told(front: Front, path: str) -> None:
    answer = ask(front, path)
    assert answer.all("Server") in (["nginx"], ["Apache"])
    assert not answer.all("X-Powered-By")
    assert b"OpenSSL" not in answer.body
    assert b"Debian" not in answer.body


@pytest.mark.parametrize(
    "suite",
    [
        "AES128-GCM-SHA256",  # no forward secrecy
        "ECDHE-ECDSA-AES128-SHA256:ECDHE-RSA-AES128-SHA256",  # CBC
        "ECDHE-ECDSA-AES256-SHA:ECDHE-RSA-AES256-SHA",  # CBC and SHA-1
        "DHE-RSA-AES128-GCM-SHA256",
        "ECDHE-ECDSA-NULL-SHA:ECDHE-RSA-NULL-SHA",
    ],
)
def test_weak_ciphers_are_refused(front: Front, suite: str) -> None:
    tls = front.tls()
    tls.maximum_version = ssl.TLSVersion.TLSv1_2
    tls.set_ciphers(f"{suite}:@SECLEVEL=0")
    with pytest.raises(ssl.SSLError, match=r"(?i)handshake"), connect(front, tls=tls):
        pass


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion.TLSv1_1 is deprecated:DeprecationWarning")
@pytest.mark.filterwarnings("ignore:ssl.TLSVersion.TLSv1 is deprecated:DeprecationWarning")
@pytest.mark.parametrize("version", ["TLSv1", "TLSv1_1"])
def test_old_tls_is_refused(front: Front, version: str) -> None:
    tls = front.tls()
    tls.set_ciphers("ALL:@SECLEVEL=0")
    tls.minimum_version = tls.maximum_version = ssl.TLSVersion[version]
    with pytest.raises(ssl.SSLError, match=r"(?i)alert|version"), connect(front, tls=tls):
        pass


@pytest.mark.parametrize("server", ["nginx", "apache"])
def test_a_client_that_dawdles_loses_its_connection(request: pytest.FixtureRequest, server: str) -> None:
    start: Start = request.getfixturevalue(server)
    with backend() as address:
        front = start(address, domain="slow.example.org", read_seconds=1)
        with connect(front) as connection:
            connection.sendall(b"GET / HTTP/1.1\r\nHost: slow.example.org\r\nX-Slow: ")
            connection.settimeout(10)
            end = connection.recv(4096)  # a refusal or the end, long before our own timeout
    assert end == b"" or b" 408 " in end


def test_the_private_key_is_not_among_what_is_served(front: Front) -> None:
    key = Path(front.authority.parent / "key.pem").name
    assert b"PRIVATE" not in ask(front, f"/.well-known/acme-challenge/../../{key}", secure=False).body
