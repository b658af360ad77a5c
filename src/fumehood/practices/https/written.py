"""Settings as the source writes them, for rules that need no running application."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

from fumehood.engines.code import Program
from fumehood.findings import Location

__all__ = ["set_to"]

_ELSEWHERE: Final = re.compile(r"dev|test|local|debug|base|default", re.IGNORECASE)


def set_to(program: Program, name: str, *wanted: Any) -> Iterator[Location]:
    """Yield where a setting is given one of these values, unless that is for development only or another place says otherwise."""
    given = program.settings.get(name, ())
    for value, place in given:
        if not any(value is one or (isinstance(one, str) and value == one) for one in wanted):
            continue
        otherwise = any(other != value for other, _ in given)
        if not (otherwise and len(given) > 1) and not _ELSEWHERE.search(
            place.scope.rpartition(".")[2].removesuffix("Config")
        ):
            yield place
