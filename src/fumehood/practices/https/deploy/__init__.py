"""Configurations of the web server in front of the application: nginx, Apache, and a systemd unit behind it.

Protocols and ciphers are Mozilla's intermediate profile, guidelines 6.0 of 2026. Everything that a caller
gives is checked before it enters a template: a configuration file is code.
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from fumehood.settings import ConfigurationError

__all__ = ["CIPHERS", "SERVERS", "Service", "Site", "configuration", "unit"]

SERVERS = ("nginx", "apache")

CIPHERS = ":".join(
    f"ECDHE-{key}-{cipher}"
    for cipher in ("AES128-GCM-SHA256", "AES256-GCM-SHA384", "CHACHA20-POLY1305")
    for key in ("ECDSA", "RSA")
)

_LABEL = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)")
_PATH = re.compile(r"/[A-Za-z0-9._@+/-]*")
_URL_PATH = re.compile(r"/(?:[A-Za-z0-9._-]+/)+")
_OBJECT = re.compile(r"[A-Za-z_][\w.]*(:[A-Za-z_]\w*)?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """What a configuration is written from.

    Parameters:
        domain: the host name, in ASCII (``xn--`` for others).
        upstream: where the application listens: ``host:port``.
        certificate: the PEM chain; Certbot's place by default.
        key: its private key.
        static_folder: a folder whose files the server gives out by itself; empty: the application does.
        static_path: the URL path of that folder.
        acme_folder: where an ACME client puts its answers.
        body_bytes: the largest request body, in bytes.
        header_bytes: the longest request line or header field, in bytes.
        read_seconds: how long a client may be silent.
        answer_seconds: how long the application may take.
        connections: how many connections one address may have open.
        hsts: the value of Strict-Transport-Security.
        http_port: the port of plain HTTP.
        https_port: the port of HTTPS.

    Raises:
        ConfigurationError: for anything that is not what it should be.
    """

    domain: str
    upstream: str = "127.0.0.1:8000"
    certificate: str = ""
    key: str = ""
    static_folder: str = ""
    static_path: str = "/static/"
    acme_folder: str = "/var/www/acme"
    body_bytes: int = 1 << 20
    header_bytes: int = 8190
    read_seconds: int = 10
    answer_seconds: int = 60
    connections: int = 64
    hsts: str = "max-age=63072000; includeSubDomains"
    http_port: int = 80
    https_port: int = 443
    ciphers: str = field(default=CIPHERS, init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "domain", _domain(self.domain))
        _upstream(self.upstream)
        live = f"/etc/letsencrypt/live/{self.domain}"
        object.__setattr__(self, "certificate", self.certificate or f"{live}/fullchain.pem")
        object.__setattr__(self, "key", self.key or f"{live}/privkey.pem")
        for name in ("certificate", "key", "acme_folder", "static_folder"):
            value = getattr(self, name)
            if value or name != "static_folder":
                _path(name.replace("_", " "), value)
        object.__setattr__(self, "static_folder", self.static_folder.rstrip("/"))
        if not _URL_PATH.fullmatch(self.static_path):
            raise ConfigurationError(
                f"The static path must be a URL path such as /static/, not {self.static_path!r}."
            )

    @property
    def authority(self) -> str:
        """The host as it stands in URLs: with its port unless that is 443."""
        return self.domain if self.https_port == 443 else f"{self.domain}:{self.https_port}"

    @property
    def upstream_port(self) -> str:
        return self.upstream.rpartition(":")[2]


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """What a systemd unit is written from, besides its :class:`Site`."""

    app: str = "fumehood.starter:create_app"
    folder: str = "/srv/app"
    workers: int = 2

    def __post_init__(self) -> None:
        _path("folder", self.folder)
        if not _OBJECT.fullmatch(self.app):
            raise ConfigurationError(f"The app must be MODULE:ATTR, as in shop:create_app, not {self.app!r}.")


def configuration(server: str, site: Site) -> str:
    """Return the complete, commented configuration of one of :data:`SERVERS` for a site."""
    return _render(f"{server}.conf.jinja", site=site)


def unit(site: Site, service: Service) -> str:
    """Return a hardened systemd unit for the application behind the server."""
    return _render("systemd.service.jinja", site=site, service=service, unit=site.domain.partition(".")[0])


def _render(template: str, **values: object) -> str:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader(__name__, ""),
        undefined=StrictUndefined,
        autoescape=False,  # noqa: S701 -- not HTML; every value was checked by Site and Service
        trim_blocks=True,
        keep_trailing_newline=True,
    )
    return environment.get_template(template).render(**values)


def _domain(value: str) -> str:
    domain = value.lower().removesuffix(".")
    labels = domain.split(".")
    if _is_address(domain) or len(domain) > 253 or not all(map(_LABEL.fullmatch, labels)):
        raise ConfigurationError(
            f"The domain must be a host name such as notes.example.org (in its xn-- form if it is not ASCII), not {value!r}."
        )
    return domain


def _upstream(value: str) -> None:
    host, _, port = value.rpartition(":")
    bracketed = host.startswith("[") and host.endswith("]")
    good_host = _is_address(host[1:-1]) if bracketed else all(map(_LABEL.fullmatch, host.lower().split(".")))
    if not good_host or not port.isascii() or not port.isdecimal() or not 0 < int(port) < 65536:
        raise ConfigurationError(f"The upstream must be HOST:PORT, as in 127.0.0.1:8000, not {value!r}.")


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def _path(name: str, value: str) -> None:
    if not _PATH.fullmatch(value) or ".." in PurePosixPath(value).parts:
        raise ConfigurationError(
            f"The {name} must be an absolute path of letters, digits and . _ @ + - /, not {value!r}."
        )
