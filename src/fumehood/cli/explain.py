"""``fumehood explain``: a rule's page, or the list of all rules."""

from __future__ import annotations

import difflib
import inspect
import sys

import click

from fumehood.findings import PRACTICES, Rule

__all__ = ["command"]


@click.command("explain")
@click.argument("rule", required=False)
def command(rule: str | None) -> None:
    """Explain a rule, by its id or name; without one, list all rules."""
    from fumehood.audit import all_rules

    rules = all_rules()
    if rule is None:
        _list(rules)
        return
    wanted = rule.strip()
    for known in rules:
        if wanted.upper() == known.id or wanted.lower() == known.name:
            _page(known)
            return
    near = difflib.get_close_matches(wanted.lower(), [known.name for known in rules], n=3)
    near += difflib.get_close_matches(wanted.upper(), [known.id for known in rules], n=3, cutoff=0.8)
    raise click.UsageError(
        f"there is no rule {wanted!r}"
        + (f"; near it: {', '.join(near)}" if near else "; `fumehood explain` lists them")
    )


def _list(rules: tuple[Rule, ...]) -> None:
    for practice in PRACTICES:
        mine = [rule for rule in rules if rule.practice == practice]
        if mine:
            click.secho(f"\n{practice.number} {practice.name}: {practice.title}", bold=True)
        for rule in mine:
            click.echo(f"  {rule.id:<7} {rule.name:<34} {rule.severity.label:<9} {rule.title}")


def _page(rule: Rule) -> None:
    asvs = f", ASVS {', '.join(rule.asvs)}" if rule.asvs else ""
    head = f"{rule.id} {rule.name}"
    facts = (
        f"{rule.severity.label}, practice {rule.practice.number} {rule.practice.name}, CWE-{rule.cwe}{asvs}"
    )
    text = inspect.cleandoc(rule.__doc__ or "")
    if sys.stdout.isatty():
        try:
            from rich.console import Console
            from rich.markdown import Markdown
        except ImportError:
            pass
        else:
            Console(width=min(Console().width, 100)).print(Markdown(f"# {head}\n\n*{facts}*\n\n{text}"))
            return
    click.echo(f"{head}\n{facts}\n\n{text}")
