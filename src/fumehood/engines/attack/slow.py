"""Values whose length makes an application work far more than in proportion. Measured in the processor's time, and only when it is plain."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass

from fumehood.engines.attack.aim import Target, aim, fits, targets
from fumehood.engines.attack.exchange import Exchange
from fumehood.engines.attack.ground import Ground
from fumehood.engines.attack.patterns import matching

__all__ = ["Slow", "slow"]

# What patterns stumble over: many of one kind, and one that does not fit at the end.
_SEEDS = (("a", "!"), ("1", "!"), (" ", "x"), ("a ", "!"), ("a.", "@"), ("a@a.", "!"), ("aA1-", "\x01"))
_SHORT, _LONG = 8, 30
_HUGE = 20_000
_PLAIN = 0.5  # seconds: what no honest request of this size takes
_CUT_OFF = (
    0.1  # seconds, of a request that was stopped: on a busy machine it has not had more of the processor
)
_TIMES = 20


@dataclass(frozen=True, slots=True)
class Slow:
    """A parameter whose long value took far longer than a short one."""

    target: Target
    answer: Exchange
    shown: str


def slow(ground: Ground) -> Iterator[Slow]:
    """Yield parameters for which a value of thirty, or of some thousand, characters keeps the processor busy for a while."""
    for changing in (False, True):
        for target in targets(ground, changing=changing):
            if target.parameter.source in {"query", "form", "json", "path"} and (
                found := _try(ground, target)
            ):
                yield found


def _try(ground: Ground, target: Target) -> Slow | None:
    if not _is_worth_it(ground, target):
        return None
    for seed, end in _SEEDS:
        if target.parameter.source == "path" and (
            "/" in seed or target.entry.converters.get(target.parameter.name) == "IntegerConverter"
        ):
            continue
        for length in (_LONG, _longest(target)):
            value = seed * max(1, length // len(seed)) + end
            took, answer = _measured(ground, target, value)
            if took < _enough(answer):
                continue
            # Again, and beside a short value: what is slow by itself, or once, is no proof.
            base, _ = _measured(ground, target, seed * (_SHORT // len(seed)) + end)
            took, answer = min((took, answer), _measured(ground, target, value), key=lambda item: item[0])
            if took > max(_enough(answer), base * _TIMES):
                return Slow(
                    target,
                    answer,
                    f"{len(value)} characters like {value[:12]!r} keep the processor busy for more than {_enough(answer)} s; {_SHORT} of them do not",
                )
    return None


def _is_worth_it(ground: Ground, target: Target) -> bool:
    """Tell whether a pattern is matched for a value of all kinds, or a long one takes time: if not, no kind needs to be tried by itself."""
    seeds = [seed for seed, _ in _SEEDS if fits(target, seed)]
    with matching() as matched:
        _measured(ground, target, "".join(seeds))
    if matched.any:
        return True
    took, answer = _measured(
        ground, target, "".join(seed * (_longest(target) // len(seeds) // len(seed)) for seed in seeds)
    )
    return took > _enough(answer)


def _longest(target: Target) -> int:
    return _HUGE if target.parameter.source != "path" else 1_000


def _enough(answer: Exchange) -> float:
    return _CUT_OFF if answer.raised.startswith("no answer within") else _PLAIN


def _measured(ground: Ground, target: Target, value: str) -> tuple[float, Exchange]:
    wanted = aim(target, value)
    with ground.stage.unwatched():
        started = time.thread_time()
        answer = ground.send(wanted)
        return time.thread_time() - started, answer
