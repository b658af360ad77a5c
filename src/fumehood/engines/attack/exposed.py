"""What nobody needs to sign in for though it is about people: their passwords and addresses shown, their accounts taken away."""

from __future__ import annotations

from collections.abc import Iterator

from fumehood.engines.attack.exchange import is_refusal
from fumehood.engines.attack.ground import Ground
from fumehood.engines.attack.known import Known
from fumehood.engines.attack.ownership import Taken
from fumehood.engines.attack.stores import tables
from fumehood.engines.attack.surface import removes

__all__ = ["emptied", "shown"]

_TELLING = 12  # characters of a password, or its hash, that stand on a page by no chance
_SEVERAL = 2  # people's addresses on one page: no longer one author's contact


def shown(ground: Ground) -> Iterator[Taken]:
    """Yield the pages that tell nobody in particular what belongs to people: a password as it is kept, or several addresses."""
    known = Known.read(ground.scratch)
    secrets, addresses = set(), set()
    for row in known.people:
        for key, value in row.items():
            if isinstance(value, str) and len(value) > 5:
                if "mail" in key.lower() and "@" in value:
                    addresses.add(value)
                elif "pass" in key.lower() or "pwd" in key.lower():
                    secrets.add(value)
    for entry in ground.entries:
        if entry.changes_state or removes(entry):
            continue
        answer = ground.send(known.fill(entry))
        if not answer.ok:
            continue
        words = sorted(text for text in secrets if text in answer.body)
        found = sorted(text for text in addresses if text in answer.body)
        if words:
            yield Taken(
                entry,
                "",
                answer,
                "",
                f"the answer contains {words[0]!r}, a password as the database keeps it",
            )
        elif len(found) >= _SEVERAL:
            yield Taken(
                entry,
                "",
                answer,
                "",
                f"the answer contains the addresses of {len(found)} people, such as {found[0]!r}",
            )


def emptied(ground: Ground) -> Iterator[Taken]:
    """Yield the routes by which nobody who is signed in takes people's accounts away."""
    for entry in sorted(ground.entries, key=lambda entry: (removes(entry), entry.takes_away)):
        if not entry.takes_away:
            continue
        before = _accounts(ground)
        answer = ground.send(ground.known.fill(entry))
        gone = before - _accounts(ground)
        if gone and not is_refusal(answer) and answer.status < 400:
            table, row = sorted(gone, key=repr)[0]
            yield Taken(entry, "", answer, "", f"{len(gone)} rows of {table} are gone, such as {row[:4]!r}")


def _accounts(ground: Ground) -> set[tuple[str, tuple[object, ...]]]:
    names = {str(row["table"]) for row in ground.known.people}
    return {
        (table.name, row) for table in tables(ground.scratch) for row in table.rows if table.name in names
    }
