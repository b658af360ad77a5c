"""``fumehood keys``: list, rotate and make secret keys."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from fumehood.cli._application import load
from fumehood.settings import ConfigurationError

if TYPE_CHECKING:
    from fumehood.practices.interface import Installation

__all__ = ["command"]

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
    """List, rotate and generate secret keys."""


@command.command("list")
@_app
def list_keys(target: str) -> None:
    """List the keys, the signing one first. Shows ids and times, never a key."""
    installation = _installation(target)
    keyring = installation.keyring
    click.echo(f"Keys from {keyring.source}:")
    now = time.time()
    for place, key in enumerate(keyring.keys):
        if key.signs_from > now:
            state = f"signs from {_when(key.signs_from)}"
        else:
            state = "signs" if place == 0 else "verifies"
        click.echo(
            f"  {key.id}  {state:<10}  made {_when(key.created) if key.created else 'at an unknown time'}"
        )


@command.command()
@_app
@click.option(
    "--revoke", is_flag=True, help="The old keys leaked: drop them at once. Everybody has to sign in again."
)
def rotate(target: str, revoke: bool) -> None:
    """Make a new key that signs.

    The old ones go on verifying until the sessions made with them have expired: nobody is logged out. Running workers take
    the new key by themselves.
    """
    installation = _installation(target)
    if not installation.keyring.source.can_rotate:
        installation.keyring.rotate()  # raises, saying what to do instead
    if revoke:
        _seal(installation)
    key = installation.keyring.rotate(revoke=revoke)
    if revoke:
        _seal(installation)
    installation.record("key.rotated", actor="command line", subject=key.id, revoked=revoke)
    wait = max(0.0, key.signs_from - time.time())
    click.echo(f"Key {key.id} {f'signs in {wait:.1f} seconds' if wait else 'signs now'}.")
    if revoke:
        click.echo("The old keys are dropped: everybody signs in again.")
    else:
        older = len(installation.keyring.keys) - 1
        click.echo(
            "The older key verifies until sessions made with it have expired."
            if older == 1
            else f"{older} older keys verify until sessions made with them have expired."
        )


@command.command()
def generate() -> None:
    """Print a new random key of 256 bits, to keep in the environment or in a file."""
    from fumehood.practices.secrets.keyfile import new_key

    click.echo(new_key().text)


def _installation(target: str) -> Installation:
    from fumehood.practices.interface import installed

    app = load(target)
    try:
        return installed(app)
    except RuntimeError as error:
        raise ConfigurationError(str(error)) from None


def _seal(installation: Installation) -> None:
    """Keep the journal verifiable when the keys that its own key is sealed under are about to go."""
    try:
        installation.journal.seal_again()
    except Exception as error:  # noqa: BLE001 -- a leaked key must go even when the database is down
        click.echo(f"The journal's key could not be sealed anew, its past will not verify: {error}", err=True)


def _when(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%SZ")
