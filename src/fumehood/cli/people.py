"""``fumehood people``: accounts and roles from the command line, each act journaled."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import click

from fumehood.cli._application import load

__all__ = ["command"]

_APP = click.option(
    "--app", "target", required=True, metavar="MODULE[:ATTR]", help="The application or its factory."
)


@click.group("people")
def command() -> None:
    """Make accounts, give and take roles, reset passwords."""


_NEW_ROLE = click.option(
    "--new-role", is_flag=True, help="Make the role if neither the database nor a route has it."
)


@command.command()
@_APP
@click.argument("email")
@click.option("--role", "roles", multiple=True, help="A role to give; may be repeated.")
@_NEW_ROLE
@click.option("--ask", is_flag=True, help="Ask for the password instead of making a random one.")
def create(target: str, email: str, roles: tuple[str, ...], new_role: bool, ask: bool) -> None:
    """Make an account. Its random password is shown once."""
    with _accounts(target) as roster:
        _insist(roster, () if new_role else roles)
        password = _password(ask)
        roster.create_account(email, password, roles=roles)
        click.echo(f"Made an account for {email}" + (f" with {', '.join(roles)}." if roles else "."))
        _show(password, ask)


@command.command()
@_APP
@click.argument("email")
@click.argument("role")
@_NEW_ROLE
def grant(target: str, email: str, role: str, new_role: bool) -> None:
    """Give a role to an account."""
    with _accounts(target) as roster:
        account = roster.find_account(email)
        _insist(roster, () if new_role else (role,))
        given = roster.grant_role(account, role)
        click.echo(f"{email} is {role} now." if given else f"{email} was {role} already.")


@command.command()
@_APP
@click.argument("email")
@click.argument("role")
def revoke(target: str, email: str, role: str) -> None:
    """Take a role from an account; it holds from the next request on."""
    with _accounts(target) as roster:
        taken = roster.revoke_role(roster.find_account(email), role)
        click.echo(f"{email} is no longer {role}." if taken else f"{email} was not {role}.")


@command.command("reset-password")
@_APP
@click.argument("email")
@click.option("--ask", is_flag=True, help="Ask for the password instead of making a random one.")
def reset_password(target: str, email: str, ask: bool) -> None:
    """Set a new password; all sessions and API tokens of the account end."""
    with _accounts(target) as roster:
        account = roster.find_account(email)
        password = _password(ask)
        roster.reset_password(account, password)
        click.echo(f"Set a new password for {email}; its sessions and API tokens have ended.")
        _show(password, ask)


@command.command("list")
@_APP
def list_people(target: str) -> None:
    """List accounts and their roles."""
    from sqlalchemy import select

    from fumehood.practices.interface import installed

    with _accounts(target):
        installation = installed()
        model = installation.user
        for account in installation.db.session.scalars(select(model).order_by(model.email)).unique():
            state = "" if account.active else "  closed"
            click.echo(f"{account.email}  {' '.join(role.name for role in account.roles) or '-'}{state}")


@contextmanager
def _accounts(target: str) -> Iterator[Any]:
    from sqlalchemy.exc import DBAPIError

    from fumehood.practices.access import roster
    from fumehood.practices.interface import EXTENSION

    app = load(target)
    installation = app.extensions.get(EXTENSION)
    if installation is None or installation.user is None:
        raise click.UsageError(
            f"{target} has no accounts of the hood: Fumehood(app, db=db, user=User, role=Role)."
        )
    with app.app_context():
        try:
            yield roster
        except roster.RosterError as error:
            raise click.UsageError(f"{error}.".replace("..", ".")) from None
        except DBAPIError as error:
            reason = (str(error.orig).strip() or "unknown").splitlines()[0]
            raise click.UsageError(
                f"The database of {target} cannot be used: {reason}. Are its tables made (migrations)?"
            ) from None


def _insist(roster: Any, roles: Iterable[str]) -> None:
    """Refuse a role that nothing knows: a slip of the finger would make it, and it would open nothing."""
    known = roster.known_roles()
    for role in roles:
        if role not in known:
            there = f"there are {', '.join(sorted(known))}" if known else "there are none yet"
            raise roster.RosterError(f"there is no role {role!r}; {there}. A new one is made with --new-role")


def _password(ask: bool) -> str:
    from fumehood.practices.access.roster import one_time_password

    if not ask:
        return one_time_password()
    answer: str = click.prompt("Password", hide_input=True, confirmation_prompt=True)
    return answer


def _show(password: str, asked: bool) -> None:
    if not asked:
        click.echo(f"Password, shown only now: {password}\nChange it at the first sign-in.")
