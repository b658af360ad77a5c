"""``fumehood advisories``: fetch advisory data, and check what is installed or pinned against it."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click

from fumehood.engines.advisories import (
    Advisories,
    NoAdvisories,
    Package,
    Unreachable,
    Vulnerable,
    default_path,
    installed,
    pinned,
)
from fumehood.engines.advisories import update as fetch_update
from fumehood.settings import ConfigurationError

__all__ = ["command"]

_OLD_DAYS = 7


@click.group()
def command() -> None:
    """Check packages against known vulnerabilities."""


@command.command()
@click.option(
    "--from",
    "copy",
    type=click.Path(path_type=Path),
    help="A folder, zip or file of OSV records, as a checkout of pypa/advisory-database; without it OSV's export is fetched.",
)
@click.argument("path", required=False, type=click.Path(exists=True, path_type=Path))
def update(copy: Path | None, path: Path | None) -> None:
    """Fetch advisory data for later checks.

    Where OSV cannot be reached, PyPI is asked about what is installed, or about what PATH pins. Nothing else leaves this machine.
    """
    packages = installed() if path is None else tuple(pinned(path).packages)
    try:
        said = fetch_update(copy, packages=packages)
    except Unreachable as error:
        raise ConfigurationError(f"No advisory data: {error}. The data at hand, if any, was kept.") from None
    click.echo(f"{said}, kept in {default_path()}")


@command.command()
@click.argument("path", required=False, type=click.Path(exists=True, path_type=Path))
@click.option("--offline", is_flag=True, help="Use the data at hand, fetch nothing.")
@click.option(
    "--if-reachable", is_flag=True, help="Succeed, with a line that says so, where no data can be had."
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def check(path: Path | None, offline: bool, if_reachable: bool, as_json: bool) -> None:
    """Print the packages that are known to be vulnerable.

    Checks what PATH pins (lock files, requirements, pyproject.toml), without PATH what is installed beside this command. Exit status 0
    when nothing is known, 1 when something is, 2 when it could not be checked.
    """
    packages, unread = _packages(path)
    try:
        advisories = _advisories(packages, offline)
    except NoAdvisories as error:
        click.echo(f"not checked: {error}", err=True)
        sys.exit(0 if if_reachable else 2)
    with advisories:
        covered = [package for package in packages if advisories.covers(package)]
        left = [package for package in packages if package not in set(covered)]
        found = advisories.match(packages)
        about = str(advisories)
    if as_json:
        click.echo(json.dumps(_as_json(found, covered, left, unread, about), indent=2))
    else:
        _print(found, covered, left, about)
    for file, why in unread:
        click.echo(f"not checked: {file}: {why}", err=True)
    if found:
        sys.exit(1)
    if (left or unread or not packages) and not if_reachable:
        sys.exit(2)


def _packages(path: Path | None) -> tuple[list[Package], list[tuple[str, str]]]:
    if path is None:
        return list(installed()), []
    pins = pinned(path)
    return pins.packages, pins.problems


def _advisories(packages: list[Package], offline: bool) -> Advisories:
    """Open the data at hand; fetch it first where there is none, or it is old or not about these packages.

    Raises:
        NoAdvisories: if there is none and it cannot be had.
    """
    try:
        advisories: Advisories | None = Advisories.load()
    except NoAdvisories:
        if offline:
            raise
        advisories = None
    if advisories is not None:
        oldest = _OLD_DAYS if advisories.whole else 1
        current = advisories.days_old <= oldest and all(map(advisories.asked, packages))
        if current or offline:
            return advisories
    try:
        fetch_update(packages=packages)
    except Unreachable as error:
        if advisories is None:
            raise NoAdvisories(str(error)) from None
        click.echo(f"the data at hand is old or not whole, and no other could be had: {error}", err=True)
        return advisories
    if advisories is not None:
        advisories.close()
    return Advisories.load()


def _print(found: list[Vulnerable], covered: list[Package], left: list[Package], about: str) -> None:
    for one in found:
        place = f"{one.package.path}:{one.package.line}: " if one.package.path else ""
        severity = one.severity.label if one.severity is not None else "severity unknown"
        fixed = f"fixed in {one.fixed}" if one.fixed else "no fixed version"
        click.echo(f"{place}{one.package}: {one.advisory.id} ({one.advisory.cve}), {severity}, {fixed}")
        click.echo(f"    {one.advisory.summary}")
    vulnerable = len({one.package.name for one in found})
    click.echo(f"{len(covered)} packages checked, {vulnerable} known to be vulnerable ({about}).")
    if left:
        names = ", ".join(str(package) for package in left[:8]) + (" ..." if len(left) > 8 else "")
        click.echo(f"not checked: {len(left)} packages that the data says nothing about: {names}", err=True)


def _as_json(
    found: list[Vulnerable],
    covered: list[Package],
    left: list[Package],
    unread: list[tuple[str, str]],
    about: str,
) -> dict[str, object]:
    return {
        "data": about,
        "checked": [str(package) for package in covered],
        "not_checked": [str(package) for package in left],
        "unread": [{"file": file, "why": why} for file, why in unread],
        "vulnerable": [
            {
                "package": one.package.name,
                "version": one.package.version,
                "path": one.package.path,
                "line": one.package.line,
                "id": one.advisory.id,
                "names": list(one.names),
                "summary": one.advisory.summary,
                "severity": one.severity.label if one.severity is not None else None,
                "fixed": one.fixed,
                "url": one.advisory.url,
            }
            for one in found
        ],
    }
