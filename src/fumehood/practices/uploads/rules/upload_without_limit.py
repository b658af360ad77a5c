from __future__ import annotations

from collections.abc import Iterator

from fumehood.engines.live import LiveApp, LiveCheck
from fumehood.findings import Evidence, Finding, Rule, Severity, Unknown


class UploadWithoutLimit(Rule, LiveCheck):
    """Files of any size are taken.

    ## What it finds

    Routes whose code reads `request.files`, or a form with a file field, in an application without `MAX_CONTENT_LENGTH`.

    ## Why it is bad

    Flask writes a file to the temporary folder while it arrives: one request fills the disk, for this and for every other program on the machine.

    ## Example

    ```python
    from flask import Flask, request

    app = Flask(__name__)


    @app.post("/photos")
    def add():
        return {"name": request.files["photo"].filename}
    ```

    ## Use instead

    ```python
    from flask import Flask, request

    app = Flask(__name__)
    app.config["MAX_CONTENT_LENGTH"] = 16 * 1024 * 1024


    @app.post("/photos")
    def add():
        return {"name": request.files["photo"].filename}
    ```

    ## References

    - [Flask: uploading files](https://flask.palletsprojects.com/en/stable/patterns/fileuploads/#improving-uploads)
    - [CWE-770: Allocation of Resources Without Limits](https://cwe.mitre.org/data/definitions/770.html)
    """

    id = "FH901"
    name = "upload-without-limit"
    severity = Severity.MEDIUM
    cwe = 770
    asvs = ("v5.0.0-5.2.1",)

    def live(self, app: LiveApp) -> Iterator[Finding | Unknown]:
        if app.config.get("MAX_CONTENT_LENGTH") is not None:
            return
        for route in app.own_routes:
            if route.changes_state and "files" in route.view.names:
                yield self.finding(
                    f"{route.rule} takes files of any size.",
                    location=route.view.location,
                    route=f"POST {route.rule}",
                    evidence=(
                        Evidence("setting", "MAX_CONTENT_LENGTH is None"),
                        Evidence("route", f"{route} reads request.files"),
                    ),
                    fix="Set MAX_CONTENT_LENGTH, in bytes, or install Fumehood(app).",
                )
