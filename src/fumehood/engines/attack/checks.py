"""What rules inherit to be shown by attack. Imports nothing that only an attack needs: whoever reads code loads the rules too."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from fumehood.engines.attack.exchange import Exchange
    from fumehood.engines.attack.ground import Ground
    from fumehood.findings import Finding, Unknown

__all__ = ["AnswerCheck", "AttackCheck", "SinkCheck"]


class SinkCheck:
    """A rule that is shown by what a sink sees: the engine sends each probe to each parameter and looks.

    Attributes:
        sink: the sinks, as :class:`fumehood.engines.sinks.Observation` names them.
        probes: values to send. A probe need not succeed: it is enough that it would change the call's meaning.
    """

    sink: ClassVar[tuple[str, ...]]
    probes: ClassVar[tuple[str, ...]] = ()


class AnswerCheck:
    """A rule that is shown by the answer to a probe in one parameter.

    Attributes:
        echoes: values to send; without any, the answers to all other rules' probes are looked at.
        mark: the word of the values that is looked for in answers. Each place is sent one of its own: ``fhxss`` and a number.
        leads: the values are addresses, which are tried too where an answer leads elsewhere without repeating what was sent.
        mended: a line of Python about ``response`` that holds once the flaw is mended, for the finding's test.
    """

    echoes: ClassVar[tuple[str, ...]] = ()
    mark: ClassVar[str] = ""
    leads: ClassVar[bool] = False
    mended: ClassVar[str] = ""

    def marked(self, text: str, number: int) -> str:
        """Return a value, or a test, with the mark of one place: what another place has kept must not be taken for its answer."""
        return text.replace(self.mark, f"{self.mark}{number}z") if self.mark else text

    def shown(self, answer: Exchange, probe: str) -> str:
        """Say, in words, how the answer shows the flaw; "" when it does not."""
        raise NotImplementedError


class AttackCheck:
    """A rule that is shown by comparing several answers.

    Attributes:
        together: rules of one such name share a process and a copy, one after the other. Only for rules that leave people, their passwords and
            sessions as they are, and that no data of another's misleads.
        long: it sends many requests, and is begun early, while others can run beside it.
    """

    together: ClassVar[str] = ""
    long: ClassVar[bool] = False

    def attack(self, ground: Ground) -> Iterator[Finding | Unknown]:
        """Probe the application and yield a finding for each flaw that was proved."""
        raise NotImplementedError
