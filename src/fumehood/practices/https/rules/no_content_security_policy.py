from __future__ import annotations

from collections.abc import Iterator

from fumehood.engines.live import LiveApp, LiveCheck
from fumehood.findings import Evidence, Finding, Rule, Severity, Unknown


class NoContentSecurityPolicy(Rule, LiveCheck):
    """Pages have no Content-Security-Policy.

    ## What it finds

    HTML answers without a `Content-Security-Policy` header; one that only reports does not count.

    ## Why it is bad

    The policy is the second line behind escaping: with it, a script that somebody smuggles into a page does not run.

    ## Example

    ```python
    from flask import Flask

    app = Flask(__name__)


    @app.get("/")
    def index():
        return "<h1>Shop</h1>"
    ```

    ## Use instead

    `Fumehood(app)` sends a strict one with a nonce for each page. By hand:

    ```python
    from flask import Flask

    app = Flask(__name__)


    @app.after_request
    def policy(response):
        response.headers["Content-Security-Policy"] = "default-src 'self'; object-src 'none'; base-uri 'none'"
        return response


    @app.get("/")
    def index():
        return "<h1>Shop</h1>"
    ```

    ## References

    - [MDN: Content Security Policy](https://developer.mozilla.org/en-US/docs/Web/HTTP/Guides/CSP)
    - [CWE-693: Protection Mechanism Failure](https://cwe.mitre.org/data/definitions/693.html)
    """

    id = "FH303"
    name = "no-content-security-policy"
    severity = Severity.MEDIUM
    cwe = 693
    asvs = ("v5.0.0-3.4.3",)
    from_answers = True

    def live(self, app: LiveApp) -> Iterator[Finding | Unknown]:
        bare = [page for page in app.pages if not page.header("Content-Security-Policy")]
        if bare:
            yield self.finding(
                f"{len(bare)} of {len(app.pages)} HTML answers have no Content-Security-Policy.",
                evidence=tuple(
                    Evidence("header", f"{page}: no Content-Security-Policy") for page in bare[:5]
                ),
                fix="Install Fumehood(app), or send a policy with nonces: default-src 'self'; object-src 'none'; base-uri 'none'.",
            )
