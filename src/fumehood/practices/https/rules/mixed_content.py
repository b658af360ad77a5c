from __future__ import annotations

from collections.abc import Iterator

from fumehood.engines.live import LiveApp, LiveCheck
from fumehood.findings import Evidence, Finding, Rule, Severity, Unknown
from fumehood.practices.https.answers import frames_and_forms_of, scripts_of, style_sheets_of


class MixedContent(Rule, LiveCheck):
    """A page loads or sends over plain HTTP.

    ## What it finds

    Pages with scripts, style sheets, frames or forms whose address begins with `http://`.

    ## Why it is bad

    Somebody on the way can replace the script, and reads what the form sends. Browsers block some of it, so the page also breaks.

    ## Example

    ```python
    from flask import Flask

    app = Flask(__name__)


    @app.get("/")
    def index():
        return '<script src="http://cdn.example/chart.js"></script>'
    ```

    ## Use instead

    ```python
    from flask import Flask

    app = Flask(__name__)


    @app.get("/")
    def index():
        return '<script src="/static/chart.js"></script>'
    ```

    ## References

    - [MDN: mixed content](https://developer.mozilla.org/en-US/docs/Web/Security/Mixed_content)
    - [CWE-311: Missing Encryption of Sensitive Data](https://cwe.mitre.org/data/definitions/311.html)
    """

    id = "FH317"
    name = "mixed-content"
    severity = Severity.MEDIUM
    cwe = 311
    asvs = ("v5.0.0-12.2.1",)
    from_answers = True

    def live(self, app: LiveApp) -> Iterator[Finding | Unknown]:
        seen: set[str] = set()
        for page in app.pages:
            addresses = [tag["src"] for tag in scripts_of(page.body)] + [
                tag["href"] for tag in style_sheets_of(page.body)
            ]
            for address in (*addresses, *frames_and_forms_of(page.body)):
                if address.startswith("http://") and address not in seen:
                    seen.add(address)
                    yield self.finding(
                        f"{page.path} uses {address[:120]} over plain HTTP.",
                        route=f"GET {page.path}",
                        evidence=(Evidence("response", f"{page}: {address[:120]}"),),
                        fix="Use https://, or a copy of your own.",
                    )
