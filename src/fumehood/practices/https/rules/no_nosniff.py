from __future__ import annotations

from collections.abc import Iterator

from fumehood.engines.live import LiveApp, LiveCheck
from fumehood.findings import Evidence, Finding, Rule, Severity, Unknown


class NoNosniff(Rule, LiveCheck):
    """Browsers may guess the type of answers.

    ## What it finds

    Answers without `X-Content-Type-Options: nosniff`.

    ## Why it is bad

    A browser that guesses may run an uploaded text or image as a script of the site.

    ## Example

    ```python
    from flask import Flask

    app = Flask(__name__)


    @app.get("/")
    def index():
        return "<h1>Shop</h1>"
    ```

    ## Use instead

    ```python
    from flask import Flask

    app = Flask(__name__)


    @app.after_request
    def no_guessing(response):
        response.headers["X-Content-Type-Options"] = "nosniff"
        return response


    @app.get("/")
    def index():
        return "<h1>Shop</h1>"
    ```

    ## References

    - [MDN: X-Content-Type-Options](https://developer.mozilla.org/en-US/docs/Web/HTTP/Reference/Headers/X-Content-Type-Options)
    - [CWE-430: Deployment of Wrong Handler](https://cwe.mitre.org/data/definitions/430.html)
    """

    id = "FH311"
    name = "no-nosniff"
    severity = Severity.LOW
    cwe = 430
    asvs = ("v5.0.0-3.4.4",)
    from_answers = True

    def live(self, app: LiveApp) -> Iterator[Finding | Unknown]:
        answers = [item for item in app.asked("page") or app.asked("missing") if not 300 <= item.status < 400]
        bare = [
            item for item in answers if item.header("X-Content-Type-Options").strip().lower() != "nosniff"
        ]
        if bare:
            yield self.finding(
                f"{len(bare)} of {len(answers)} answers have no X-Content-Type-Options: nosniff.",
                evidence=tuple(Evidence("header", f"{item}: no nosniff") for item in bare[:3]),
                fix="Install Fumehood(app), or send X-Content-Type-Options: nosniff with every answer.",
            )
