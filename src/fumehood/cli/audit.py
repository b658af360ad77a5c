"""``fumehood audit``: which of the ten practices hold, with evidence."""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from fumehood.audit import ENGINES, AuditError, AuditResult, audit
from fumehood.cli._address import address_options
from fumehood.cli._attack import attack_options, compare_access, write_tests
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
def command(
    path: Path,
    target: str | None,
    only: str | None,
    form: str,
    output: Path | None,
    baseline: Path | None,
    write_baseline: bool,
    fail_on: str | None,
    min_severity: str | None,
    min_certainty: str | None,
    timeout: float,
    url: str | None,
    i_own: str | None,
    attacks: bool,
    yes: bool,
    people: Path | None,
    access: Path | None,
    write_access: bool,
    write_tests_to: Path | None,
    no_cache: bool,
    profile: bool,
) -> None:
    """Show which of the ten practices hold in the project at PATH, and which do not.

    The source is read, nothing is imported; --app imports the application too, and asks it for its pages;
    --attack breaks into a throw-away copy of it. --url looks at a site at its address, and reads no project.
    Exit status: 0 nothing at or above --fail-on, 1 findings, 2 an error, or something could not be read.
    """
    try:
        if not path.exists():
            raise AuditError(f"{path} does not exist")
        configuration = _configuration(path, min_severity, min_certainty)
        file = _baseline_file(path, baseline, configuration, write_baseline)
        threshold = _threshold(fail_on, configuration)
        engines = tuple(part.strip() for part in (only or "").split(",") if part.strip())
        address = address_options(url, i_own, target, attacks=attacks)
        aim = "" if address else target or configuration.app
        options = attack_options(path, aim, people, yes=yes) if attacks and not address else None
        if (access or write_access) and not (access and attacks):
            raise AuditError("an access map is made by an attack: --attack --access access.toml")
        if write_tests_to and not options:
            raise AuditError(
                "tests are written of what an attack proves: --attack --write-tests test_flaws.py"
            )
        with _progress() as progress:
            result = audit(
                path,
                target=aim,
                engines=engines,
                configuration=configuration,
                cache=not no_cache,
                timeout=timeout,
                attack=options,
                address=address,
                progress=progress,
            )
        if write_baseline and file:
            Baseline.write(file, result.findings)
            click.echo(f"{len(result.findings)} findings are the baseline now: {file}", err=True)
            return
        opened = compare_access(access, result.access, write=write_access) if access else ()
        result = _new_only(result, file)
        if write_tests_to:
            number = write_tests(write_tests_to, result.findings)
            click.echo(f"{number} tests are in {write_tests_to}", err=True)
        _show(_visible(result, configuration), form, output)
    except (AuditError, WrongBaseline, WrongConfiguration) as error:
        raise _Failure(str(error)) from None
    if profile:
        _say_timings(result)
    for line in opened:
        click.echo(line, err=True)
    sys.exit(_status(result, threshold) or int(bool(opened)))


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


def _new_only(result: AuditResult, file: Path | None) -> AuditResult:
    if file is None:
        return result
    root = result.root if result.root.is_dir() else result.root.parent
    new, known = Baseline.read(file).split(result.findings, lambda name: (root / name).exists())
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
        click.echo(f"  {seconds:8.3f} s  {name}", err=True)


@contextmanager
def _progress() -> Iterator[Callable[[str, int, int], None] | None]:
    """A status line on a terminal, gone when the audit is done; nothing elsewhere."""
    if not sys.stderr.isatty():
        yield None
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
