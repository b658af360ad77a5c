"""Units over the cores, and the cache."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from fumehood.engines.code.analysis import Options, Unit, Worker
from fumehood.engines.code.models import Models
from fumehood.engines.code.project import Project
from fumehood.findings import Rule

if TYPE_CHECKING:
    pass

__all__ = ["run"]


def run(root: Path, rules: Sequence[Rule], models: Models, options: Options, project: Project) -> list[Unit]:
    """Return what came out of each file."""
    worker = Worker(root, rules, models, options, project)
    return [worker.unit(path) for path in project.python]
