"""``fumehood routes``: who may come to each route."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

import click

from fumehood.cli._application import load

if TYPE_CHECKING:
    from flask import Flask

__all__ = ["command"]


@click.command("routes")
@click.option(
    "--app", "target", required=True, metavar="MODULE[:ATTR]", help="The application or its factory."
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="What to write.",
)
def command(target: str, form: str) -> None:
    """List every route and who may come to it; exit with 1 when one does not say."""
    rows = _rows(load(target))
    if form == "json":
        click.echo(json.dumps(rows, indent=2))
    else:
        _table(rows)
    undeclared = sum(not row["declared"] for row in rows)
    if undeclared:
        click.echo(
            f"{undeclared} route(s) do not say who may come. Mark each view with @public, @allow(...) or @permit(...), "
            "beneath @app.route and above other decorators.",
            err=True,
        )
        sys.exit(1)


def _rows(app: Flask) -> list[dict[str, Any]]:
    from fumehood.practices.access.policy import declared
    from fumehood.practices.interface import EXTENSION

    installation = app.extensions.get(EXTENSION)
    patterns = installation.declared if installation is not None else []
    rows: list[dict[str, Any]] = []
    for rule in sorted(app.url_map.iter_rules(), key=lambda rule: (rule.rule, rule.endpoint)):
        methods = sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})
        by_method = declared(app, rule.endpoint, patterns)
        groups: dict[str, list[str]] = {}
        for method in methods:
            says = " and ".join(map(str, by_method.get(method, ())))
            groups.setdefault(says, []).append(method)
        rows += [
            {
                "rule": rule.rule,
                "methods": held,
                "endpoint": rule.endpoint,
                "declaration": says,
                "declared": bool(says),
            }
            for says, held in groups.items()
        ]
    return rows


def _table(rows: list[dict[str, Any]]) -> None:
    lines = [
        (
            "✓" if row["declared"] else "✗",
            row["rule"],
            " ".join(row["methods"]),
            row["endpoint"],
            row["declaration"] or "nobody",
        )
        for row in rows
    ]
    widths = [max((len(line[column]) for line in lines), default=0) for column in range(5)]
    for line in lines:
        click.echo("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())
