"""Small applications under the hood, as they run in production: not testing, not debugging."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from flask import Flask
from flask.testing import FlaskClient

from fumehood import Fumehood

HOST = "notes.example"
HTTPS = f"https://{HOST}"
HTTP = f"http://{HOST}"

# What a browser says of a request that a page of the site itself makes.
SAME_ORIGIN = {"Sec-Fetch-Site": "same-origin", "Origin": HTTPS}


def bare_app(folder: Path, **config: Any) -> Flask:
    """An application without a hood."""
    app = Flask("notes", instance_path=str(folder / "instance"))
    app.config["TRUSTED_HOSTS"] = [HOST, "localhost", "127.0.0.1"]
    app.config.update(config)
    return app


def hooded_app(folder: Path, settings: dict[str, Any] | None = None, **config: Any) -> Flask:
    """An application under the hood; ``config`` goes to Flask, ``settings`` to the hood."""
    app = bare_app(folder, **config)
    Fumehood(app, settings=settings)
    return app


def browser(app: Flask, peer: str = "192.0.2.7") -> FlaskClient:
    """A client on another machine; give it ``base_url=HTTPS``."""
    client = app.test_client()
    client.environ_base["REMOTE_ADDR"] = peer
    return client
