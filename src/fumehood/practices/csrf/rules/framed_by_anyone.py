from __future__ import annotations

from collections.abc import Iterator

from fumehood.engines.live import LiveApp, LiveCheck
from fumehood.findings import Evidence, Finding, Rule, Severity, Unknown


class FramedByAnyone(Rule, LiveCheck):
    """Other sites can show pages in a frame.

    ## What it finds

    HTML answers with neither `frame-ancestors` in the Content-Security-Policy nor `X-Frame-Options`, in an application where people sign in.

    ## Why it is bad

    A site that shows the page in an invisible frame lets its visitor press buttons that they do not see.

    ## Example

    ```python
    from flask import Flask, session

    app = Flask(__name__)


    @app.route("/login", methods=["GET", "POST"])
    def login():
        session["name"] = "ann"
        return "<form method=post><button>Sign in</button></form>"
    ```

    ## Use instead

    `Fumehood(app)`, or:

    ```python
    from flask import Flask, session

    app = Flask(__name__)


    @app.after_request
    def no_frames(response):
        response.headers["Content-Security-Policy"] = "default-src 'self'; frame-ancestors 'none'"
        return response


    @app.route("/login", methods=["GET", "POST"])
    def login():
        session["name"] = "ann"
        return "<form method=post><button>Sign in</button></form>"
    ```

    ## References

    - [CWE-1021: Improper Restriction of Rendered UI Layers or Frames](https://cwe.mitre.org/data/definitions/1021.html)
    - [MDN: frame-ancestors](https://developer.mozilla.org/en-US/docs/Web/HTTP/Reference/Headers/Content-Security-Policy/frame-ancestors)
    """

    id = "FH507"
    name = "framed-by-anyone"
    severity = Severity.LOW
    cwe = 1021
    asvs = ("v5.0.0-3.4.6",)
    from_answers = True

    def live(self, app: LiveApp) -> Iterator[Finding | Unknown]:
        if not app.has_people:
            return
        if not app.asked("page") and not app.asked("missing"):
            yield Unknown(self.id, "no page answered an anonymous visitor")
        bare = [
            page
            for page in app.pages
            if "frame-ancestors" not in page.header("Content-Security-Policy")
            and page.header("X-Frame-Options").strip().lower() not in {"deny", "sameorigin"}
        ]
        if bare:
            yield self.finding(
                f"{len(bare)} of {len(app.pages)} HTML answers can be shown in another site's frame.",
                evidence=tuple(
                    Evidence("header", f"{page}: no frame-ancestors, no X-Frame-Options") for page in bare[:3]
                ),
                fix="Install Fumehood(app), or send frame-ancestors 'none' in the Content-Security-Policy.",
            )
