"""The real nginx and the real Apache, each with the configuration that ``fumehood deploy`` writes."""

from __future__ import annotations

import contextlib
import os
import ssl
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import trustme

from fumehood.practices.https.deploy import Site, configuration
from servers.process import free_port, listening, program, running, temporary_folder

_MODULES = Path("/usr/lib/apache2/modules")


@dataclass(frozen=True)
class Front:
    """A running web server.

    Connect to 127.0.0.1 at ``http_port`` and ``https_port`` and speak of ``domain``; ``authority`` is the PEM file to trust,
    ``log`` the error log.
    """

    server: str
    domain: str
    http_port: int
    https_port: int
    authority: Path
    log: Path

    def tls(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=str(self.authority))

    @property
    def url(self) -> str:
        return f"https://{self.domain}:{self.https_port}"


# Start(backend, domain=..., **fields of Site) runs a server until the session ends.
Start = Callable[..., Front]


def _certificate(folder: Path, domain: str) -> dict[str, str]:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(folder / "authority.pem"))
    issued = authority.issue_cert(domain)
    chain, key = folder / "chain.pem", folder / "key.pem"
    chain.write_bytes(b"".join(pem.bytes() for pem in issued.cert_chain_pems))
    issued.private_key_pem.write_to_path(str(key))
    key.chmod(0o600)
    return {"certificate": str(chain), "key": str(key)}


@contextlib.contextmanager
def front(server: str, backend: str, domain: str, **fields: Any) -> Iterator[Front]:
    """Run ``nginx`` or ``apache`` in front of an address; ``fields`` are those of :class:`Site`."""
    find = program("nginx", package="nginx-light") if server == "nginx" else _apache()
    with temporary_folder(server) as folder:
        folder.chmod(0o755)  # workers run as another user when we are root
        site = Site(
            domain=domain,
            upstream=backend,
            acme_folder=str(folder),
            http_port=free_port(),
            https_port=free_port(),
            **_certificate(folder, domain),
            **fields,
        )
        (folder / "site.conf").write_text(configuration(server, site))
        write = _nginx_frame if server == "nginx" else _apache_frame
        command = write(find, folder, site)
        checked = subprocess.run([*command, "-t"], capture_output=True, text=True)
        assert checked.returncode == 0, checked.stderr
        foreground = [] if server == "nginx" else ["-DFOREGROUND"]
        with running([*command, *foreground], folder=folder, ready=lambda: listening(site.https_port)):
            yield Front(
                server=server,
                domain=domain,
                http_port=site.http_port,
                https_port=site.https_port,
                authority=folder / "authority.pem",
                log=folder / "error.log",
            )


def _nginx_frame(nginx: str, folder: Path, site: Site) -> list[str | Path]:
    """What Debian's nginx.conf has around a site, reduced to one folder."""
    stores = "".join(
        f"{kind}_temp_path {folder}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    (folder / "nginx.conf").write_text(
        f"daemon off; pid {folder}/pid; error_log {folder}/error.log; worker_processes 1;\n"
        "events { worker_connections 256; }\n"
        f"http {{ access_log off; include /etc/nginx/mime.types; {stores} include {folder}/site.conf; }}\n"
    )
    # nginx -e: without it the compiled-in log is opened first.
    return [nginx, "-e", folder / "error.log", "-c", folder / "nginx.conf", "-p", folder]


def _apache() -> str:
    return program("apache2", package="apache2")


def _apache_frame(apache: str, folder: Path, site: Site) -> list[str | Path]:
    """What Debian's apache2.conf has around a site, reduced to one folder."""
    wanted = "mpm_event ssl http2 headers proxy proxy_http alias rewrite reqtimeout socache_shmcb authz_core mime setenvif"
    modules = "".join(f"LoadModule {name}_module {_MODULES}/mod_{name}.so\n" for name in wanted.split())
    (folder / "locks").mkdir()
    user = "User www-data\nGroup www-data\n" if os.geteuid() == 0 else ""
    (folder / "apache2.conf").write_text(
        f"{modules}{user}ServerRoot {folder}\nServerName frame.invalid\nPidFile {folder}/pid\n"
        f"DefaultRuntimeDir {folder}/locks\nErrorLog {folder}/error.log\nTypesConfig /etc/mime.types\n"
        f"Listen 127.0.0.1:{site.http_port}\nListen 127.0.0.1:{site.https_port}\n"
        "StartServers 1\nThreadsPerChild 25\nMaxRequestWorkers 50\n"
        "<Directory />\nRequire all denied\nAllowOverride None\n</Directory>\n"
        f"Include {folder}/site.conf\n"
    )
    return [apache, "-f", folder / "apache2.conf"]


def _starter(server: str) -> Iterator[Start]:
    with contextlib.ExitStack() as stack:

        def start(backend: str, domain: str = "notes.example.org", **fields: Any) -> Front:
            return stack.enter_context(front(server, backend, domain, **fields))

        yield start


@pytest.fixture(scope="session")
def nginx() -> Iterator[Start]:
    """``nginx("127.0.0.1:8000")`` runs nginx in front of an address, see :class:`Front`."""
    yield from _starter("nginx")


@pytest.fixture(scope="session")
def apache() -> Iterator[Start]:
    """``apache("127.0.0.1:8000")`` runs Apache in front of an address, see :class:`Front`."""
    yield from _starter("apache")
