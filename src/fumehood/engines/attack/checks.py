"""What rules inherit to be shown by attack. Imports nothing that only an attack needs: whoever reads code loads the rules too."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from fumehood.engines.attack.ground import Ground
    from fumehood.findings import Finding, Unknown

__all__ = ["AttackCheck", "SinkCheck"]


class SinkCheck:
    """A rule that is shown by what a sink sees: the engine sends each probe to each parameter and looks.

    Attributes:
        sink: the sinks, as :class:`fumehood.engines.sinks.Observation` names them.
        probes: values to send. A probe need not succeed: it is enough that it would change the call's meaning.
    """

    sink: ClassVar[tuple[str, ...]]
    probes: ClassVar[tuple[str, ...]] = ()


class AttackCheck:
    """A rule that is shown by comparing answers."""

    def attack(self, ground: Ground) -> Iterator[Finding | Unknown]:
        """Probe the application and yield a finding for each flaw that was proved."""
        raise NotImplementedError
