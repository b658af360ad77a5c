from __future__ import annotations

from collections.abc import Iterator

from fumehood.engines.live import LiveApp, LiveCheck
from fumehood.findings import Evidence, Finding, Rule, Severity, Unknown


class FormLimitsRemoved(Rule, LiveCheck):
    """The limits on forms are switched off.

    ## What it finds

    `MAX_FORM_MEMORY_SIZE` or `MAX_FORM_PARTS` set to `None`, or to far more than a form needs.

    ## Why it is bad

    A form of millions of fields costs seconds of processor time and gigabytes of memory to read, before any of the application's own code runs.

    ## Example

    ```python
    from flask import Flask

    app = Flask(__name__)
    app.config["MAX_FORM_PARTS"] = None
    ```

    ## Use instead

    ```python
    from flask import Flask

    app = Flask(__name__)
    app.config["MAX_FORM_PARTS"] = 2000
    ```

    ## References

    - [Flask: MAX_FORM_PARTS](https://flask.palletsprojects.com/en/stable/config/#MAX_FORM_PARTS)
    - [CWE-400: Uncontrolled Resource Consumption](https://cwe.mitre.org/data/definitions/400.html)
    """

    id = "FH404"
    name = "form-limits-removed"
    severity = Severity.MEDIUM
    cwe = 400
    asvs = ("v5.0.0-5.2.1",)

    def live(self, app: LiveApp) -> Iterator[Finding | Unknown]:
        for setting, most in (("MAX_FORM_PARTS", 100_000), ("MAX_FORM_MEMORY_SIZE", 100_000_000)):
            if setting not in app.config:
                continue  # a Flask without this setting is what unsupported-flask is about
            value = app.config[setting]
            if value is None or (isinstance(value, int) and value > most):
                yield self.finding(
                    f"{setting} is {'switched off' if value is None else value}.",
                    location=app.place(setting),
                    evidence=(Evidence("setting", f"{setting} is {value}"),),
                    fix=f"Remove it: Flask has a default; or set {setting} to what the largest form needs.",
                )
