from __future__ import annotations

from collections.abc import Iterator

from fumehood.engines.live import LiveApp, LiveCheck
from fumehood.findings import Evidence, Finding, Rule, Severity, Unknown


class ExceptionsPropagate(Rule, LiveCheck):
    """Errors leave the application unhandled.

    ## What it finds

    `PROPAGATE_EXCEPTIONS` switched on outside of debug and test mode, or a view that was made to fail and whose exception came out of the WSGI callable.

    ## Why it is bad

    Flask then neither logs the error nor shows its error page; what the visitor sees and what is kept is up to the server.

    ## Example

    ```python
    from flask import Flask

    app = Flask(__name__)
    app.config["PROPAGATE_EXCEPTIONS"] = True
    ```

    ## Use instead

    ```python
    from flask import Flask

    app = Flask(__name__)
    ```

    ## References

    - [Flask: PROPAGATE_EXCEPTIONS](https://flask.palletsprojects.com/en/stable/config/#PROPAGATE_EXCEPTIONS)
    - [CWE-248: Uncaught Exception](https://cwe.mitre.org/data/definitions/248.html)
    """

    id = "FH1002"
    name = "exceptions-propagate"
    severity = Severity.LOW
    cwe = 248
    asvs = ("v5.0.0-16.5.4",)

    def live(self, app: LiveApp) -> Iterator[Finding | Unknown]:
        if app.debug or app.testing:
            return  # debug-mode is about these
        raised = [answer for answer in app.answers if answer.purpose == "error" and answer.raised]
        if app.config.get("PROPAGATE_EXCEPTIONS") or raised:
            yield self.finding(
                "An error in a view leaves the application unhandled and unlogged.",
                location=app.place("PROPAGATE_EXCEPTIONS"),
                evidence=(
                    Evidence("setting", f"PROPAGATE_EXCEPTIONS is {app.config.get('PROPAGATE_EXCEPTIONS')}"),
                    *(Evidence("response", str(answer)) for answer in raised[:1]),
                ),
                fix="Remove PROPAGATE_EXCEPTIONS; Flask then logs errors and shows its error page.",
            )
