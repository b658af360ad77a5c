from __future__ import annotations

import re
from collections.abc import Iterator

from fumehood.engines.code import CodeCheck, Route
from fumehood.findings import Certainty, Finding, Rule, Severity

_LEAVES = re.compile(r"(^|[/_.-])(log_?-?out|sign_?-?out|log_?off)($|[/_<])", re.IGNORECASE)
_ENDS = re.compile(
    r"log_?out|sign_?out|revoke|black_?list|block_?list|denylist|delete|destroy|clear|invalidat|unset|expire|forget|remove|pop$|set_cookie|commit|\.add$|\.save$|jti|end_session|redis",
    re.IGNORECASE,
)


class LogoutEndsNothing(Rule, CodeCheck):
    """Logging out leaves the token or the session as it was.

    ## What it finds

    A route named for logging out that neither empties the session, nor calls a library's logout, nor deletes a cookie, nor notes
    the token as revoked.

    ## Why it is bad

    Who has a copy of the token, from a shared computer or a log, goes on as that person after they believed to have left.

    ## Example

    ```python
    from flask import Flask, jsonify
    from flask_jwt_extended import jwt_required

    app = Flask(__name__)

    @app.post("/logout")
    @jwt_required()
    def logout():
        return jsonify(message="Good bye")
    ```

    ## Use instead

    ```python
    from flask import Flask, jsonify
    from flask_jwt_extended import get_jwt, jwt_required

    app = Flask(__name__)
    REVOKED = set()

    @app.post("/logout")
    @jwt_required()
    def logout():
        REVOKED.add(get_jwt()["jti"])
        return jsonify(message="Good bye")
    ```

    ## References

    - [CWE-613: Insufficient Session Expiration](https://cwe.mitre.org/data/definitions/613.html)
    - [OWASP Session Management Cheat Sheet](https://cheatsheetseries.owasp.org/cheatsheets/Session_Management_Cheat_Sheet.html)
    """

    id = "FH765"
    name = "logout-ends-nothing"
    severity = Severity.LOW
    cwe = 613
    asvs = ("v5.0.0-7.4.1",)
    fix = "Empty the session, delete the cookie, or keep the ids of ended tokens until they expire."

    def route(self, route: Route) -> Iterator[Finding]:
        if route.kind != "route" or not _LEAVES.search(route.rule) or not _LEAVES.search(route.function):
            return
        own = route.function.rpartition(".")[2]
        did = [
            *route.calls,
            *(name for name in route.names if name.rpartition(".")[2] != own),
            *route.strings,
        ]
        changed = any("session" in name for name in route.writes) or any(
            name.startswith("session") for name in route.names
        )
        if not changed and not any(
            _ENDS.search(name.rpartition(".")[2])
            for name in did
            if not name.startswith("/") and " " not in name
        ):
            yield self.flaw(route, f"{route.function} ends nothing.", certainty=Certainty.SUSPECTED)
