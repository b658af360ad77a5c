from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from fumehood.engines.attack import AttackCheck
from fumehood.engines.code import CodeCheck, Route
from fumehood.findings import Certainty, Finding, Rule, Severity, Unknown

if TYPE_CHECKING:
    from fumehood.engines.attack.ground import Ground
    from fumehood.engines.attack.surface import Entry

_LEAVES = re.compile(r"(^|[/_.-])(log_?-?out|sign_?-?out|log_?off)($|[/_<])", re.IGNORECASE)
_ENDS = re.compile(
    r"log_?out|sign_?out|revoke|black_?list|block_?list|denylist|delete|destroy|clear|invalidat|unset|expire|forget|remove|pop$|set_cookie|commit|\.add$|\.save$|jti|end_session|redis",
    re.IGNORECASE,
)


class LogoutEndsNothing(Rule, CodeCheck, AttackCheck):
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
    together = "sessions"

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

    def attack(self, ground: Ground) -> Iterator[Finding | Unknown]:
        from fumehood.engines.attack.lifetime import survivors
        from fumehood.engines.attack.proof import prove

        def ends(entry: Entry) -> bool:
            return _LEAVES.search(entry.rule) is not None or _LEAVES.search(f"/{entry.endpoint}") is not None

        for found in survivors(ground, ends):
            what = "token" if found.token else "session"
            signed = found.kept_by_client and not found.token
            yield self.finding(
                f"A {what} that was copied before logging out is still good afterwards."
                + (" Flask keeps sessions in a signed cookie, which no server can end." if signed else ""),
                severity=Severity.INFO if signed else self.severity,
                certainty=Certainty.CONFIRMED,
                location=ground.location(found.entry),
                route=str(found.entry),
                evidence=prove(
                    found.answer,
                    f"after {found.entry}, the copied {what} opened {found.answer.wanted.path}",
                    assertion="",
                ),
                fix="Fumehood(app) keeps a list of what was ended; or keep sessions on the server."
                if signed
                else self.fix,
            )
