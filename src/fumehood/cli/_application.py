"""Finds the application that a command is about, and says plainly why it cannot be had."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from fumehood.settings import ConfigurationError

if TYPE_CHECKING:
    from flask import Flask

__all__ = ["load"]


def load(target: str) -> Flask:
    """Import ``MODULE[:ATTR]``, with the present folder searched first, and return its application.

    Raises:
        ConfigurationError: when it cannot be imported or made.
    """
    from fumehood.engines.live.target import TargetError
    from fumehood.engines.live.target import load as load_target

    try:
        return load_target(Path.cwd(), target)
    except TargetError as error:
        if isinstance(error.__cause__, ConfigurationError):
            raise error.__cause__ from None  # it has words of its own, for people, in lines of its own
        raise ConfigurationError(f"The application {target} cannot start: {error}.") from None
