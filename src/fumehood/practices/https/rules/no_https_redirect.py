from __future__ import annotations

from collections.abc import Iterator

from fumehood.engines.live import LiveApp, LiveCheck
from fumehood.findings import Evidence, Finding, Rule, Severity, Unknown


class NoHttpsRedirect(Rule, LiveCheck):
    """The application answers over plain HTTP.

    ## What it finds

    A page that is served in full when it is asked for with `http://`, where a redirect to `https://` belongs.

    ## Why it is bad

    The first request of a visitor, and every old link and bookmark, goes over plain HTTP. Whoever is on the way reads and changes
    what is answered. A proxy in front may redirect, but the day it is replaced or bypassed nothing else does.

    ## Example

    ```python
    from flask import Flask

    app = Flask(__name__)


    @app.get("/")
    def index():
        return "<h1>Shop</h1>"
    ```

    ## Use instead

    `Fumehood(app)` redirects, to hosts that are yours only. By hand:

    ```python
    from flask import Flask, redirect, request

    app = Flask(__name__)
    app.config["TRUSTED_HOSTS"] = ["shop.example", "localhost"]


    @app.before_request
    def https_only():
        if not request.is_secure:
            return redirect(request.url.replace("http://", "https://", 1), 308)


    @app.get("/")
    def index():
        return "<h1>Shop</h1>"
    ```

    ## References

    - [CWE-319: Cleartext Transmission of Sensitive Information](https://cwe.mitre.org/data/definitions/319.html)
    - [MDN: TLS redirection](https://developer.mozilla.org/en-US/docs/Web/Security/Practical_implementation_guides/TLS)
    """

    id = "FH301"
    name = "no-https-redirect"
    severity = Severity.MEDIUM
    cwe = 319
    asvs = ("v5.0.0-12.2.1", "v5.0.0-4.1.2")
    from_answers = True

    def live(self, app: LiveApp) -> Iterator[Finding | Unknown]:
        asked = app.asked("plain")
        if not asked:
            yield Unknown(self.id, "no page answered over http")
        for answer in asked:
            if 200 <= answer.status < 300:
                yield self.finding(
                    f"{answer.path} is served over plain HTTP instead of redirecting to HTTPS.",
                    evidence=(Evidence("response", str(answer)),),
                    fix="Install Fumehood(app), or redirect in a before_request; and let the proxy in front redirect too.",
                )
