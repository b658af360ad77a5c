from __future__ import annotations

from collections.abc import Iterator

from fumehood.engines.live import LiveApp, LiveCheck
from fumehood.findings import Evidence, Finding, Rule, Severity, Unknown


class NoOpenerPolicy(Rule, LiveCheck):
    """Pages keep a handle for windows of other sites.

    ## What it finds

    HTML answers without `Cross-Origin-Opener-Policy`, in an application where people sign in.

    ## Why it is bad

    A site that opens the page in a window can watch and steer that window: see where it is taken, count its frames, send it elsewhere.

    ## Example

    ```python
    from flask import Flask, session

    app = Flask(__name__)


    @app.route("/login", methods=["GET", "POST"])
    def login():
        session["name"] = "ann"
        return "<h1>Welcome</h1>"
    ```

    ## Use instead

    ```python
    from flask import Flask, session

    app = Flask(__name__)


    @app.after_request
    def isolate(response):
        response.headers["Cross-Origin-Opener-Policy"] = "same-origin"
        return response


    @app.route("/login", methods=["GET", "POST"])
    def login():
        session["name"] = "ann"
        return "<h1>Welcome</h1>"
    ```

    ## References

    - [MDN: Cross-Origin-Opener-Policy](https://developer.mozilla.org/en-US/docs/Web/HTTP/Reference/Headers/Cross-Origin-Opener-Policy)
    - [CWE-346: Origin Validation Error](https://cwe.mitre.org/data/definitions/346.html)
    """

    id = "FH312"
    name = "no-opener-policy"
    severity = Severity.INFO
    cwe = 346
    asvs = ("v5.0.0-3.4.8",)
    from_answers = True

    def live(self, app: LiveApp) -> Iterator[Finding | Unknown]:
        if not app.has_people:
            return
        bare = [
            page
            for page in app.pages
            if not page.header("Cross-Origin-Opener-Policy").startswith(("same-origin", "noopener"))
        ]
        if bare:
            yield self.finding(
                f"{len(bare)} of {len(app.pages)} HTML answers have no Cross-Origin-Opener-Policy.",
                evidence=tuple(
                    Evidence("header", f"{page}: no Cross-Origin-Opener-Policy") for page in bare[:3]
                ),
                fix="Install Fumehood(app), or send Cross-Origin-Opener-Policy: same-origin with every page.",
            )
