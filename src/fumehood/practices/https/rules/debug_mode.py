from __future__ import annotations

from collections.abc import Iterator

from fumehood.engines.live import LiveApp, LiveCheck
from fumehood.findings import Evidence, Finding, Rule, Severity, Unknown


class DebugMode(Rule, LiveCheck):
    """The application is configured to run in debug or test mode.

    ## What it finds

    `DEBUG` or `TESTING` switched on in the application's own configuration.

    ## Why it is bad

    In debug mode an error shows the source and the values around it, and Werkzeug's console runs any Python that a visitor types once
    they have its PIN. In test mode, errors propagate and extensions switch checks off.

    ## Example

    ```python
    from flask import Flask

    app = Flask(__name__)
    app.config["DEBUG"] = True
    ```

    ## Use instead

    Say it when starting, on your own machine only: `flask run --debug`.

    ```python
    from flask import Flask

    app = Flask(__name__)
    ```

    ## References

    - [CWE-489: Active Debug Code](https://cwe.mitre.org/data/definitions/489.html)
    - [Flask: debug mode](https://flask.palletsprojects.com/en/stable/config/#DEBUG)
    """

    id = "FH310"
    name = "debug-mode"
    severity = Severity.HIGH
    cwe = 489
    asvs = ("v5.0.0-13.4.2", "v5.0.0-15.2.3")

    def live(self, app: LiveApp) -> Iterator[Finding | Unknown]:
        for setting, on, severity in (
            ("DEBUG", app.debug, Severity.HIGH),
            ("TESTING", app.testing, Severity.MEDIUM),
        ):
            if on:
                yield self.finding(
                    f"The application runs with {setting} on.",
                    severity=severity,
                    location=app.place(setting),
                    evidence=(Evidence("setting", f"{setting} is true"),),
                    fix=f"Take {setting} out of the configuration; for your own machine there is flask run --debug.",
                )
