"""``fumehood new``: the starter as a project of one's own."""

from __future__ import annotations

import json
import keyword
import re
import shutil
import sys
import tempfile
from pathlib import Path

import click

__all__ = ["command"]

_NAME = re.compile(r"[a-z][a-z0-9]*(?:[-_][a-z0-9]+)*")
# Would hide a package that the project needs.
_TAKEN = frozenset(
    {
        "alembic",
        "flask",
        "fumehood",
        "jinja2",
        "migrations",
        "pytest",
        "sqlalchemy",
        "test",
        "tests",
        "werkzeug",
    }
)
_COPIED = frozenset({".css", ".html", ".ini", ".js", ".mako", ".py", ".svg", ".txt"})
_BRAND = "Benchbook"


@click.command()
@click.argument("name")
@click.option(
    "--directory",
    type=click.Path(path_type=Path),
    help="Where to make it; a folder of that name in the present one by default.",
)
def command(name: str, directory: Path | None) -> None:
    """Make a project of your own from the starter: a secured Flask application with tests, ready to run and to change."""
    package = _package(name)
    target = (directory or Path(name)).absolute()
    if target.exists() or target.is_symlink():
        raise click.UsageError(
            f"{target} exists already: choose another name or --directory. Nothing was changed."
        )
    if not target.parent.is_dir():
        raise click.UsageError(
            f"{target.parent} is not a folder: make it first, or choose another --directory."
        )
    _make(target, name, package)
    click.echo(f"Made {target}\n\n    cd {directory or name}\n    make run\n")
    click.echo("README.md there says where everything is.")


def _package(name: str) -> str:
    """Return the name of the Python package for a project's name."""
    if not _NAME.fullmatch(name) or len(name) > 50:
        raise click.UsageError(
            f"{name!r} cannot be the name of a project: use lower-case letters, digits, '-' and '_', beginning with a letter, "
            "at most 50 of them."
        )
    package = name.replace("-", "_")
    if keyword.iskeyword(package) or package in sys.stdlib_module_names or package in _TAKEN:
        raise click.UsageError(
            f"{name!r} is the name of something that Python or the project needs; choose another one."
        )
    return package


def _make(target: Path, name: str, package: str) -> None:
    """Build the project beside its place and move it there as a whole: there is all of it or nothing."""
    try:
        building = Path(tempfile.mkdtemp(prefix=f".{name}-", dir=target.parent))
    except OSError as error:
        raise click.UsageError(f"{target.parent} cannot be written to: {error.strerror}.") from None
    try:
        project = building / "project"
        _copy(project, name, package)
        project.rename(target)
    except OSError as error:
        raise click.UsageError(
            f"{target} could not be made: {error.strerror}. Nothing is left of it."
        ) from None
    finally:
        shutil.rmtree(building, ignore_errors=True)


def _copy(project: Path, name: str, package: str) -> None:
    from fumehood.starter import __file__ as starter

    source = Path(str(starter)).parent
    title = re.sub(r"[-_]+", " ", name).capitalize()
    words = {"@NAME@": name, "@PACKAGE@": package, "@TITLE@": title, "@FUMEHOOD@": _this_fumehood()}
    for path in sorted(source.rglob("*")):
        place = path.relative_to(source)
        if not path.is_file() or "__pycache__" in place.parts:
            continue
        if place.parts[0] == "project":
            content = path.read_text(encoding="utf-8")
            for mark, word in words.items():
                content = content.replace(mark, word)
            _write(project.joinpath(*_ordinary(place.parts[1:])), content)
        elif path.suffix in _COPIED:
            _write(project / package / place, path.read_text(encoding="utf-8").replace(_BRAND, title))


def _this_fumehood() -> str:
    """Return what a requirement says after the name, so that the project gets the Fumehood that made it.

    That is its version, or the place that it was installed from when that was no package index (PEP 610).
    """
    from importlib.metadata import PackageNotFoundError, distribution

    from fumehood import __version__

    try:
        told = json.loads(distribution("fumehood").read_text("direct_url.json") or "{}")
    except (PackageNotFoundError, ValueError):
        told = {}
    if "url" not in told:
        return f"=={__version__}"
    version_control = told.get("vcs_info")
    if version_control:
        return f" @ {version_control['vcs']}+{told['url']}@{version_control['commit_id']}"
    return f" @ {told['url']}"


def _ordinary(parts: tuple[str, ...]) -> tuple[str, ...]:
    """Return where a file of the template goes: ``gitignore.in`` is ``.gitignore``."""
    last = parts[-1].removesuffix(".in")
    return (*parts[:-1], f".{last}" if last == "gitignore" else last)


def _write(path: Path, content: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content, encoding="utf-8")
