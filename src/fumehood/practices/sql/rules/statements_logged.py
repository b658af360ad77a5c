from __future__ import annotations

from collections.abc import Iterator

from fumehood.engines.live import LiveApp, LiveCheck
from fumehood.findings import Evidence, Finding, Rule, Severity, Unknown


class StatementsLogged(Rule, LiveCheck):
    """SQL statements are logged with their values.

    ## What it finds

    `SQLALCHEMY_ECHO`, an engine made with `echo=True`, or `SQLALCHEMY_RECORD_QUERIES`.

    ## Why it is bad

    The log then holds what the tables hold: names, addresses, password hashes, tokens; kept longer, copied further and seen by more people. It
    also costs time with each statement.

    ## Example

    ```python
    from flask import Flask

    app = Flask(__name__)
    app.config["SQLALCHEMY_ECHO"] = True
    ```

    ## Use instead

    ```python
    from flask import Flask

    app = Flask(__name__)
    ```

    ## References

    - [CWE-532: Insertion of Sensitive Information into Log File](https://cwe.mitre.org/data/definitions/532.html)
    - [SQLAlchemy: configuring logging](https://docs.sqlalchemy.org/en/20/core/engines.html#configuring-logging)
    """

    id = "FH802"
    name = "statements-logged"
    severity = Severity.LOW
    cwe = 532
    asvs = ("v5.0.0-16.2.5",)

    def live(self, app: LiveApp) -> Iterator[Finding | Unknown]:
        for setting in ("SQLALCHEMY_ECHO", "SQLALCHEMY_RECORD_QUERIES"):
            if app.config.get(setting):
                yield self.finding(
                    f"{setting} is on.",
                    location=app.place(setting),
                    evidence=(Evidence("setting", f"{setting} is true"),),
                    fix=f"Take {setting} out of the configuration; set it on your own machine when you need it.",
                )
                return
        for database in app.details.get("databases", ()):
            if database["echo"]:
                yield self.finding(
                    f"The engine {database['bind'] or 'of the application'} logs its statements.",
                    evidence=(Evidence("setting", f"{database['dialect']} engine with echo"),),
                    fix="Make the engine without echo.",
                )
