from __future__ import annotations

from collections.abc import Iterator

from fumehood.engines.live import LiveApp, LiveCheck
from fumehood.engines.live.facts import Answer
from fumehood.findings import Evidence, Finding, Rule, Severity, Unknown
from fumehood.practices.https.answers import scripts_of


class ScriptWithoutIntegrity(Rule, LiveCheck):
    """A page runs scripts of another host unchecked.

    ## What it finds

    `<script src>` from another host without an `integrity` attribute.

    ## Why it is bad

    Whoever takes over that host, or its account at the content network, runs what they like on your pages.

    ## Example

    ```python
    from flask import Flask

    app = Flask(__name__)


    @app.get("/")
    def index():
        return '<script src="https://cdn.example/chart.js"></script>'
    ```

    ## Use instead

    A copy of your own, or the hash of the file that you mean:

    ```python
    from flask import Flask

    app = Flask(__name__)
    HASH = "sha384-H8BRh8j48O9oYatfu5AZzq6A9RINhZO5H16dQZngK7T62em8MUt1FLm52t+eX6xO"


    @app.get("/")
    def index():
        return f'<script src="https://cdn.example/chart.js" integrity="{HASH}" crossorigin="anonymous"></script>'
    ```

    ## References

    - [MDN: Subresource Integrity](https://developer.mozilla.org/en-US/docs/Web/Security/Subresource_Integrity)
    - [CWE-829: Inclusion of Functionality from Untrusted Control Sphere](https://cwe.mitre.org/data/definitions/829.html)
    """

    id = "FH318"
    name = "script-without-integrity"
    severity = Severity.LOW
    cwe = 829
    asvs = ("v5.0.0-3.6.1",)
    from_answers = True

    def live(self, app: LiveApp) -> Iterator[Finding | Unknown]:
        seen: dict[str, Answer] = {}
        for page in app.pages:
            for tag in scripts_of(page.body):
                if tag["src"].startswith(("https://", "http://", "//")) and not tag.get("integrity"):
                    seen.setdefault(tag["src"], page)
        for source, page in seen.items():
            yield self.finding(
                f"{page.path} runs {source[:120]} unchecked.",
                route=f"GET {page.path}",
                evidence=(Evidence("response", f"{page}: <script src> without integrity"),),
                fix="Serve a copy of your own, or add integrity and crossorigin attributes.",
            )
