"""Benchbook: a laboratory notebook on which the ten practices hold. ``fumehood new`` copies it as a project of your own.

It uses nothing of Fumehood but its public API, and names itself nowhere: imports are relative, so that a copy works under any name.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Flask

__all__ = ["create_app", "prepare"]


def create_app(config: Mapping[str, Any] | None = None) -> Flask:
    """Make the application.

    Parameters:
        config: configuration that wins over the environment (``FLASK_*``, ``FUMEHOOD_*``, ``DATABASE_URL``); for tests.

    Raises:
        fumehood.ConfigurationError: when it cannot start safely.
    """
    from fumehood import Fumehood

    from . import (
        account,
        api,
        attachments,
        comments,
        journal,
        mishaps,
        notes,
        numbers,
        pages,
        people,
        setup,
        sharing,
    )
    from .configuration import configure, instance_folder
    from .database import db, migrate
    from .models import Role, User

    app = Flask(__name__, instance_path=instance_folder(config), instance_relative_config=True)
    app.jinja_options = {"trim_blocks": True, "lstrip_blocks": True}
    configure(app, config)
    numbers.init_app(app)
    db.init_app(app)
    migrate.init_app(app)
    Fumehood(app, db=db, user=User, role=Role)
    for part in (notes, comments, attachments, sharing, account, people, journal, api):
        app.register_blueprint(part.blueprint)
    pages.init_app(app)
    account.init_app(app)
    mishaps.init_app(app)
    app.cli.add_command(setup.command)
    return app


def prepare(app: Flask) -> None:
    """Create or migrate the database, the roles and the first administrator; ``fumehood run`` calls it before it serves.

    Raises:
        fumehood.ConfigurationError: when the database cannot be used.
    """
    from .setup import prepare

    prepare(app)
