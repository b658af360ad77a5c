"""What every page shares: dates, initials, the way through long lists, and the look of errors."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import lru_cache
from hashlib import sha384
from pathlib import Path
from typing import Any

from flask import Flask, current_app, request, url_for
from markupsafe import Markup

from fumehood import current_person

from .database import now
from .richtext import excerpt, marked, render

__all__ = ["counted", "file_size", "init_app", "moment"]

PER_PAGE = 20
_KEPT = ("q", "show")  # of a list's query, on its other pages


def init_app(app: Flask) -> None:
    """Give the templates their filters and functions."""
    app.jinja_env.filters.update(
        markdown=render,
        excerpt=excerpt,
        marked=marked,
        moment=moment,
        file_size=file_size,
        initials=initials,
        browser=browser,
    )
    app.jinja_env.globals.update(
        current_person=current_person,
        integrity=integrity,
        page_address=page_address,
        page_numbers=page_numbers,
    )
    app.context_processor(lambda: {"site_name": current_app.config["SITE_NAME"]})


def integrity(filename: str) -> str:
    """Return the Subresource Integrity digest of a static file: a browser runs it as it was when the page was made, or not at all."""
    path = Path(current_app.static_folder or "", filename)
    return _digest(path, path.stat().st_mtime_ns)


@lru_cache(64)
def _digest(path: Path, _changed: int) -> str:
    return "sha384-" + b64encode(sha384(path.read_bytes()).digest()).decode()


def moment(when: datetime | float) -> Markup:
    """Return a ``<time>``: how long ago in words, exactly for programs and on hover."""
    if not isinstance(when, datetime):
        when = datetime.fromtimestamp(when, UTC).replace(tzinfo=None)
    exact = when.strftime("%-d %B %Y, %H:%M UTC")
    return Markup('<time datetime="{}Z" title="{}">{}</time>').format(
        when.isoformat(timespec="seconds"), exact, _ago(when)
    )


def _ago(when: datetime) -> str:
    seconds = (now() - when).total_seconds()
    if seconds < 0:
        return when.strftime("%-d %b %Y")
    for limit, size, name in ((3600, 60, "min"), (86400, 3600, "h"), (7 * 86400, 86400, "d")):
        if seconds < limit:
            count = int(seconds // size)
            return f"{count} {name} ago" if count else "just now"
    return when.strftime("%-d %b") if when.year == now().year else when.strftime("%-d %b %Y")


def file_size(size: int) -> str:
    """Return a number of bytes for people."""
    for name in ("bytes", "kB", "MB"):
        if size < 1000 or name == "MB":
            return f"{size:.0f} {name}" if name == "bytes" or size >= 10 else f"{size:.1f} {name}"
        size /= 1000  # type: ignore[assignment]
    raise AssertionError


def counted(number: int, thing: str) -> str:
    """Return a number of things in words: ``1 note``, ``2 notes``."""
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"


def initials(name: str) -> str:
    """Return one or two letters that stand for a name."""
    words = [word for word in name.replace(".", " ").replace("-", " ").split() if word[0].isalnum()]
    return (words[0][0] + (words[-1][0] if len(words) > 1 else "")).upper() if words else "?"


def browser(agent: str) -> str:
    """Return a User-Agent in words that its owner recognises."""
    # Each calls itself by the names of those before it: the most particular name first.
    names = (
        ("Edg", "Edge"),
        ("OPR", "Opera"),
        ("Firefox", "Firefox"),
        ("Chrom", "Chrome"),
        ("Safari", "Safari"),
        ("curl", "curl"),
    )
    systems = (
        ("Android", "Android"),
        ("iPhone", "an iPhone"),
        ("iPad", "an iPad"),
        ("Windows", "Windows"),
        ("Mac OS", "a Mac"),
        ("Linux", "Linux"),
    )
    name = next((shown for part, shown in names if part in agent), "")
    system = next((shown for part, shown in systems if part in agent), "")
    if not name:
        return agent[:60] or "Unknown browser"
    return f"{name} on {system}" if system else name


def page_address(number: int) -> str:
    """Return the address of another page of the list that is shown."""
    # Only what the lists know: url_for() would obey ?_external=1&_scheme=javascript, and stumble over ?endpoint=.
    asked = {name: request.args[name] for name in _KEPT if name in request.args}
    arguments: dict[str, Any] = {**(request.view_args or {}), **asked, "page": number}
    return url_for(request.endpoint or "", **arguments)


def page_numbers(pages: Any) -> Iterator[int | None]:
    """Yield the numbers to offer, with None for a gap."""
    yield from pages.iter_pages(left_edge=1, right_edge=1, left_current=1, right_current=1)
