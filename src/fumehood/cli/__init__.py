"""The command line: one command a file. ``cli/<name>.py`` holds ``command``, found by its file's name."""

from __future__ import annotations

import gc
import sys
from importlib import import_module
from pkgutil import iter_modules

import click

from fumehood.engines.collecting import seldom_collected
from fumehood.settings import ConfigurationError

__all__ = ["main"]


class _Commands(click.Group):
    """Loads a command's module only when it is called, so that one command's imports do not slow another."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(info.name for info in iter_modules(__path__) if not info.name.startswith("_"))

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self.list_commands(ctx):
            return None
        with seldom_collected():
            command: click.Command = import_module(f"{__name__}.{cmd_name}").command
        return command


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="fumehood")
def fumehood() -> None:
    """Secure a Flask application, and prove that it is secure."""


def main() -> None:
    """Run the command line. Exit status 2 with one message for every error that is not a finding."""
    try:
        fumehood(prog_name="fumehood")
    except ConfigurationError as error:
        click.echo(f"fumehood: {error}", err=True)
        sys.exit(2)
    finally:
        gc.freeze()  # what there is goes with the process: nothing of it need be looked at once more
