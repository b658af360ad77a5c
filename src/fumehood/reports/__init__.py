"""What an audit found, for people and for machines: text, JSON, SARIF 2.1.0, Markdown, HTML."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module

from fumehood.audit import AuditResult

__all__ = ["FORMATS", "renderer"]

FORMATS = ("text", "json", "sarif", "markdown", "html")


def renderer(name: str) -> Callable[[AuditResult], str]:
    """Return the function that writes a result in one of :data:`FORMATS`."""
    if name not in FORMATS:
        raise ValueError(f"{name!r} is not a format; there are {', '.join(FORMATS)}")
    render: Callable[[AuditResult], str] = import_module(f"fumehood.reports.{name}").render
    return render
