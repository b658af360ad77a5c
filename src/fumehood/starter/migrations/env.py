"""Alembic's environment: inside the transaction of setup.py, or, for ``flask db``, in one of its own."""

from __future__ import annotations

from alembic import context
from flask import current_app
from sqlalchemy import Connection


def _include(_object: object, name: str | None, kind: str, _reflected: bool, _compare_to: object) -> bool:
    """Leave alone what the models do not say: the search index, and the tables of the hood on a shared server."""
    apart = {"table": ("note_search", "fumehood_"), "index": ("ix_note_search", "ix_fumehood_", "fumehood_")}
    return not (kind in apart and (name or "").startswith(apart[kind]))


def run(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=current_app.extensions["migrate"].db.metadata,
        include_object=_include,
        # SQLite cannot alter most of a table; it is copied.
        render_as_batch=True,
        transactional_ddl=True,
    )
    with context.begin_transaction():
        context.run_migrations()


if context.is_offline_mode():
    context.configure(
        url=current_app.config["SQLALCHEMY_DATABASE_URI"],
        target_metadata=current_app.extensions["migrate"].db.metadata,
        literal_binds=True,
    )
    with context.begin_transaction():
        context.run_migrations()
elif given := context.config.attributes.get("connection"):
    run(given)
else:
    from importlib import import_module

    with import_module(f"{current_app.import_name}.setup").migrating() as connection:
        run(connection)
