"""Addresses: where a URL that the client chose really leads."""

from __future__ import annotations

import ipaddress
import re
import socket
import unicodedata
from urllib.parse import urlsplit

__all__ = ["chooses", "hosts_named", "is_internal", "plain"]

_HOST = re.compile(
    r"(?:[a-z][a-z0-9+.-]*:)?(?://)?(?:[^/@\s]*@)?(\[[0-9a-f:.]+\]|[^/:@\s?#\\]+)", re.IGNORECASE
)
_AUTHORITY = re.compile(
    r"(?:[a-z][a-z0-9+.-]*:)?//(?:[^/@\s?#\\]*@)*(\[[0-9a-f:.]+\]|[^/:@\s?#\\]+)(?::(\d+))?", re.IGNORECASE
)
_PORT = re.compile(
    r"(?:[a-z][a-z0-9+.-]*:)?(?://)?(?:[^/@\s]*@)?(?:\[[0-9a-f:.]+\]|[^/:@\s?#\\]+):(\d{1,5})(?:[/?#]|$)",
    re.IGNORECASE,
)
_SHARED = ipaddress.ip_network("100.64.0.0/10")  # RFC 6598
_DEFAULT = {"http": 80, "https": 443, "ftp": 21}


def plain(text: str) -> str:
    """Return a URL or host as clients read it: full-width letters and dots are ASCII to them (RFC 5895)."""
    text = text.strip().lower()
    return text if text.isascii() else unicodedata.normalize("NFKC", text).replace("。", ".")


def hosts_named(value: str) -> set[str]:
    """Return the hosts that a value names when it is read as a URL or as host[:port]; none for prose."""
    value = plain(value)
    if not value or len(value) > 4096 or re.search(r"\s", value):
        return set()
    named = set()
    # A backslash is a slash to browsers and to some clients, and part of the name before an @ to others.
    for text in {value, value.replace("\\", "/")}:
        match = _HOST.match(text)
        if match:
            named.add(match.group(1).strip("[]").rstrip("."))
        try:
            host = urlsplit(text).hostname
        except ValueError:
            host = None
        if host:
            named.add(host.rstrip("."))
    return named


def chooses(value: str, url: str, port: int) -> bool:
    """Tell whether a value decides which host a URL leads to.

    A value that is one label of a name whose end the program wrote chooses among the program's own hosts.

    Parameters:
        value: the client's value.
        url: the URL that is asked for, or a host alone.
        port: the port that is connected to.
    """
    value, url = plain(value), plain(url)
    at = url.find(value) if len(value) > 1 else -1
    authority = _AUTHORITY.match(url)
    if at >= 0 and authority is not None:
        first, last = authority.span(1)
        end = at + len(value)
        if at >= last or end <= first:
            return False
        inside = url[max(at, first) : min(end, last)]
        return end >= last or not re.fullmatch(r"[\w-]+", inside)
    host = (authority[1] if authority is not None else url).strip("[]").rstrip(".")
    if host not in hosts_named(value):
        return False
    named = _PORT.match(value)
    if named is not None:
        return int(named[1]) == port
    scheme, separator, _ = value.partition("//")
    return not separator or port == _DEFAULT.get(scheme.rstrip(":"), port if port in {80, 443} else 0)


def is_internal(address: str) -> bool:
    """Tell whether an IP address is not one of the public internet (CWE-918): private, loopback, link-local, shared, reserved."""
    try:
        ip = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(ip, ipaddress.IPv6Address):
        inner = ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else None) or _translated(ip)
        if inner is not None:
            ip = inner
    return not ip.is_global or ip.is_multicast or (ip.version == 4 and ip in _SHARED)


def _translated(ip: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    """The IPv4 address in one of 64:ff9b::/96 (RFC 6052) or of the deprecated ::/96."""
    high, low = int(ip) >> 32, int(ip) & 0xFFFFFFFF
    return ipaddress.IPv4Address(low) if high == 0x64FF9B << 64 or (high == 0 and low > 0xFFFF) else None


def resolved(host: str) -> list[str]:
    """Return the IP addresses of a host as the C library reads it: also of 127.1 and 0x7f000001."""
    try:
        return [str(item[4][0]) for item in socket.getaddrinfo(host, None)]
    except (OSError, UnicodeError):
        return []
