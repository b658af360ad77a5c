from __future__ import annotations

from collections.abc import Iterator

from fumehood.engines.live import LiveApp, LiveCheck
from fumehood.findings import Evidence, Finding, Rule, Severity, Unknown


class DevelopmentToolInstalled(Rule, LiveCheck):
    """A tool of developers is part of the application.

    ## What it finds

    Werkzeug's debugger or profiler around the WSGI callable, Flask-DebugToolbar that is switched on, and routes such as `/console`.

    ## Why it is bad

    They show code, queries, settings and sessions; some run any Python that a visitor types.

    ## Example

    ```python
    from flask import Flask
    from werkzeug.debug import DebuggedApplication

    app = Flask(__name__)
    app.wsgi_app = DebuggedApplication(app.wsgi_app, evalex=True)
    ```

    ## Use instead

    `flask run --debug` on your own machine:

    ```python
    from flask import Flask

    app = Flask(__name__)
    ```

    ## References

    - [CWE-489: Active Debug Code](https://cwe.mitre.org/data/definitions/489.html)
    - [Werkzeug: using the debugger](https://werkzeug.palletsprojects.com/en/stable/debug/)
    """

    id = "FH1005"
    name = "development-tool-installed"
    severity = Severity.HIGH
    cwe = 489
    asvs = ("v5.0.0-13.4.2", "v5.0.0-15.2.3")

    def live(self, app: LiveApp) -> Iterator[Finding | Unknown]:
        tools = {
            "DebuggedApplication": Severity.CRITICAL,
            "ProfilerMiddleware": Severity.MEDIUM,
            "LintMiddleware": Severity.LOW,
        }
        for item in app.middleware:
            if item.name in tools and item.module.startswith("werkzeug."):
                yield self._found(f"{item.name} is around the WSGI callable", tools[item.name])
        if app.has("debugtoolbar") and (app.debug or app.config.get("DEBUG_TB_ENABLED")):
            yield self._found("Flask-DebugToolbar is switched on", Severity.HIGH)
        for answer in app.asked("page"):
            if (
                answer.path.rstrip("/") in {"/console", "/_debug_toolbar", "/flask-profiler", "/__debug__"}
                and answer.status == 200
            ):
                yield self._found(f"{answer.path} answers an anonymous visitor", Severity.HIGH)

    def _found(self, what: str, severity: Severity) -> Finding:
        return self.finding(
            what + ".",
            severity=severity,
            evidence=(Evidence("setting", what),),
            fix="Take it out, or put it behind a setting that is on only on your own machine.",
        )
