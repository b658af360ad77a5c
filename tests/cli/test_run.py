"""``fumehood run``: a production server over TLS, from the first run to Ctrl-C."""

from __future__ import annotations

import contextlib
import http.client
import os
import re
import signal
import socket
import ssl
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest

from servers.process import free_port, stop, until

SHOP = """
import os, pathlib, time
from flask import Flask, request
from fumehood import Fumehood, public

def create_app():
    app = Flask(__name__, instance_path=os.environ["SHOP_INSTANCE"])
    app.config["FUMEHOOD_PROXIES"] = int(os.environ.get("FUMEHOOD_PROXIES", 0))
    Fumehood(app)

    @app.get("/")
    @public
    def home():
        return f"{request.scheme} {request.remote_addr} {os.getpid()}"

    @app.get("/slow")
    @public
    def slow():
        pathlib.Path(app.instance_path, "asked").touch()
        while not pathlib.Path(app.instance_path, "go").exists():
            time.sleep(0.01)
        return "finished"

    @app.post("/count")
    @public
    def count():
        return str(len(request.get_data()))

    @app.cli.command("prepare")
    def prepare():
        print("prepared once")

    return app
"""

BROKEN = "import nonexistent_thing\n"
BARE = "from flask import Flask\napp = Flask(__name__)\n\n@app.get('/')\ndef home():\n    return 'bare'\n"
STUMBLING = SHOP.replace('print("prepared once")', 'raise OSError("the database is down")')

# The first time is the look before the start, in a child; the second is in a worker.
DAWDLING = SHOP.replace(
    "def create_app():",
    """def create_app():
    folder = pathlib.Path(os.environ["SHOP_INSTANCE"])
    folder.mkdir(exist_ok=True)
    if (folder / "looked").exists():
        (folder / "starting").touch()
        while not (folder / "go").exists():
            time.sleep(0.01)
    (folder / "looked").touch()""",
)
MOODY = SHOP.replace(
    "def create_app():",
    """def create_app():
    folder = pathlib.Path(os.environ["SHOP_INSTANCE"])
    folder.mkdir(exist_ok=True)
    if (folder / "looked").exists():
        raise LookupError("no mood for a second time")
    (folder / "looked").touch()""",
)


@dataclass
class Run:
    """A started server."""

    process: subprocess.Popen[str]
    port: int
    log: Path
    trusted: Path

    def get(self, path: str = "/", *, trust: Path | None = None) -> tuple[int, str]:
        tls = ssl.create_default_context(cafile=str(trust or self.trusted))
        connection = http.client.HTTPSConnection("127.0.0.1", self.port, context=tls, timeout=30)
        with contextlib.closing(connection):
            connection.request("GET", path)
            response = connection.getresponse()
            return response.status, response.read().decode()

    @property
    def said(self) -> str:
        return self.log.read_text()


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with applications, and a data folder of its own for the authority."""
    (tmp_path / "shop.py").write_text(SHOP)
    (tmp_path / "broken.py").write_text(BROKEN)
    (tmp_path / "bare.py").write_text(BARE)
    (tmp_path / "stumbling.py").write_text(STUMBLING)
    (tmp_path / "dawdling.py").write_text(DAWDLING)
    (tmp_path / "moody.py").write_text(MOODY)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setenv("SHOP_INSTANCE", str(tmp_path / "instance"))
    monkeypatch.delenv("FUMEHOOD_PROXIES", raising=False)
    return tmp_path


def _command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "fumehood", "run", *arguments]


@contextlib.contextmanager
def started(place: Path, *arguments: str) -> Iterator[Run]:
    port = free_port()
    log = place / "output.log"
    log.unlink(missing_ok=True)
    with log.open("w") as output:
        process = subprocess.Popen(
            _command("--app", "shop:create_app", "--port", str(port), *arguments),
            cwd=place,
            stdout=output,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
    run = Run(process, port, log, place / "data" / "fumehood" / "ca" / "fumehood-development-ca.crt")
    try:
        until(lambda: "Ctrl-C" in run.said or process.poll() is not None, "the server to start")
        assert process.poll() is None, run.said
        yield run
    finally:
        stop(process)


def refused(place: Path, *arguments: str) -> str:
    """Run where it must not start; return the one message."""
    done = subprocess.run(_command(*arguments), cwd=place, capture_output=True, text=True, timeout=60)
    assert done.returncode == 2, done.stderr
    assert "Traceback" not in done.stderr
    return done.stderr


def test_the_first_run_serves_https_that_a_trusting_client_accepts(place: Path) -> None:
    with started(place) as run:
        status, page = run.get()
        assert (status, page.split()[:2]) == (200, ["https", "127.0.0.1"])
        assert run.said.count("FUMEHOOD_HOSTS is not set") == 1  # not by each worker again
        for words in ("prepared once", f"https://127.0.0.1:{run.port}", str(place / "instance"), "Ctrl-C"):
            assert run.said.count(words) == 1


def test_ctrl_c_in_a_terminal_finishes_what_is_being_answered(place: Path) -> None:
    with started(place) as run, ThreadPoolExecutor(1) as client:
        answer = client.submit(run.get, "/slow")
        until((place / "instance" / "asked").exists, "the request to arrive")
        os.killpg(run.process.pid, signal.SIGINT)  # as a terminal does: to the whole group
        until(lambda: _closed(run.port), "the server to take no more requests")
        (place / "instance" / "go").touch()
        assert answer.result() == (200, "finished")
        assert run.process.wait(30) == 0
        assert "Traceback" not in run.said


def test_ctrl_c_while_workers_still_start_is_no_mishap(place: Path) -> None:
    with started(place, "--app", "dawdling:create_app") as run:
        until((place / "instance" / "starting").exists, "a worker to begin importing")
        os.killpg(run.process.pid, signal.SIGINT)
        (place / "instance" / "go").touch()
        assert run.process.wait(30) == 0
        assert "Traceback" not in run.said


def test_an_application_that_fails_only_in_workers_is_one_clear_error(place: Path) -> None:
    said = refused(place, "--app", "moody:create_app", "--port", str(free_port()))
    assert "no mood for a second time" in said


def _closed(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return True
    return False


def test_a_second_run_keeps_certificate_and_keys(place: Path) -> None:
    def kept() -> dict[Path, bytes]:
        folders = (place / "instance", place / "data")
        files = [path for folder in folders for path in folder.rglob("*") if path.is_file()]
        return {path: path.read_bytes() for path in files if path.suffix in {".pem", ".crt", ".json", ".key"}}

    with started(place) as run:
        run.get()
        first = kept()
    with started(place) as run:
        assert run.get()[0] == 200
        assert kept() == first


def test_the_server_starts_again_after_kill_9_and_leaves_no_worker_behind(place: Path) -> None:
    with started(place) as run:
        worker = int(run.get()[1].split()[2])
        run.process.kill()
        run.process.wait()
        until(lambda: _gone(worker), "the worker to notice that its master is gone")
    with started(place) as run:
        assert run.get()[0] == 200


def test_a_killed_worker_is_replaced(place: Path) -> None:
    with started(place, "--workers", "1") as run:
        worker = int(run.get()[1].split()[2])
        os.kill(worker, signal.SIGKILL)
        until(lambda: _pid(run) not in {None, worker}, "another worker to answer")


def _pid(run: Run) -> int | None:
    try:
        return int(run.get()[1].split()[2])
    except OSError:
        return None


def _gone(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return True
    return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] == "Z"


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion.TLSv1_1 is deprecated:DeprecationWarning")
def test_old_tls_weak_ciphers_and_plain_http_are_refused(place: Path) -> None:
    with started(place) as run:
        old = ssl.create_default_context(cafile=str(run.trusted))
        old.set_ciphers("ALL:@SECLEVEL=0")
        old.minimum_version = old.maximum_version = ssl.TLSVersion.TLSv1_1
        weak = ssl.create_default_context(cafile=str(run.trusted))
        weak.maximum_version = ssl.TLSVersion.TLSv1_2
        weak.set_ciphers("ECDHE-ECDSA-AES128-SHA256:AES128-SHA")
        for tls in (old, weak):
            with (
                socket.create_connection(("127.0.0.1", run.port), timeout=20) as plain,
                pytest.raises((ssl.SSLError, ConnectionError)),
            ):
                tls.wrap_socket(plain, server_hostname="127.0.0.1")
        with socket.create_connection(("127.0.0.1", run.port), timeout=20) as plain:
            plain.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
            with contextlib.suppress(ConnectionError):
                assert not plain.recv(100).startswith(b"HTTP/1.1 200")


@pytest.mark.parametrize(
    "request_text",
    [
        "GET /" + "a" * 9000 + " HTTP/1.1\r\nHost: localhost\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: localhost\r\nX: " + "a" * 9000 + "\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: localhost\r\n" + "X: a\r\n" * 200 + "\r\n",
        "GET / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "GET / HTTP/1.1\r\nHost : localhost\r\n\r\n",
    ],
    ids=["long line", "long header", "many headers", "smuggling", "bad header"],
)
def test_oversized_and_ambiguous_requests_are_refused(shared: Run, request_text: str) -> None:
    tls = ssl.create_default_context(cafile=str(shared.trusted))
    with (
        socket.create_connection(("127.0.0.1", shared.port), timeout=20) as plain,
        tls.wrap_socket(plain, server_hostname="127.0.0.1") as connection,
    ):
        connection.sendall(request_text.encode())
        assert re.match(rb"HTTP/1\.1 4\d\d ", connection.recv(100))


def test_what_a_client_claims_about_its_address_is_not_believed(shared: Run) -> None:
    tls = ssl.create_default_context(cafile=str(shared.trusted))
    connection = http.client.HTTPSConnection("127.0.0.1", shared.port, context=tls, timeout=30)
    with contextlib.closing(connection):
        connection.request(
            "GET", "/", headers={"X-Forwarded-For": "203.0.113.9", "X-Forwarded-Proto": "http"}
        )
        assert connection.getresponse().read().split()[:2] == [b"https", b"127.0.0.1"]


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    place = tmp_path_factory.mktemp("shared")
    (place / "shop.py").write_text(SHOP)
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("XDG_DATA_HOME", str(place / "data"))
        environment.setenv("SHOP_INSTANCE", str(place / "instance"))
        with started(place) as run:
            yield run


SLOW = {
    "silent": b"",
    "half a request line": b"GET / HT",
    "half a header": b"GET / HTTP/1.1\r\nHost: loc",
    "half a body": b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 900000\r\n\r\nabc",
    "half a chunk": b"POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nff\r\nabc",
}


@pytest.mark.parametrize("sent", SLOW.values(), ids=SLOW)
def test_slow_clients_keep_nobody_out(shared: Run, sent: bytes) -> None:
    tls = ssl.create_default_context(cafile=str(shared.trusted))
    with contextlib.ExitStack() as opened:
        slow = []
        for _ in range(30):  # the server answers sixteen requests at once
            plain = socket.create_connection(
                ("127.0.0.1", shared.port), timeout=30, source_address=("127.0.0.2", 0)
            )
            connection = opened.enter_context(plain)
            if sent:
                connection = opened.enter_context(tls.wrap_socket(plain, server_hostname="127.0.0.1"))
                connection.sendall(sent)
            slow.append(connection)
            connection.setblocking(False)
        assert shared.get("/")[0] == 200
        for connection in slow:  # they still wait, and nobody waits for them
            with pytest.raises((BlockingIOError, ssl.SSLWantReadError)):
                connection.recv(1)


def test_one_address_does_not_get_all_connections(shared: Run) -> None:
    with contextlib.ExitStack() as opened:
        many = [
            opened.enter_context(
                socket.create_connection(
                    ("127.0.0.1", shared.port), timeout=30, source_address=("127.0.0.3", 0)
                )
            )
            for _ in range(1000)
        ]
        assert shared.get("/")[0] == 200
        many[-1].settimeout(20)
        assert sum(_hung_up(connection) for connection in many) > 100


def _hung_up(connection: socket.socket) -> bool:
    connection.setblocking(False)
    try:
        return connection.recv(1) == b""
    except BlockingIOError:
        return False
    except ConnectionError:
        return True


def test_a_body_that_comes_in_pieces_arrives_whole(shared: Run) -> None:
    tls = ssl.create_default_context(cafile=str(shared.trusted))
    body = b"0123456789" * 200_000
    connection = http.client.HTTPSConnection("127.0.0.1", shared.port, context=tls, timeout=30)
    with contextlib.closing(connection):
        for content in (body, (body[:7], body[7:70_000], body[70_000:])):  # with a length, and chunked
            headers = {"Sec-Fetch-Site": "same-origin"}
            connection.request("POST", "/count", content, headers, encode_chunked=isinstance(content, tuple))
            assert connection.getresponse().read() == b"2000000"


def test_a_body_that_is_too_long_is_refused_without_being_read(shared: Run) -> None:
    tls = ssl.create_default_context(cafile=str(shared.trusted))
    with (
        socket.create_connection(("127.0.0.1", shared.port), timeout=20) as plain,
        tls.wrap_socket(plain, server_hostname="127.0.0.1") as connection,
    ):
        connection.sendall(
            b"POST /count HTTP/1.1\r\nHost: localhost\r\nSec-Fetch-Site: same-origin\r\nContent-Length: 99999999999\r\n\r\n"
        )
        assert connection.recv(100).startswith(b"HTTP/1.1 413 ")


def test_behind_a_proxy_it_speaks_plain_http_and_believes_that_proxy(place: Path) -> None:
    with started(place, "--proxies", "1") as run:
        connection = http.client.HTTPConnection("127.0.0.1", run.port, timeout=30)
        with contextlib.closing(connection):
            headers = {"X-Forwarded-For": "198.51.100.7", "X-Forwarded-Proto": "https"}
            connection.request("GET", "/", headers=headers)
            assert connection.getresponse().read().split()[:2] == [b"https", b"198.51.100.7"]


def test_a_port_in_use_is_one_clear_error_before_anything_is_prepared(place: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        said = refused(place, "--app", "shop:create_app", "--port", str(port))
    assert f"port {port}: something listens there already" in said
    assert not (place / "instance").exists()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--app", "broken"), "'nonexistent_thing'"),
        (("--app", "nowhere:app"), "no module 'nowhere'"),
        (("--app", "shop:nothing"), "has no 'nothing'"),
        (("--app", "stumbling:create_app"), "the database is down"),
        (("--app", "shop:create_app", "--host", "0.0.0.0"), "for this machine only"),
        (
            ("--app", "shop:create_app", "--host", "192.0.2.1", "--proxies", "1"),
            "can be reached from outside",
        ),
        (("--app", "shop:create_app", "--key", "key.pem"), "--key needs --certificate"),
        (("--app", "shop:create_app", "--certificate", "no.pem"), "no file no.pem"),
        (("--app", "shop:create_app", "--certificate", "shop.py"), "not a usable certificate"),
        (("--app", "shop:create_app", "--workers", "0"), "not in the range"),
    ],
)
def test_what_cannot_start_says_why(place: Path, arguments: tuple[str, ...], message: str) -> None:
    assert message in refused(place, "--port", str(free_port()), *arguments)


def test_a_disagreement_about_proxies_stops_the_start(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FUMEHOOD_PROXIES", "2")
    said = refused(place, "--app", "shop:create_app", "--port", str(free_port()))
    assert "believes 2 proxies" in said
    assert "--proxies 2" in said


def test_an_application_without_a_hood_is_served_and_told_about(place: Path) -> None:
    with started(place, "--app", "bare:app") as run:
        assert run.get() == (200, "bare")
        assert "has no hood" in run.said
