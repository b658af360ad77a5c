"""What rules say of a program as a whole, asked again only when something that they looked at has changed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final

import msgspec

from fumehood.engines.code.cache import Verdict
from fumehood.engines.code.checks import CodeCheck, FlowCheck, Program
from fumehood.engines.code.unit import part
from fumehood.engines.code.whole import Whole
from fumehood.findings import Finding, Rule, Unknown

__all__ = ["Judge", "Said"]


class Said(msgspec.Struct, array_like=True):
    """What a rule answered."""

    findings: list[Finding]
    unknowns: list[Unknown]


_said: Final = msgspec.msgpack.Decoder(Said)


class Judge:
    """Asks rules about one program.

    A rule is a function of what it looks at, and that is observed: the next run compares just this with what it has.

    Parameters:
        known: the verdicts of an earlier run.

    Attributes:
        verdicts: those that hold now.
    """

    def __init__(self, whole: Whole, known: Mapping[str, Verdict]) -> None:
        self.whole = whole
        self.verdicts: dict[str, Verdict] = {}
        self._known = known

    def program(self, rule: CodeCheck) -> Said:
        """Return what a rule says of the program."""
        if type(rule).program is CodeCheck.program:
            return Said([], [])
        return self._verdict(f"program {_name(rule)}", "", rule.program)

    def settle(self, rule: Rule, findings: Sequence[Finding]) -> Sequence[Finding]:
        """Return what a rule keeps of all that it found."""
        if not isinstance(rule, CodeCheck | FlowCheck) or type(rule).settle is FlowCheck.settle:
            return findings
        check: CodeCheck | FlowCheck = rule
        given = part(findings).digest.hex()
        return self._verdict(
            f"settle {_name(rule)}", given, lambda program: check.settle(findings, program)
        ).findings

    def _verdict(self, name: str, given: str, ask: Callable[[Program], Iterable[Finding | Unknown]]) -> Said:
        known = self._known.get(name)
        if (
            known is None
            or known.given != given
            or any(self.whole.digest(what) != digest for what, digest in known.read.items())
        ):
            looked: set[str] = set()
            answers = list(ask(self.whole.seen_by(looked)))
            said = part(
                [
                    [item for item in answers if isinstance(item, Finding)],
                    [item for item in answers if isinstance(item, Unknown)],
                ]
            )
            known = Verdict(given, {what: self.whole.digest(what) for what in sorted(looked)}, said.data)
        self.verdicts[name] = known
        return _said.decode(known.said)


def _name(rule: Any) -> str:
    return str(rule.id)
