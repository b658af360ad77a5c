"""Sites at loopback addresses: an application on Werkzeug's server, or nginx with TLS as it should not be."""

from __future__ import annotations

import contextlib
import socketserver
import threading
from collections.abc import Callable, Iterator

import pytest
import trustme
from flask import Flask
from werkzeug.serving import make_server

from servers.process import free_port, listening, program, running, temporary_folder


@pytest.fixture
def serve() -> Iterator[Callable[[Flask], str]]:
    """Return ``serve(app)``: the address where the application answers until the test ends."""
    with contextlib.ExitStack() as stack:

        def start(app: Flask) -> str:
            server = make_server("127.0.0.1", 0, app, threaded=True)
            thread = threading.Thread(target=server.serve_forever, daemon=True)
            thread.start()
            stack.callback(thread.join)
            stack.callback(server.server_close)
            stack.callback(server.shutdown)
            return f"http://localhost:{server.server_port}"

        yield start


@pytest.fixture(scope="session")
def weak_tls() -> Iterator[str]:
    """nginx with TLS 1.0 only, old cipher suites and a certificate that nobody vouches for."""
    nginx = program("nginx", package="nginx-light")
    with temporary_folder("weak") as folder:
        folder.chmod(0o755)
        issued = trustme.CA(key_type=trustme.KeyType.RSA).issue_cert(
            "localhost", key_type=trustme.KeyType.RSA
        )
        (folder / "chain.pem").write_bytes(b"".join(pem.bytes() for pem in issued.cert_chain_pems))
        issued.private_key_pem.write_to_path(str(folder / "key.pem"))
        port = free_port()
        (folder / "nginx.conf").write_text(
            f"daemon off; pid {folder}/pid; error_log {folder}/error.log; worker_processes 1; events {{ worker_connections 64; }}\n"
            f"http {{ access_log off; client_body_temp_path {folder}/b; proxy_temp_path {folder}/p; fastcgi_temp_path {folder}/f;\n"
            f"uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s; server {{ listen 127.0.0.1:{port} ssl; ssl_certificate {folder}/chain.pem;\n"
            f"ssl_certificate_key {folder}/key.pem; ssl_protocols TLSv1 TLSv1.1 TLSv1.2; ssl_ciphers 'AES128-SHA:ECDHE-RSA-AES128-GCM-SHA256:@SECLEVEL=0';\n"
            "default_type text/html; location / { return 200 '<p>hello'; } } }\n"
        )
        with running(
            [nginx, "-e", folder / "error.log", "-c", folder / "nginx.conf", "-p", folder],
            folder=folder,
            ready=lambda: listening(port),
        ):
            yield f"https://localhost:{port}"


@pytest.fixture
def no_http() -> Iterator[str]:
    """A server that speaks another protocol."""

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            self.request.sendall(b"220 mail.example ESMTP\r\n")

    with socketserver.TCPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"localhost:{server.server_address[1]}"
        server.shutdown()
        thread.join()
