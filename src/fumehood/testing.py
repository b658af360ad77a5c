"""For an application's own tests: what the tests need that ``fumehood audit --attack`` writes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from flask import Flask, request
from flask.testing import FlaskClient

from fumehood.engines.attack.outbox import Outbox
from fumehood.engines.sinks import KEY, Watch, install
from fumehood.engines.sinks.observation import Observation

__all__ = ["dangers", "hidden_fields", "marked_up", "token_of"]


class _Stopped(PermissionError):
    """Raised where a request's value would have changed what a dangerous call does."""


@contextmanager
def dangers(app: Flask) -> Iterator[set[str]]:
    """Watch an application's requests: a value that would change the meaning of a dangerous call stops that call, and is told.

    Parameters:
        app: the application, as in ``client.application``.

    Yields:
        the kinds of calls that were stopped: "sql", "shell", "path", "url", "template", "code", "object" ...
    """
    seen: set[str] = set()

    def stop(observation: Observation) -> None:
        seen.add(observation.sink)
        raise _Stopped(observation.why)

    before, original = app.extensions.get(KEY), app.full_dispatch_request
    watch = Watch(stop, remembers=False)
    install(app, watch)

    def watched(*args: Any) -> Any:
        watch.begin(request._get_current_object())  # type: ignore[attr-defined]
        return original(*args)

    app.full_dispatch_request = watched  # type: ignore[method-assign]
    try:
        # Libraries wrap what stopped the call; whether it was reached is all that is asked. Mail goes to nobody's server.
        with Outbox().standing_in(), suppress(Exception):
            yield seen
    finally:
        del app.full_dispatch_request
        if (
            getattr(original, "__func__", None) is not Flask.full_dispatch_request
        ):  # somebody else had replaced it too
            app.full_dispatch_request = original  # type: ignore[method-assign]
        app.extensions.pop(KEY)
        if before is not None:
            app.extensions[KEY] = before


def hidden_fields(client: FlaskClient, path: str) -> dict[str, str]:
    """Return the hidden fields of a page's forms, such as its CSRF token, for this client's session."""
    from fumehood.engines.attack.pages import read

    page = read(client.get(path, base_url="https://localhost").text, path)
    return {
        name: value for form in page.forms for name, (kind, value) in form.fields.items() if kind == "hidden"
    }


def marked_up(response: Any, marker: str) -> str:
    """Say where a word that was sent has become markup or code of a page; "" when it is text."""
    from fumehood.engines.attack.pages import read

    html = (response.mimetype or "").startswith(("text/html", "application/xhtml"))
    return read(response.text).injected(marker) if html else ""


def token_of(response: Any) -> str:
    """Return the token that an answer gives to be shown later; "" when there is none."""
    from fumehood.engines.attack.exchange import Exchange, Wanted
    from fumehood.engines.attack.ways import tokens

    answer = Exchange(
        Wanted("POST", ""), response.status_code, tuple(response.headers.items()), response.text
    )
    return next(iter(tokens(answer)), "")
