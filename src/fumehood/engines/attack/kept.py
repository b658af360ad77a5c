"""What is sent in one request and reaches a dangerous call in another: the value was kept in between."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from fumehood.engines.attack import ways
from fumehood.engines.attack.aim import Target, aim
from fumehood.engines.attack.exchange import Exchange
from fumehood.engines.attack.ground import Ground
from fumehood.engines.attack.passwords import PASSWORD
from fumehood.engines.attack.surface import Entry, removes
from fumehood.engines.attack.visitor import Visitor
from fumehood.engines.attack.ways import Account

__all__ = ["observed"]

_LEFT_ALONE = ("pass", "pwd", "csrf", "token")
_MOST = 300  # routes; beyond, the work would grow with their square


def observed(ground: Ground, mixed: str, paths: Sequence[str]) -> Iterator[tuple[Entry, str, Exchange]]:
    """Yield answers whose observations came from values of earlier requests, with the route and the parameter that had sent them.

    Parameters:
        ground: the application.
        mixed: a value that most languages take for more than a word.
        paths: values that lead out of a folder.
    """
    if len(ground.entries) > _MOST:
        return
    yield from _as_named(ground, [mixed.replace("mix", "own"), *paths[:1]])
    planted: dict[str, tuple[Entry, str]] = {}
    for number, (entry, name, value) in enumerate(_places(ground)):
        text = f"{mixed}{number}z"
        planted[text] = (entry, name)
        ground.send(aim(value, text))
    if not planted:
        return
    ground.stage.watch.planted = list(planted)
    try:
        for entry in sorted(ground.entries, key=lambda entry: (removes(entry), entry.changes_state)):
            for person in ("", *ground.people()[:2]):
                answer = ground.send(ground.known.fill(entry, person))
                for observation in answer.observations:
                    if observation.source == "stored":
                        sender, name = next(
                            (
                                place
                                for text, place in planted.items()
                                if observation.value in text or text in observation.value
                            ),
                            (entry, observation.parameter),
                        )
                        yield sender, name, replace(answer, observations=(observation,))
    finally:
        ground.stage.watch.planted = []


def _places(ground: Ground) -> Iterator[tuple[Entry, str, Target]]:
    for entry in ground.entries:
        if not entry.changes_state or removes(entry):
            continue
        honest = ground.known.fill(entry, ground.visitor_for(entry))
        for parameter in entry.reads("form", "json"):
            if parameter.name not in {"", "*"} and not any(
                part in parameter.name.lower() for part in _LEFT_ALONE
            ):
                yield entry, parameter.name, Target(entry, parameter, honest)


def _as_named(ground: Ground, names: Sequence[str]) -> Iterator[tuple[Entry, str, Exchange]]:
    """Sign up as somebody whose name is a probe, and come in with that name: what is only done for who exists is reached so."""
    stage = ground.stage
    for name in names:
        account = Account("probe", name, "probe7@example.com", PASSWORD)
        for way in ways.sign_ups(ground.entries):
            ways.send(Visitor("", stage), way, account)
        for way in ways.logins(ground.entries):
            yield way.entry, "", ways.send(Visitor("", stage), way, account)
