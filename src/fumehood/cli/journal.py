"""``fumehood journal``: verify and read the security journal."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from fumehood.cli._application import load
from fumehood.settings import ConfigurationError

if TYPE_CHECKING:
    from fumehood.practices.audits.journal import Journal

__all__ = ["command"]

_MOST_SHOWN = 50

_app = click.option(
    "--app",
    "target",
    required=True,
    envvar=["FUMEHOOD_APP", "FLASK_APP"],
    metavar="MODULE[:ATTR]",
    help="The application, or its factory; FUMEHOOD_APP or FLASK_APP by default.",
)


@click.group()
def command() -> None:
    """Verify and read the security journal."""


@command.command()
@_app
@click.option(
    "--head",
    default="",
    metavar="NUMBER:MAC",
    help="What an earlier verification printed; the journal must still hold it.",
)
def verify(target: str, head: str) -> None:
    """Check that no entry was changed, added, moved or removed. Exit status 1 when one was.

    Keep the head that it prints somewhere else, and give it the next time: then a journal that was put back to an older copy of
    itself shows too.
    """
    verification = _journal(target).verify(head)
    for problem in verification.problems[:_MOST_SHOWN]:
        click.echo(f"journal: {problem.what}", err=True)
    if len(more := verification.problems[_MOST_SHOWN:]):
        click.echo(f"journal: and {len(more)} more", err=True)
    if not verification.holds:
        click.echo(
            f"The journal was tampered with, or its key is gone. {verification.entries} entries verify.",
            err=True,
        )
        sys.exit(1)
    click.echo(
        f"{verification.entries} entries verify. Head: {verification.head or 'none, the journal is empty'}"
    )


@command.command()
@_app
@click.option(
    "-n", "--count", default=20, show_default=True, type=click.IntRange(1, 10_000), help="How many entries."
)
@click.option(
    "--event", default="", help="Only this event, or, with a full stop at the end, this family: 'login.'."
)
@click.option("--json", "as_json", is_flag=True, help="A JSON object a line.")
def tail(target: str, count: int, event: str, as_json: bool) -> None:
    """Print the newest entries, the newest last."""
    from fumehood.practices.audits.journal import rows

    entries = _journal(target).latest(count, event=event)[::-1]
    if as_json:
        for entry in entries:
            click.echo(json.dumps(asdict(entry)))
    else:
        for line in rows(entries):
            click.echo(line)


def _journal(target: str) -> Journal:
    from fumehood.practices.interface import installed

    app = load(target)
    try:
        return installed(app).journal
    except RuntimeError as error:
        raise ConfigurationError(str(error)) from None
