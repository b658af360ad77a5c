"""What ``fumehood audit --url`` is told: the address, and that an attack on it is wanted by who owns it."""

from __future__ import annotations

from fumehood.audit import Address, AuditError

__all__ = ["address_options"]


def address_options(
    url: str | None, owned: str | None, target: str | None, *, attacks: bool
) -> Address | None:
    """Return the site to look at, when one is named.

    Raises:
        AuditError: when the options contradict each other, or an attack's host is not named again.
    """
    if url is None:
        if owned:
            raise AuditError("--i-own goes with --url: an application that is imported is attacked in a copy")
        return None
    from fumehood.engines.address.connection import AddressError
    from fumehood.engines.address.visit import at

    if target:
        raise AuditError("--url looks at a site, --app at an application: one of them at a time")
    try:
        origin, host = at(url)
    except AddressError as error:
        raise AuditError(str(error)) from None
    if not attacks and owned:
        raise AuditError("--i-own says that the site may be attacked; without --attack it is only looked at")
    if attacks and owned is None:
        raise AuditError(f"an attack on a live site needs its owner's word: --i-own {host}")
    if attacks and owned and owned.lower() != host.lower():
        raise AuditError(f"--i-own names {owned}, --url {host}: an attack needs the same host twice")
    return Address(origin, probe=attacks)
