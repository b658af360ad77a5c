"""Where the notebook's configuration comes from: the environment, with defaults that need nothing else on the machine."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from fumehood import ConfigurationError

__all__ = ["configure", "instance_folder"]

# Of the environment, but not a setting of the hood.
_OWN = frozenset({"FUMEHOOD_INSTANCE"})


def instance_folder(config: Mapping[str, Any] | None) -> str:
    """Return the folder of everything that the application keeps: ``FUMEHOOD_INSTANCE``, else ``instance`` in the working directory."""
    given = (config or {}).get("INSTANCE_PATH") or os.environ.get("FUMEHOOD_INSTANCE") or "instance"
    return str(Path(given).expanduser().resolve())


def configure(app: Flask, config: Mapping[str, Any] | None) -> None:
    """Fill ``app.config``: defaults, then ``FLASK_*``, ``FUMEHOOD_*`` and ``DATABASE_URL`` of the environment, then ``config``.

    Raises:
        ConfigurationError: when the folder for what is kept cannot be made, or a value makes no sense.
    """
    try:
        # Nobody else on the machine has business in there.
        Path(app.instance_path).mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigurationError(
            f"The folder {app.instance_path} cannot be made: {error.strerror}. Set FUMEHOOD_INSTANCE to one that can."
        ) from None
    database = Path(app.instance_path, "notebook.sqlite3")
    app.config.update(
        SITE_NAME="Benchbook",
        ADMINISTRATOR_EMAIL="admin@example.org",
        SQLALCHEMY_DATABASE_URI=f"sqlite:///{database}",
        FUMEHOOD_SIGN_UP=True,
        NEWCOMERS="wait",
        SECURITY_MSG_GENERIC_AUTHN_FAILED=("The e-mail address or the password is wrong.", "error"),
        # A note with pictures of a microscope is bigger than what the hood allows a plain form.
        MAX_CONTENT_LENGTH=32 * 1024 * 1024,
    )
    if address := os.environ.get("DATABASE_URL"):
        app.config["SQLALCHEMY_DATABASE_URI"] = address
    app.config.from_prefixed_env()
    for name, value in os.environ.items():
        if name.startswith("FUMEHOOD_") and name not in _OWN:
            app.config[name] = value
    app.config.update(config or {})
    if app.config["NEWCOMERS"] not in {"wait", "read"}:
        raise ConfigurationError(
            f"FLASK_NEWCOMERS must be wait (an administrator lets them in) or read (whoever signs up), not {app.config['NEWCOMERS']!r}."
        )
    app.config["SQLALCHEMY_DATABASE_URI"] = _with_driver(app.config["SQLALCHEMY_DATABASE_URI"])


def _with_driver(address: Any) -> URL:
    """Read the database's address: hosts give it as ``postgres://``; SQLAlchemy wants to know the driver too.

    Raises:
        ConfigurationError: for an address that is none, or of a database for which there are no migrations.
    """
    try:
        url = make_url(address)
    except ArgumentError:
        url = URL.create("")
    if url.drivername in {"postgres", "postgresql"}:
        url = url.set(drivername="postgresql+psycopg")
    if url.get_backend_name() not in {"sqlite", "postgresql"}:
        # The address is not repeated: it may hold a password.
        raise ConfigurationError(
            "DATABASE_URL must be the address of a PostgreSQL or SQLite database, such as postgresql://user@host/name or "
            "sqlite:////folder/notebook.sqlite3."
        )
    return url
