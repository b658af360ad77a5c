from __future__ import annotations

import re
from collections.abc import Iterator

from fumehood.engines.live import LiveApp, LiveCheck
from fumehood.engines.live.facts import is_login
from fumehood.findings import Evidence, Finding, Rule, Severity, Unknown


class LoginsNotRecorded(Rule, LiveCheck):
    """Nobody records who logs in and who fails to.

    ## What it finds

    Login views of the project that neither log nor send a signal, in an application without the hood.

    ## Why it is bad

    Somebody who tries thousands of passwords, or uses a stolen one, leaves no trace: nobody notices, and afterwards nobody can tell what happened.

    ## Example

    ```python
    from flask import Flask, request, session

    app = Flask(__name__)


    @app.post("/login")
    def login():
        session["name"] = request.form["name"]
        return "welcome"
    ```

    ## Use instead

    `Fumehood(app)` keeps a journal. By hand:

    ```python
    from flask import Flask, request, session

    app = Flask(__name__)


    @app.post("/login")
    def login():
        session["name"] = request.form["name"]
        app.logger.info("login of %r from %s", session["name"], request.remote_addr)
        return "welcome"
    ```

    ## References

    - [CWE-778: Insufficient Logging](https://cwe.mitre.org/data/definitions/778.html)
    - [OWASP Logging Cheat Sheet](https://cheatsheetseries.owasp.org/cheatsheets/Logging_Cheat_Sheet.html)
    """

    id = "FH1003"
    name = "logins-not-recorded"
    severity = Severity.LOW
    cwe = 778
    asvs = ("v5.0.0-16.3.1",)

    _RECORDS = re.compile(
        r"log(ger|ging|_event|_action|_security|_activity)?$|^(info|warning|error|exception|record|audit\w*|journal|notify|emit|send)$",
        re.IGNORECASE,
    )

    def live(self, app: LiveApp) -> Iterator[Finding | Unknown]:
        if app.hooded:
            return
        for route in filter(is_login, app.own_routes):
            if not any(self._RECORDS.search(name) for name in route.view.names):
                yield self.finding(
                    f"{route.rule} records neither logins nor failures.",
                    location=route.view.location,
                    route=f"POST {route.rule}",
                    evidence=(Evidence("route", f"{route.view.module}.{route.view.name} calls no logger"),),
                    fix="Log both, with the account and the address; Fumehood(app) keeps a journal that shows changes.",
                )
