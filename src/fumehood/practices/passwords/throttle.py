"""Slows down guessing of passwords without giving anybody the means to lock somebody else out.

Three counts of failures decide, and only failures count:

- per account and address: a few tries are free, then each one doubles the wait;
- per account, over all addresses that are not known to it: stops a guesser with many addresses;
- per address, over all accounts: stops one password being tried on many accounts.

A browser that has signed in to the account before holds a signed cookie and is counted by itself. However hard somebody else
guesses, its owner gets in from there (OWASP's "device cookies"); from a new browser, by waiting or by resetting the password.
Waits end by themselves after 15 minutes at most. (CWE-307, OWASP ASVS 6.3.1, NIST SP 800-63B)
"""

from __future__ import annotations

import hashlib
import ipaddress
import math
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple, NoReturn

from flask import after_this_request, has_request_context, request

from fumehood.practices.interface import Installation, Refusal, installed
from fumehood.practices.passwords import devices

if TYPE_CHECKING:
    from flask import Response

    from fumehood.practices.passwords.counters import Counters

__all__ = ["Attempt", "address_group", "login_attempt", "refuse_for"]

_DAY = 24 * 3600.0
_LONGEST_WAIT = 900.0
_FIRST_WAIT = 15.0


class _Limit(NamedTuple):
    """A count of failures: its name, and how many are free before the first wait."""

    name: str
    free: int


class Attempt:
    """One attempt to sign in, counted as a failure unless :meth:`succeeded` is called."""

    def __init__(self, account: str, counted: list[_Limit], counters: Counters) -> None:
        self._account = account
        self._counted = counted
        self._counters = counters
        self.ok = False

    def succeeded(self) -> None:
        """The password was right: forget this browser's failures, and know the browser again."""
        if self.ok:
            return
        self.ok = True
        for limit in self._counted:
            # Only what this person did is forgiven: another's failures on the account or the address stay counted.
            if limit.name.startswith(("pair:", "device:")):
                self._counters.clear(limit.name)
            else:
                self._counters.lower(limit.name)
        devices.remember(self._account)


@contextmanager
def login_attempt(account: str, *, address: str | None = None, what: str = "login") -> Iterator[Attempt]:
    """Guard the check of a password; for login views of your own::

        with login_attempt(email) as attempt:
            if verify_password(password, user.password if user else None):
                attempt.succeeded()

    Parameters:
        account: what the person typed to say who they are; upper and lower case are one.
        address: of the client; the request's by default. IPv6 addresses count by their /64 network.
        what: what is attempted, for the journal: ``login``, ``verify`` ...

    Raises:
        Refusal: 429 with ``Retry-After`` while waiting is due.
    """
    installation = installed()
    account = account.strip().casefold()
    address = address_group(address if address is not None else _address())
    counters: Counters = installation.guards["passwords"].counters  # type: ignore[attr-defined]
    counted = _limits(installation, account, address)
    for limit in counted:
        wait = _wait(limit, counters.read(limit.name))
        if wait > 0:
            _refuse(what, limit, wait, account)
    for limit in counted:
        # Counted before the password is looked at: a thousand tries at once are not a thousand free ones.
        wait = _wait(limit, counters.add(limit.name, _DAY))
        if wait > 0:
            _refuse(what, limit, wait, account)
    attempt = Attempt(account, counted, counters)
    yield attempt
    if not attempt.ok:
        installation.record(f"{what}.failed", account=_mark(account))


def refuse_for(seconds: float, reason: str) -> NoReturn:
    """Answer 429 with ``Retry-After`` (RFC 6585).

    Raises:
        Refusal: always.
    """
    wait = max(1, math.ceil(seconds))
    if has_request_context():

        @after_this_request
        def _say_when(response: Response) -> Response:
            response.headers["Retry-After"] = str(wait)
            return response

    minutes = f"{wait} seconds" if wait < 120 else f"{math.ceil(wait / 60)} minutes"
    refusal = Refusal("passwords", reason, 429, f"Too many attempts. Try again in {minutes}.")
    installed().record(
        "request.refused",
        practice="passwords",
        reason=reason,
        incident=refusal.incident,
        status=429,
        wait=wait,
    )
    raise refusal


def address_group(address: str) -> str:
    """Return the address as it is counted: IPv6 by /64, since one customer holds at least that many; IPv4 as it is."""
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return "unknown"
    if parsed.version == 6:
        if parsed.ipv4_mapped is not None:
            return str(parsed.ipv4_mapped)
        return str(ipaddress.ip_network((int(parsed), 64), strict=False))
    return str(parsed)


def _address() -> str:
    return (request.remote_addr or "") if has_request_context() else ""


def _limits(installation: Installation, account: str, address: str) -> list[_Limit]:
    free = installation.settings.login_tries
    device = devices.known(account)
    if device:
        return [_Limit(f"device:{account}:{device}", free)]
    return [
        _Limit(f"pair:{account}:{address}", free),
        _Limit(f"account:{account}", free * 4),
        _Limit(f"address:{address}", free * 10),
    ]


def _wait(limit: _Limit, count: tuple[int, float]) -> float:
    number, last = count
    if number < limit.free:
        return 0.0
    wait = min(_LONGEST_WAIT, _FIRST_WAIT * 2.0 ** min(number - limit.free, 30))
    return last + wait - time.time()


def _refuse(what: str, limit: _Limit, wait: float, account: str) -> NoReturn:
    kind = limit.name.partition(":")[0]
    refuse_for(wait, f"{what}: too many failures per {kind}, account {_mark(account)}")


def _mark(account: str) -> str:
    """A short name for an account that may not exist: people type their password into the wrong field."""
    return "sha256:" + hashlib.sha256(account.encode()).hexdigest()[:12]
