"""Which network addresses are out on the internet, and which lead inward."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

__all__ = ["is_outside"]

# Besides what the registries of RFC 6890 call not global, some of which older versions of Python do not know.
_INSIDE_4 = tuple(
    IPv4Network(network)
    for network in (
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",  # carrier-grade NAT, RFC 6598; also Alibaba's metadata
        "127.0.0.0/8",
        "168.63.129.16/32",  # Azure's host, reachable from its virtual machines only
        "169.254.0.0/16",  # link-local; the metadata of most clouds
        "172.16.0.0/12",
        "192.0.0.0/24",  # protocol assignments; also Oracle's metadata
        "192.0.2.0/24",
        "192.88.99.0/24",  # relays of 6to4, RFC 7526
        "192.168.0.0/16",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",
        "240.0.0.0/4",
    )
)
_OUTSIDE_6 = IPv6Network("2000::/3")  # the only space of global unicast, RFC 4291
_INSIDE_6 = tuple(
    IPv6Network(network)
    for network in (
        "2001::/23",  # protocol assignments, with Teredo, RFC 2928
        "2001:db8::/32",
        "2002::/16",  # 6to4: an IPv4 address, whichever, in disguise
        "3fff::/20",  # documentation, RFC 9637
    )
)
_NAT64 = IPv6Network("64:ff9b::/96")
_ISATAP = (0x00005EFE, 0x02005EFE)  # RFC 5214: an IPv4 address in the last 32 bits


def is_outside(address: str | IPv4Address | IPv6Address) -> bool:
    """Tell whether an address is a public unicast one: not private, loopback, link-local, shared, multicast, reserved, nor one of those
    within an IPv6 address (mapped, compatible, NAT64, 6to4, Teredo, ISATAP).

    Raises:
        ValueError: when it is not an address as the standards write it.
    """
    found = ip_address(address) if isinstance(address, str) else address
    if isinstance(found, IPv4Address):
        return (
            found.is_global and not found.is_multicast and not any(found in network for network in _INSIDE_4)
        )
    if found.scope_id:
        return False
    if found.ipv4_mapped is not None:
        return is_outside(found.ipv4_mapped)
    if found in _NAT64:
        return is_outside(_embedded(found))
    if found not in _OUTSIDE_6 or not found.is_global or any(found in network for network in _INSIDE_6):
        return False
    return (int(found) >> 32) & 0xFFFFFFFF not in _ISATAP or is_outside(_embedded(found))


def _embedded(address: IPv6Address) -> IPv4Address:
    return IPv4Address(int(address) & 0xFFFFFFFF)
