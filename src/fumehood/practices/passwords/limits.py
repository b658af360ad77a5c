"""A limit on how often a route may be asked, by person or address."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from functools import wraps
from inspect import iscoroutinefunction
from typing import Any, TypeVar

from flask import request

from fumehood.practices.interface import installed
from fumehood.practices.passwords.throttle import address_group, refuse_for

__all__ = ["hit", "limit"]

View = TypeVar("View", bound=Callable[..., Any])

_RATE = re.compile(r"\s*(\d+)\s*/\s*(?:(\d+)\s*)?(second|minute|hour|day)s?\s*")
_SECONDS = {"second": 1, "minute": 60, "hour": 3600, "day": 86400}


def limit(rate: str, *, by: str = "address") -> Callable[[View], View]:
    """Limit how often one client may ask a route; more gets 429 with ``Retry-After``.

    Parameters:
        rate: as in ``"10/minute"`` or ``"100/6 hours"``.
        by: ``"address"``, or ``"person"`` for who is signed in (by address when nobody is).

    Raises:
        ValueError: for a rate or ``by`` that cannot be understood.
    """
    found = _RATE.fullmatch(rate)
    if not found or int(found[1]) < 1:
        raise ValueError(f'limit() takes a rate such as "10/minute", not {rate!r}')
    if by not in {"address", "person"}:
        raise ValueError(f'limit(by=...) is "address" or "person", not {by!r}')
    most, seconds = int(found[1]), float(int(found[2] or 1) * _SECONDS[found[3]])

    def decorate(view: View) -> View:
        def count() -> None:
            hit(f"route:{request.endpoint}", most, seconds, who=_who(by))

        if iscoroutinefunction(view):

            @wraps(view)
            async def limited_async(*args: Any, **kwargs: Any) -> Any:
                count()
                return await view(*args, **kwargs)

            return limited_async  # type: ignore[return-value]

        @wraps(view)
        def limited(*args: Any, **kwargs: Any) -> Any:
            count()
            return view(*args, **kwargs)

        return limited  # type: ignore[return-value]

    return decorate


def hit(name: str, most: int, seconds: float, *, who: str = "") -> None:
    """Count one, and refuse when there were ``most`` in the ``seconds`` since the first.

    Raises:
        Refusal: 429 with ``Retry-After``.
    """
    counters: Any = installed().guards["passwords"].counters  # type: ignore[attr-defined]
    before = counters.window(f"limit:{name}:{who}", seconds)
    if before.number >= most:
        refuse_for(before.last + seconds - time.time(), f"more than {most} in {seconds:g} s at {name}")


def _who(by: str) -> str:
    if by == "person":
        from fumehood.practices.access.people import current_person

        person = current_person()
        if person is not None:
            return f"person:{person.id}"
    return "address:" + address_group(request.remote_addr or "")
