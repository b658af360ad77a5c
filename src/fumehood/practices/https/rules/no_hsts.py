from __future__ import annotations

from collections.abc import Iterator

from fumehood.engines.live import LiveApp, LiveCheck
from fumehood.findings import Evidence, Finding, Rule, Severity, Unknown
from fumehood.practices.https.answers import hsts_seconds


class NoHsts(Rule, LiveCheck):
    """Browsers are not told to stay with HTTPS.

    ## What it finds

    Answers over HTTPS without a `Strict-Transport-Security` header, or with one of less than half a year.

    ## Why it is bad

    Without it a browser tries plain HTTP whenever an address is typed or an old link followed, and one such request is enough for somebody on the
    same network to keep the visitor there.

    ## Example

    ```python
    from flask import Flask

    app = Flask(__name__)


    @app.get("/")
    def index():
        return "<h1>Shop</h1>"
    ```

    ## Use instead

    `Fumehood(app)`, or:

    ```python
    from flask import Flask

    app = Flask(__name__)


    @app.after_request
    def stay_with_https(response):
        response.headers["Strict-Transport-Security"] = "max-age=63072000; includeSubDomains"
        return response


    @app.get("/")
    def index():
        return "<h1>Shop</h1>"
    ```

    ## References

    - [RFC 6797: HTTP Strict Transport Security](https://www.rfc-editor.org/rfc/rfc6797)
    - [CWE-523: Unprotected Transport of Credentials](https://cwe.mitre.org/data/definitions/523.html)
    """

    id = "FH302"
    name = "no-hsts"
    severity = Severity.MEDIUM
    cwe = 523
    asvs = ("v5.0.0-3.4.1",)
    from_answers = True

    def live(self, app: LiveApp) -> Iterator[Finding | Unknown]:
        answers = app.asked("page") or app.asked("missing")
        if not answers:
            yield Unknown(self.id, "no page answered an anonymous visitor")
            return
        worst = min(answers, key=lambda answer: hsts_seconds(answer.header("Strict-Transport-Security")))
        seconds = hsts_seconds(worst.header("Strict-Transport-Security"))
        if seconds >= 15_552_000:
            return
        said = f"only {seconds} seconds" if seconds else "no Strict-Transport-Security header"
        yield self.finding(
            f"Answers over HTTPS have {said}."
            if not seconds
            else f"HSTS lasts for {said}; half a year is the least that counts.",
            severity=Severity.LOW if seconds else self.severity,
            evidence=(Evidence("header", f"{worst}: {said}"),),
            fix="Install Fumehood(app), or send Strict-Transport-Security: max-age=63072000; includeSubDomains with every answer.",
        )
