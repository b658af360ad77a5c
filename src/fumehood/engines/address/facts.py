"""What is recorded of a site at a live address: plain facts. Rules are pure functions of them."""

from __future__ import annotations

from dataclasses import dataclass, field

from fumehood.engines.live.facts import Answer

__all__ = ["Certificate", "Site", "Tls"]


@dataclass(frozen=True, slots=True)
class Certificate:
    """The certificate that a server shows, as sslyze read it.

    Parameters:
        subject: the names that it is for.
        not_after: its last moment, ISO 8601.
        days_left: whole days until then, negative afterwards.
        lifetime: days from its first moment to its last.
        key: its key, as in "RSA 2048".
        key_bits: the size of that key.
        signature: the hash that it is signed with, as in "sha256".
    """

    subject: tuple[str, ...]
    not_after: str
    days_left: int
    lifetime: int
    key: str
    key_bits: int
    signature: str


@dataclass(frozen=True, slots=True)
class Tls:
    """What a server accepts, by protocol ("SSL 3.0", "TLS 1.2"): the names of the cipher suites, as in the RFCs."""

    accepted: dict[str, tuple[str, ...]] = field(default_factory=dict, hash=False)
    certificate: Certificate | None = None
    problems: tuple[str, ...] = ()  # named attacks that it is open to: "Heartbleed", "compression (CRIME)"


@dataclass(frozen=True, slots=True)
class Site:
    """What one address answered.

    Parameters:
        url: as asked for, without a path.
        answers: pages, and the answers to questions that show how the site is set up; purposes as in the live engine, and
            "private-file", "robots", "preflight".
        chains: for "http" and "https", the addresses that the first page led through.
        untrusted: why the certificate was not trusted when pages were fetched; "" when it was, or there is none.
        tls: what sslyze found; None when it did not look.
        why_no_tls: the reason for that.
    """

    url: str
    host: str
    answers: tuple[Answer, ...] = ()
    chains: dict[str, tuple[str, ...]] = field(default_factory=dict, hash=False)
    untrusted: str = ""
    tls: Tls | None = None
    why_no_tls: str = ""

    def asked(self, purpose: str) -> tuple[Answer, ...]:
        return tuple(answer for answer in self.answers if answer.purpose == purpose)

    @property
    def front(self) -> Answer | None:
        """The first page, after its redirects."""
        return next(iter(self.asked("page")), None)

    @property
    def is_https(self) -> bool:
        return self.url.startswith("https://")
