from __future__ import annotations

from collections.abc import Iterator

from fumehood.engines.live import LiveApp, LiveCheck
from fumehood.findings import Certainty, Evidence, Finding, Rule, Severity, Unknown


class ReflectedPath(Rule, LiveCheck):
    """A page that is not found shows its address unescaped.

    ## What it finds

    The answer to an address that does not exist, when it is HTML and contains the address's `<` and `>` as they were sent.

    ## Why it is bad

    A link to such an address runs a script of its maker's choosing in the application's pages, with the session of whoever follows it.

    ## Example

    ```python
    from urllib.parse import unquote

    from flask import Flask, request

    app = Flask(__name__)


    @app.errorhandler(404)
    def missing(error):
        return f"<h1>There is no {unquote(request.path)}</h1>", 404
    ```

    ## Use instead

    ```python
    from flask import Flask, render_template_string, request

    app = Flask(__name__)


    @app.errorhandler(404)
    def missing(error):
        return render_template_string("<h1>There is no {{ path }}</h1>", path=request.path), 404
    ```

    ## References

    - [CWE-79: Cross-site Scripting](https://cwe.mitre.org/data/definitions/79.html)
    - [OWASP Cross Site Scripting Prevention Cheat Sheet](https://cheatsheetseries.owasp.org/cheatsheets/Cross_Site_Scripting_Prevention_Cheat_Sheet.html)
    """

    id = "FH406"
    name = "reflected-path"
    severity = Severity.HIGH
    cwe = 79
    asvs = ("v5.0.0-1.2.1",)
    from_answers = True

    def live(self, app: LiveApp) -> Iterator[Finding | Unknown]:
        handlers = [hook for hook in app.hooks if hook.kind == "errorhandler NotFound" and hook.location]
        for answer in app.asked("missing-probe"):
            if answer.is_html and "fumehood-<i>" in answer.body:
                yield self.finding(
                    "The page for addresses that do not exist shows the address unescaped.",
                    certainty=Certainty.CONFIRMED,
                    location=handlers[0].location if handlers else None,
                    evidence=(
                        Evidence("response", f"{answer}: the answer contains fumehood-<i> as it was sent"),
                    ),
                    fix="Render the address in a template, which escapes it, or leave it out.",
                )
