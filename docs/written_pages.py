"""The pages that follow from the code: rules, settings, commands, the public API, the list of practices.

They are written into docs/ before each build and are not in version control, so they cannot disagree with the code.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import click

import fumehood.practices
from fumehood.cli import fumehood as commands
from fumehood.findings import PRACTICES, Rule, discover
from fumehood.settings import PREFIX, Settings

__all__ = ["write"]

_CHECKS = {
    "CodeCheck": "in code",
    "FlowCheck": "in code",
    "TemplateCheck": "in templates",
    "ProjectCheck": "in the project's files",
    "LiveCheck": "in the live application",
    "AttackCheck": "by attack",
}


def write(folder: Path) -> None:
    """Write all pages into the documentation's folder; pages of rules that are gone are removed."""
    rules = discover(fumehood.practices)
    pages = {f"rules/{rule.id}.md": _rule(rule) for rule in rules}
    pages["rules/index.md"] = _rules(rules)
    pages["practices/index.md"] = _practices(folder / "practices")
    pages["settings.md"] = _settings()
    pages["commands.md"] = _commands()
    pages["api.md"] = _api()
    for old in (folder / "rules").glob("FH*.md"):
        if f"rules/{old.name}" not in pages:
            old.unlink()
    for name, text in pages.items():
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        if not path.exists() or path.read_text("utf-8") != text:  # an unchanged page is not built again
            path.write_text(text, "utf-8")


def _rule(rule: Rule) -> str:
    _, _, body = inspect.cleandoc(rule.__doc__ or "").partition("\n")
    facts = [
        f"{rule.severity.label.capitalize()} severity",
        f"[CWE-{rule.cwe}](https://cwe.mitre.org/data/definitions/{rule.cwe}.html)",
        *(f"ASVS {requirement}" for requirement in rule.asvs),
        f"practice {rule.practice.number}, {rule.practice.name}",
        "shown " + ", ".join(_shown(rule)),
    ]
    return f"# {rule.id} {rule.name}\n\n**{rule.title}.**\n\n{'; '.join(facts)}.\n\n{body.strip()}\n"


def _shown(rule: Rule) -> list[str]:
    names = {cls.__name__ for cls in type(rule).__mro__}
    return list(dict.fromkeys(words for check, words in _CHECKS.items() if check in names)) or ["nowhere yet"]


def _rules(rules: tuple[Rule, ...]) -> str:
    lines = [
        "# Rules",
        "",
        "What the audit looks for, practice by practice. `fumehood explain FH203` shows the same pages.",
        "",
    ]
    for practice in PRACTICES:
        own = [rule for rule in rules if rule.practice == practice]
        if own:
            lines += [f"## {practice.number}. {practice.title}", ""]
            lines += [f"- [{rule.id} {rule.name}]({rule.id}.md): {rule.title}" for rule in own]
            lines.append("")
    return "\n".join([*lines, "```{toctree}", ":hidden:", "", *(rule.id for rule in rules), "```", ""])


def _practices(folder: Path) -> str:
    there = [practice for practice in PRACTICES if (folder / f"{practice.name}.md").exists()]
    lines = ["# The ten practices", ""]
    lines += [
        f"{practice.number}. [{practice.name}]({practice.name}.md): {practice.title}."
        if practice in there
        else f"{practice.number}. {practice.name}: {practice.title}."
        for practice in PRACTICES
    ]
    listed = [practice.name for practice in there]
    return "\n".join([*lines, "", "```{toctree}", ":hidden:", "", *listed, "```", ""])


def _settings() -> str:
    lines = [
        "# Settings",
        "",
        "Keys of the Flask configuration, or variables of the environment with the same names: `FUMEHOOD_PROXIES=1`. What the application says",
        "itself wins. Every default is the secure one; a wrong name, type or value stops the start with a message that says which, also in the",
        "environment. What has no default here is empty.",
    ]
    for practice in PRACTICES:
        own = [item for item in fields(Settings) if item.metadata["practice"] == practice.name]
        lines += ["", f"## {practice.number}. {practice.title}", ""] if own else []
        for item in own:
            default = "" if item.default in ("", (), {}, None) else f" (default `{item.default!r}`)"
            lines += [f"`{PREFIX}{item.name.upper()}`{default}", f": {item.metadata['why']}", ""]
    return "\n".join([*lines, ""])


def _commands() -> str:
    lines = [
        "# Commands",
        "",
        "Every command exits with 2 and one message when it cannot do what it was asked.",
        "",
    ]
    root = click.Context(commands, info_name="fumehood")
    for name, command in _listed(commands, root):
        lines += _help(command, root, name)
    return "\n".join(lines)


def _listed(group: click.Group, context: click.Context) -> Iterator[tuple[str, click.Command]]:
    for name in group.list_commands(context):
        if command := group.get_command(context, name):
            yield name, command


def _help(command: click.Command, parent: click.Context, name: str) -> list[str]:
    context = click.Context(command, info_name=name, parent=parent)
    context.max_content_width = 100
    lines = [f"## {context.command_path}", "", "```text", command.get_help(context), "```", ""]
    if isinstance(command, click.Group):
        for name_below, below in _listed(command, context):
            first, *others = _help(below, context, name_below)
            lines += [f"#{first}", *others]
    return lines


def _api() -> str:
    lines = [
        "# API",
        "",
        "Everything that `import fumehood` offers; anything else may change without notice.",
        "",
    ]
    for name in sorted(fumehood.__all__):
        thing = getattr(fumehood, name)
        kind = "exception" if isinstance(thing, type) and issubclass(thing, Exception) else "class"
        if not isinstance(thing, type):
            kind = "function" if callable(thing) else "data"
        lines += ["```{eval-rst}", f".. auto{kind}:: fumehood.{name}"]
        lines += ["   :members:"] if kind == "class" else []
        lines += ["```", ""]
    return "\n".join(lines)
