from __future__ import annotations

from collections.abc import Iterator

from fumehood.engines.live import LiveApp, LiveCheck
from fumehood.findings import Evidence, Finding, Rule, Severity, Unknown


class ErrorsNotLogged(Rule, LiveCheck):
    """Errors are not logged.

    ## What it finds

    An application logger that is disabled, or whose level is above ERROR.

    ## Why it is bad

    Flask writes unhandled exceptions to this logger and nowhere else: attacks that make the application fail are not seen.

    ## Example

    ```python
    import logging

    from flask import Flask

    app = Flask(__name__)
    app.logger.setLevel(logging.CRITICAL)
    ```

    ## Use instead

    ```python
    import logging

    from flask import Flask

    app = Flask(__name__)
    app.logger.setLevel(logging.INFO)
    ```

    ## References

    - [Flask: logging](https://flask.palletsprojects.com/en/stable/logging/)
    - [CWE-778: Insufficient Logging](https://cwe.mitre.org/data/definitions/778.html)
    """

    id = "FH1004"
    name = "errors-not-logged"
    severity = Severity.LOW
    cwe = 778
    asvs = ("v5.0.0-16.3.4",)

    def live(self, app: LiveApp) -> Iterator[Finding | Unknown]:
        logging = app.details["logging"]
        if logging["disabled"] or logging["level"] > 40:
            said = "is disabled" if logging["disabled"] else f"has level {logging['level']}, above ERROR (40)"
            yield self.finding(
                "Unhandled errors are logged nowhere.",
                evidence=(Evidence("setting", f"app.logger {said}"),),
                fix="Let app.logger be enabled, at ERROR or below.",
            )
