"""The documentation says what is so: examples run, commands, settings and targets exist, every practice has its page."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import click
import pytest

from fumehood.cli import fumehood
from fumehood.findings import PRACTICES
from fumehood.settings import PREFIX, Settings

ROOT = Path(__file__).parent.parent
_BUILT = {"_build", "rules"}  # rules' examples run with the rules' own tests
_FENCE = re.compile(r"^(`{3,})(\S*)[^\n]*\n(.*?)^\1\s*$", re.MULTILINE | re.DOTALL)
_FROM_CODE = {"api.md", "commands.md", "settings.md"}


def pages() -> Iterator[Path]:
    for name in ("README.md", "CONTRIBUTING.md", "SECURITY.md"):
        yield ROOT / name
    for page in sorted((ROOT / "docs").rglob("*.md")):
        if not _BUILT & set(page.relative_to(ROOT / "docs").parts) and page.name not in _FROM_CODE:
            yield page


def blocks(page: Path, language: str) -> Iterator[tuple[int, str]]:
    """Each fenced block of a language, with the number of the line that it begins on."""
    text = page.read_text("utf-8")
    for found in _FENCE.finditer(text):
        if found[2] == language:
            yield text.count("\n", 0, found.start(3)), found[3]


def name_of(page: Path) -> str:
    return str(page.relative_to(ROOT))


@pytest.mark.parametrize("page", [page for page in pages() if any(blocks(page, "python"))], ids=name_of)
def test_the_examples_of_a_page_run_from_top_to_bottom(page: Path, tmp_path: Path) -> None:
    program = ""
    for line, code in blocks(page, "python"):
        program += "\n" * (line - program.count("\n")) + code  # a traceback names the page's own lines
    example = tmp_path / f"page_{page.stem}.py"  # not secrets.py: that is a module of Python
    example.write_text(program, "utf-8")
    ran = subprocess.run(
        [sys.executable, example],
        cwd=tmp_path,
        env={**os.environ, "XDG_DATA_HOME": str(tmp_path / "data"), "PYTHONPATH": str(ROOT / "src")},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert ran.returncode == 0, f"{name_of(page)}:\n{ran.stderr}"


def console_lines(program: str) -> list[tuple[str, list[str]]]:
    """Each call of a program in the documentation: where it stands and its arguments."""
    return [
        (name_of(page), shlex.split(line.removeprefix("$ "), comments=True)[1:])
        for page in pages()
        for _, block in blocks(page, "console")
        for line in block.replace("\\\n", " ").splitlines()
        if line.startswith(f"$ {program} ")
    ]


@pytest.mark.parametrize(("page", "arguments"), console_lines("fumehood"))
def test_documented_commands_and_their_options_exist(page: str, arguments: list[str]) -> None:
    context = click.Context(fumehood, info_name="fumehood")
    command: click.Command = fumehood
    while isinstance(command, click.Group) and arguments and not arguments[0].startswith("-"):
        name = arguments.pop(0)
        found = command.get_command(context, name)
        assert found is not None, f"{page}: there is no command {name}"
        command, context = found, click.Context(found, info_name=name, parent=context)
    known = {
        flag
        for parameter in command.get_params(context)
        for flag in (*parameter.opts, *parameter.secondary_opts)
    }
    used = {argument.partition("=")[0] for argument in arguments if argument.startswith("-")}
    assert used <= known, f"{page}: {context.command_path} has no {used - known}"


def test_documented_settings_exist() -> None:
    known = {PREFIX + item.name.upper() for item in fields(Settings)} | {
        "FUMEHOOD_INSTANCE"
    }  # the starter's own
    for page in pages():
        for name in set(re.findall(rf"\b{PREFIX}[A-Z][A-Z_]*[A-Z]\b", page.read_text("utf-8"))):
            assert name in known, f"{name_of(page)} speaks of {name}, which is not a setting"


def test_documented_make_targets_exist() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    for page, arguments in console_lines("make"):
        assert {word for word in arguments if "=" not in word} <= targets, page


@pytest.mark.parametrize("practice", PRACTICES, ids=lambda practice: practice.name)
def test_every_practice_has_its_page(practice: object) -> None:
    name = getattr(practice, "name", "")
    page = ROOT / "docs" / "practices" / f"{name}.md"
    assert page.exists(), f"write docs/practices/{name}.md"
    assert page.read_text("utf-8").startswith("# ")


def test_every_setting_says_why_it_is_there() -> None:
    for item in fields(Settings):
        why = item.metadata["why"]
        assert why.endswith("."), item.name
        assert item.metadata["practice"] in {practice.name for practice in PRACTICES}, item.name


def test_every_command_and_option_explains_itself() -> None:
    def unexplained(command: click.Command, path: str) -> Iterator[str]:
        if not command.help:
            yield path
        for parameter in command.params:
            if isinstance(parameter, click.Option) and not parameter.help:
                yield f"{path} {parameter.opts[0]}"
        if isinstance(command, click.Group):
            context = click.Context(command)
            for name in command.list_commands(context):
                below = command.get_command(context, name)
                assert below is not None
                yield from unexplained(below, f"{path} {name}")

    assert list(unexplained(fumehood, "fumehood")) == []
