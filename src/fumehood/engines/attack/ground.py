"""Where rules do their probing: the application, its people and its surface, and the requests that they share."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from fumehood.engines.attack.exchange import Exchange, Wanted, is_refusal
from fumehood.engines.attack.known import Known
from fumehood.engines.attack.surface import Entry
from fumehood.engines.attack.visitor import Stage
from fumehood.findings import Location

__all__ = ["Ground"]


@dataclass(slots=True)
class Ground:
    """The application under attack, as rules see it."""

    stage: Stage
    entries: list[Entry]
    known: Known
    scratch: Path  # the folder that holds everything the application may write
    _visitors: dict[str, str] = field(default_factory=dict)
    _honest: dict[tuple[str, str, str], Exchange] = field(default_factory=dict)

    def people(self) -> list[str]:
        """Names of those who are signed in, in a fixed order; anonymous is "" and not among them."""
        return [name for name in self.stage.people if name]

    def send(self, wanted: Wanted) -> Exchange:
        return self.stage.send(wanted)

    def honest(self, entry: Entry, person: str = "") -> Exchange:
        """Return the answer to an honest request; made once for routes that change nothing, anew for others."""
        key = (entry.method, entry.rule, person)
        if key in self._honest:
            return self._honest[key]
        answer = self.send(self.known.fill(entry, person))
        if not entry.changes_state:
            self._honest[key] = answer
        return answer

    def visitor_for(self, entry: Entry) -> str:
        """Return the person whom a route serves best; nobody's session is preferred among equals."""
        if entry.key in self._visitors:
            return self._visitors[entry.key]
        best, name = -1, ""
        for person in ("", *self.people()):
            answer = self.honest(entry, person)
            score = (
                0
                if is_refusal(answer)
                else 1
                if answer.status in {0, 500}
                else 2
                if answer.status >= 400
                else 3
            )
            if score > best:
                best, name = score, person
            if best == 3:
                break
        self._visitors[entry.key] = name
        return name

    def location(self, entry: Entry) -> Location | None:
        """The place of a route's view in the project."""
        return Location(entry.file, entry.line, scope=entry.endpoint) if entry.file else None
