"""One application of benchmarks/shield.py in its process, with or without guards. Run by it, not by hand."""

from __future__ import annotations

import importlib
import importlib.metadata
import io
import json
import os
import sys
import tempfile
from pathlib import Path
from typing import Any


def child(target: str, guarded: bool) -> None:
    """Ask, for each line of standard input, what a request is answered: the status, the page, and whether a guard stopped it."""
    import flask

    flask.Flask.run = lambda *_, **__: None  # type: ignore[method-assign,assignment]
    sys.path.insert(0, str(Path.cwd()))
    answer = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    module, _, name = target.partition(":")
    app = getattr(importlib.import_module(module), name or "app")
    app = getattr(app, "app", app)
    app.testing, app.config["PROPAGATE_EXCEPTIONS"] = False, False
    stopped: list[str] = []
    answer.write(json.dumps(_guard(app, stopped) if guarded else "no guards") + "\n")
    answer.flush()
    for line in sys.stdin:
        method, path, parts, headers, cookies = json.loads(line)
        client = app.test_client()
        for cookie, value in cookies.items():
            client.set_cookie("localhost", cookie, value) if _old() else client.set_cookie(cookie, value)
        if "file" in parts:
            name, content = parts.pop("file")
            parts["data"] = {"file": (io.BytesIO(content.encode()), name)}
        stopped.clear()
        response = client.open(path, method=method, headers=headers, **parts)
        answer.write(
            json.dumps(
                [
                    response.status_code,
                    response.get_data(as_text=True),
                    response.headers.get("Authorization", ""),
                    stopped,
                ]
            )
            + "\n"
        )
        answer.flush()
    os._exit(0)


def _old() -> bool:
    return importlib.metadata.version("flask") < "3"


def _guard(app: Any, stopped: list[str]) -> str:
    from fumehood.engines.sinks import Watch, install

    if not _old():
        from fumehood import Fumehood, public
        from fumehood.practices.blocking import GuardSinks

        seen = GuardSinks._seen

        def noted(self: Any, observation: Any) -> None:
            stopped.append(observation.sink)
            seen(self, observation)

        GuardSinks._seen = noted  # type: ignore[method-assign]
        app.config.update(FUMEHOOD_MODE="development", FUMEHOOD_HOSTS=("localhost",), WTF_CSRF_ENABLED=True)
        app.instance_path = tempfile.mkdtemp()
        app.secret_key = os.urandom(32).hex()
        hood = Fumehood(app)
        hood.declare("*", public)
        for name, view in list(app.view_functions.items()):
            app.view_functions[name] = Fumehood.csrf_exempt(view)
        return "the hood; loosened: every route public, every view exempt from CSRF tokens"

    from flask import request
    from werkzeug.exceptions import HTTPException

    class Stopped(HTTPException):
        code = 403

    def listener(observation: Any) -> None:
        stopped.append(observation.sink)
        raise Stopped

    watch = Watch(listener)
    install(app, watch)
    original = app.full_dispatch_request

    def dispatch(*args: Any) -> Any:
        watch.begin(request._get_current_object())
        return original(*args)

    app.full_dispatch_request = dispatch
    return "the guard of the sinks alone: the hood refuses this Flask"


if __name__ == "__main__":
    child(sys.argv[1], sys.argv[2] == "guarded")
