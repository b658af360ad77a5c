"""Addresses: where a URL that the client chose really leads."""

from __future__ import annotations

import ipaddress
import re
from urllib.parse import urlsplit

__all__ = ["hosts_named", "is_internal"]

_HOST = re.compile(
    r"(?:[a-z][a-z0-9+.-]*:)?(?://)?(?:[^/@\s]*@)?(\[[0-9a-f:.]+\]|[^/:@\s?#\\]+)", re.IGNORECASE
)
_SHARED = ipaddress.ip_network("100.64.0.0/10")  # RFC 6598


def hosts_named(value: str) -> set[str]:
    """Return the hosts that a value names when it is read as a URL or as host[:port]; none for prose."""
    value = value.strip()
    if not value or len(value) > 4096 or re.search(r"\s", value):
        return set()
    named = set()
    match = _HOST.match(value)
    if match:
        named.add(match.group(1).strip("[]").lower().rstrip("."))
    try:
        host = urlsplit(value).hostname
    except ValueError:
        host = None
    if host:
        named.add(host.rstrip("."))
    return named


def is_internal(address: str) -> bool:
    """Tell whether an IP address is not one of the public internet (CWE-918): private, loopback, link-local, shared, reserved."""
    try:
        ip = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(ip, ipaddress.IPv6Address):
        inner = ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else None)
        if inner is not None:
            ip = inner
    return not ip.is_global or ip.is_multicast or (ip.version == 4 and ip in _SHARED)
