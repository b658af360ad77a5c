from __future__ import annotations

from collections.abc import Iterator

from fumehood.engines.live import LiveApp, LiveCheck
from fumehood.findings import Evidence, Finding, Rule, Severity, Unknown


class NoBodyLimit(Rule, LiveCheck):
    """A request's body may be of any size.

    ## What it finds

    `MAX_CONTENT_LENGTH` that is not set, in an application with routes that read bodies.

    ## Why it is bad

    Flask limits forms, but not JSON, raw bodies and files: one request of gigabytes fills memory or disk and stops the service for everybody.

    ## Example

    ```python
    from flask import Flask, request

    app = Flask(__name__)


    @app.post("/notes")
    def add():
        return {"length": len(request.get_json()["text"])}
    ```

    ## Use instead

    ```python
    from flask import Flask, request

    app = Flask(__name__)
    app.config["MAX_CONTENT_LENGTH"] = 1024 * 1024


    @app.post("/notes")
    def add():
        return {"length": len(request.get_json()["text"])}
    ```

    ## References

    - [CWE-770: Allocation of Resources Without Limits](https://cwe.mitre.org/data/definitions/770.html)
    - [Flask: resource use](https://flask.palletsprojects.com/en/stable/web-security/#resource-use)
    """

    id = "FH401"
    name = "no-body-limit"
    severity = Severity.LOW
    cwe = 770
    asvs = ("v5.0.0-5.2.1",)

    def live(self, app: LiveApp) -> Iterator[Finding | Unknown]:
        if app.config.get("MAX_CONTENT_LENGTH") is not None:
            return
        # Routes that take files have a rule of their own: upload-without-limit.
        reading = [
            route for route in app.own_routes if route.changes_state and "files" not in route.view.names
        ]
        if reading:
            yield self.finding(
                f"{len(reading)} routes read bodies of any size.",
                location=app.place("MAX_CONTENT_LENGTH"),
                evidence=(
                    Evidence("setting", "MAX_CONTENT_LENGTH is None"),
                    *(Evidence("route", str(item)) for item in reading[:4]),
                ),
                fix="Set MAX_CONTENT_LENGTH to what the application needs, in bytes, or install Fumehood(app).",
            )
