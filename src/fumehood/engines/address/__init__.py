"""Looks at a deployed site over the network: what it answers, and what its TLS accepts. Asks little, and changes nothing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from fumehood.engines.address.facts import Site, Tls
from fumehood.findings import Finding, Unknown

if TYPE_CHECKING:
    from fumehood.engines.address.outside import Trial

__all__ = ["AddressCheck", "OutsideCheck", "Site", "Tls"]


class AddressCheck:
    """A rule that a live address can show: a pure function of what was recorded of the site.

    Attributes:
        files: paths to ask for; the answers have the purpose "private-file".
    """

    files: ClassVar[tuple[str, ...]] = ()

    def address(self, site: Site) -> Iterator[Finding | Unknown]:
        """Yield a finding for each place where the rule is broken; an :class:`Unknown` where it cannot be told."""
        raise NotImplementedError


class OutsideCheck:
    """A rule that is shown from outside, by comparing the answers to values in one parameter."""

    def outside(self, trial: Trial) -> str:
        """Say, in words, how the answers show the flaw; "" when they do not."""
        raise NotImplementedError
