"""Numbers in addresses: none is larger than what the database keeps.

SQLite's driver raises for an integer of more than 64 bits, PostgreSQL for one that its column does not hold (CWE-1284): a number that
no row can have is answered as one that no row has.
"""

from __future__ import annotations

from typing import Any

from flask import Flask, request
from werkzeug.routing import IntegerConverter

__all__ = ["LARGEST", "LAST_PAGE", "asked_number", "asked_page", "init_app"]

LARGEST = 2**31 - 1  # of an INTEGER in PostgreSQL
LAST_PAGE = 100_000


class RowNumber(IntegerConverter):
    """``<int:...>`` in an address, up to the largest that a row can have; any other address is not there."""

    def __init__(self, *places: Any, **options: Any) -> None:
        super().__init__(*places, **{"max": LARGEST, **options})


def init_app(app: Flask) -> None:
    """Bound the numbers of all routes that are added from here on."""
    app.url_map.converters["int"] = RowNumber


def asked_number(name: str, most: int = LARGEST) -> int | None:
    """Return a number of the query from 1 on; None when there is none, or none that makes sense."""
    number = request.args.get(name, type=int)
    return number if number is not None and 1 <= number <= most else None


def asked_page() -> int:
    """Return which page of a list is asked for; the first when the number makes no sense."""
    return asked_number("page", LAST_PAGE) or 1
