from __future__ import annotations

from collections.abc import Iterator

from fumehood.engines.live import LiveApp, LiveCheck
from fumehood.findings import Evidence, Finding, Rule, Severity, Unknown


class NoReferrerPolicy(Rule, LiveCheck):
    """Other sites learn addresses of pages.

    ## What it finds

    HTML answers without a `Referrer-Policy`, or with one that sends whole addresses to other sites.

    ## Why it is bad

    Addresses hold search terms, ids and reset tokens. Today's browsers cut them by themselves, older ones and other clients do not.

    ## Example

    ```python
    from flask import Flask

    app = Flask(__name__)


    @app.get("/")
    def index():
        return "<a href='https://other.example'>more</a>"
    ```

    ## Use instead

    ```python
    from flask import Flask

    app = Flask(__name__)


    @app.after_request
    def keep_addresses(response):
        response.headers["Referrer-Policy"] = "strict-origin-when-cross-origin"
        return response


    @app.get("/")
    def index():
        return "<a href='https://other.example'>more</a>"
    ```

    ## References

    - [MDN: Referrer-Policy](https://developer.mozilla.org/en-US/docs/Web/HTTP/Reference/Headers/Referrer-Policy)
    - [CWE-201: Insertion of Sensitive Information Into Sent Data](https://cwe.mitre.org/data/definitions/201.html)
    """

    id = "FH313"
    name = "no-referrer-policy"
    severity = Severity.INFO
    cwe = 201
    asvs = ("v5.0.0-3.4.5",)
    from_answers = True

    def live(self, app: LiveApp) -> Iterator[Finding | Unknown]:
        wide = {"unsafe-url", "no-referrer-when-downgrade", "origin-when-cross-origin"}
        for page in app.pages:
            # A list falls back from right to left; the last one counts that a browser knows.
            policy = page.header("Referrer-Policy").rpartition(",")[2].strip().lower()
            if not policy or policy in wide:
                yield self.finding(
                    "Pages have no Referrer-Policy."
                    if not policy
                    else f"The Referrer-Policy {policy} sends whole addresses to other sites.",
                    severity=self.severity if not policy else Severity.LOW,
                    evidence=(Evidence("header", f"{page}: Referrer-Policy {policy or 'missing'}"),),
                    fix="Install Fumehood(app), or send Referrer-Policy: strict-origin-when-cross-origin with every page.",
                )
                return
