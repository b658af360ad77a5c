"""``fumehood audit``: which of the ten practices hold, with evidence."""

from __future__ import annotations

import dataclasses
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from fumehood.audit import ENGINES, AuditError, AuditResult, audit
from fumehood.cli._address import address_options
from fumehood.cli._attack import attack_options, compare_access, write_tests
from fumehood.engines.collecting import seldom_collected
from fumehood.findings import Finding, Severity
from fumehood.findings.baseline import Baseline, WrongBaseline
from fumehood.findings.configuration import CERTAINTIES, AuditConfiguration, WrongConfiguration
from fumehood.private_files import replace_whole
from fumehood.reports import FORMATS, renderer

__all__ = ["command"]

_SEVERITIES = [severity.label for severity in Severity]


@click.command("audit")
@click.argument("path", type=click.Path(path_type=Path), default=Path())
@click.option("--app", "target", metavar="MODULE[:ATTR]", help="Import this application and look at it.")
@click.option("--only", metavar="ENGINES", help=f"Run only these engines, with commas: {', '.join(ENGINES)}.")
@click.option(
    "--format", "form", type=click.Choice(FORMATS), default="text", show_default=True, help="How to report."
)
@click.option(
    "--output", type=click.Path(path_type=Path, dir_okay=False), help="Write the report to this file."
)
@click.option(
    "--baseline",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Report only what is not in this file.",
)
@click.option("--write-baseline", is_flag=True, help="Write what is found to the baseline's file.")
@click.option(
    "--fail-on",
    type=click.Choice([*_SEVERITIES, "never"]),
    help="Exit with 1 from this severity on; low by default.",
)
@click.option("--min-severity", type=click.Choice(_SEVERITIES), help="Show findings from this severity on.")
@click.option(
    "--min-certainty", type=click.Choice(list(CERTAINTIES)), help="Show findings from this certainty on."
)
@click.option(
    "--timeout",
    type=click.FloatRange(min=1),
    default=120.0,
    show_default=True,
    metavar="SECONDS",
    help="For the imported application.",
)
@click.option("--url", metavar="URL", help="Look at the site at this address instead of a project.")
@click.option(
    "--i-own", metavar="HOST", help="With --url and --attack: say that this host, the one of --url, is yours."
)
@click.option("--attack", "attacks", is_flag=True, help="Attack the application, in a throw-away copy.")
@click.option("--yes", is_flag=True, help="Do not ask before attacking.")
@click.option(
    "--people",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Accounts that the attack may use (people.toml).",
)
@click.option(
    "--access",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Fail where a route lets in more than this file says (access.toml); needs --attack.",
)
@click.option("--write-access", is_flag=True, help="Write who was let in to the file of --access.")
@click.option(
    "--write-tests",
    "write_tests_to",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write what the attack proved to this file, as tests of pytest that fail until it is mended.",
)
@click.option("--no-cache", is_flag=True, help="Read everything afresh.")
@click.option("--profile", is_flag=True, help="Say where the time went.")
def command(**given: Any) -> None:
    """Show which of the ten practices hold in the project at PATH, and which do not.

    The source is read, nothing is imported; --app imports the application too, and asks it for its pages;
    --attack breaks into a throw-away copy of it. --url looks at a site at its address, and reads no project.
    Exit status: 0 nothing at or above --fail-on, 1 findings, 2 an error, or something could not be read.
    """
    click.get_current_context().with_resource(seldom_collected())
    try:
        sys.exit(_audit(_Asked(**given)))
    except (AuditError, WrongBaseline, WrongConfiguration) as error:
        raise _Failure(str(error)) from None


@dataclass(frozen=True, slots=True)
class _Asked:
    """The options, as they are declared above."""

    path: Path
    target: str | None
    only: str | None
    form: str
    output: Path | None
    baseline: Path | None
    write_baseline: bool
    fail_on: str | None
    min_severity: str | None
    min_certainty: str | None
    timeout: float
    url: str | None
    i_own: str | None
    attacks: bool
    yes: bool
    people: Path | None
    access: Path | None
    write_access: bool
    write_tests_to: Path | None
    no_cache: bool
    profile: bool


def _audit(asked: _Asked) -> int:
    """Do what was asked; return the exit status."""
    if not asked.path.exists():
        raise AuditError(f"{asked.path} does not exist")
    configuration = _configuration(asked.path, asked.min_severity, asked.min_certainty)
    file = _baseline_file(asked.path, asked.baseline, configuration, asked.write_baseline)
    known = Baseline.read(file) if file and not asked.write_baseline else None
    threshold = _threshold(asked.fail_on, configuration)
    _check(asked, file)
    result = _found(asked, configuration)
    if asked.write_baseline and file:
        Baseline.write(file, result.findings)
        click.echo(f"{len(result.findings)} findings are the baseline now: {file}", err=True)
        return 0
    opened: tuple[str, ...] = ()
    if asked.access:
        opened = compare_access(asked.access, result.access, write=asked.write_access)
    if known:
        result = _new_only(result, known)
    if asked.write_tests_to:
        number = write_tests(asked.write_tests_to, result.findings)
        click.echo(f"{number} tests are in {asked.write_tests_to}", err=True)
    _show(_visible(result, configuration), asked.form, asked.output)
    if asked.profile:
        _say_timings(result)
    for line in opened:
        click.echo(line, err=True)
    return _status(result, threshold) or int(bool(opened))


def _check(asked: _Asked, baseline: Path | None) -> None:
    """Refuse, before anything is looked at, what cannot be done afterwards or would be left undone without a word.

    Raises:
        AuditError: for options without the one that they belong to, and for files that cannot be written.
    """
    if (asked.access or asked.write_access) and not (asked.access and asked.attacks):
        raise AuditError("an access map is made by an attack: --attack --access access.toml")
    if asked.write_tests_to and (not asked.attacks or asked.url):
        raise AuditError("tests are written of what an attack proves: --attack --write-tests test_flaws.py")
    if asked.people and (not asked.attacks or asked.url):
        raise AuditError(
            "people are for an attack on an application: --app MODULE[:ATTR] --attack --people people.toml"
        )
    if asked.yes and not asked.attacks:
        raise AuditError("--yes answers the question that an attack asks; without --attack nothing is asked")
    for file, wanted in (
        (asked.output, True),
        (baseline, asked.write_baseline),
        (asked.access, asked.write_access),
        (asked.write_tests_to, True),
    ):
        if file and wanted and not os.access(file.parent, os.W_OK | os.X_OK):
            why = "it may not be written to" if file.parent.is_dir() else "there is no such folder"
            raise AuditError(f"{file} cannot be written: {file.parent}: {why}")


def _found(asked: _Asked, configuration: AuditConfiguration) -> AuditResult:
    address = address_options(asked.url, asked.i_own, asked.target, attacks=asked.attacks)
    aim = "" if address else asked.target or configuration.app
    attack = None
    if asked.attacks and not address:
        attack = attack_options(asked.path, aim, asked.people, yes=asked.yes)
    with _progress() as progress:
        return audit(
            asked.path,
            target=aim,
            engines=tuple(part.strip() for part in (asked.only or "").split(",") if part.strip()),
            configuration=configuration,
            cache=not asked.no_cache,
            timeout=asked.timeout,
            attack=attack,
            address=address,
            progress=progress,
        )


class _Failure(click.ClickException):
    exit_code = 2

    def show(self, file: Any = None) -> None:
        click.echo(f"fumehood: {self.message}", file=file, err=True)


def _configuration(path: Path, min_severity: str | None, min_certainty: str | None) -> AuditConfiguration:
    configuration = AuditConfiguration.load(path)
    if min_severity:
        configuration = dataclasses.replace(configuration, min_severity=Severity[min_severity.upper()])
    if min_certainty:
        configuration = dataclasses.replace(configuration, min_certainty=CERTAINTIES[min_certainty])
    return configuration


def _threshold(fail_on: str | None, configuration: AuditConfiguration) -> Severity | None:
    if fail_on == "never":
        return None
    return Severity[fail_on.upper()] if fail_on else configuration.fail_on


def _baseline_file(
    path: Path, given: Path | None, configuration: AuditConfiguration, write: bool
) -> Path | None:
    if given is None and configuration.baseline:
        given = (path if path.is_dir() else path.parent) / configuration.baseline
    if write and given is None:
        raise AuditError(
            "--write-baseline needs to know the file: --baseline FILE, or baseline in [tool.fumehood]"
        )
    return given


def _new_only(result: AuditResult, baseline: Baseline) -> AuditResult:
    root = result.root if result.root.is_dir() else result.root.parent
    new, known = baseline.split(result.findings, lambda name: (root / name).exists())
    return dataclasses.replace(result, findings=new, known=known)


def _visible(result: AuditResult, configuration: AuditConfiguration) -> AuditResult:
    def shown(finding: Finding) -> bool:
        return (
            finding.severity >= configuration.min_severity
            and finding.certainty >= configuration.min_certainty
        )

    return dataclasses.replace(result, findings=tuple(filter(shown, result.findings)))


def _show(result: AuditResult, form: str, output: Path | None) -> None:
    if output is None and form == "text":
        from fumehood.reports.text import write

        write(result)
        return
    text = renderer(form)(result)
    if output is None:
        click.echo(text, nl=False)
        return
    try:
        replace_whole(output, text.encode(), 0o644)
    except OSError as error:
        raise AuditError(f"{output} cannot be written: {error.strerror}") from None


def _status(result: AuditResult, threshold: Severity | None) -> int:
    if threshold is not None and any(finding.severity >= threshold for finding in result.findings):
        return 1
    return 2 if any(item.fatal for item in result.not_covered) else 0


def _say_timings(result: AuditResult) -> None:
    click.echo("\nWhere the time went", err=True)
    for name, seconds in sorted(result.timings.items(), key=lambda item: -item[1]):
        if seconds >= 0.0005:  # what would be shown as nothing
            click.echo(f"  {seconds:8.3f} s  {name}", err=True)


def _say_phase(what: str, done: int, of: int) -> None:
    if what.startswith("attack"):
        click.echo(f"{what} ({done} of {of})" if of else what, err=True)


@contextmanager
def _progress() -> Iterator[Callable[[str, int, int], None] | None]:
    """A status line on a terminal, gone when the audit is done; elsewhere, as in a pipeline's log, a line for each phase of an attack."""
    if not sys.stderr.isatty():
        yield _say_phase
        return
    try:
        from rich.console import Console
    except ImportError:
        yield None
        return
    with Console(stderr=True).status("reading") as status:

        def tell(what: str, done: int, of: int) -> None:
            status.update(f"{what} ({done} of {of})" if of else what)

        yield tell
