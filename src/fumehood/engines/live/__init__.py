"""Looks at the imported application: configuration, routes, hooks, extensions, and the answers of its pages."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from fumehood.engines.live.facts import LiveApp, Project
from fumehood.findings import Finding, Unknown

__all__ = ["LiveApp", "LiveCheck", "Project", "ProjectCheck"]


class LiveCheck:
    """A rule that the live engine can show: a pure function of what was recorded of the application.

    Attributes:
        from_answers: the rule judges nothing but answers, so that those of a site at a live address do as well.
    """

    from_answers: ClassVar[bool] = False

    def live(self, app: LiveApp) -> Iterator[Finding | Unknown]:
        """Yield a finding for each place where the rule is broken; an :class:`Unknown` where it cannot be told."""
        raise NotImplementedError


class ProjectCheck:
    """A rule that the project's files show without importing the application: what it requires, what it commits."""

    def project(self, project: Project) -> Iterator[Finding | Unknown]:
        """Yield a finding for each place where the rule is broken; an :class:`Unknown` where it cannot be told."""
        raise NotImplementedError
