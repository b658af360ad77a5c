from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from fumehood.engines.attack import AttackCheck
from fumehood.engines.code import Call, CodeCheck, Route
from fumehood.findings import Certainty, Finding, Rule, Severity

if TYPE_CHECKING:
    from fumehood.engines.attack.ground import Ground

_POWER = re.compile(
    r"^(x-)?(is_?-?)?(admin|role|roles|user_?-?role|superuser|staff|logged_?-?in|authenticated|permissions?|user_?-?id|uid|username)$",
    re.IGNORECASE,
)
_READ = re.compile(r"^flask\.request\.(cookies|headers)\[(.+)\]$")
_VERIFIES = re.compile(r"hmac|loads|decode|unsign|verify|decrypt|compare_digest|sign", re.IGNORECASE)


class PowerFromClient(Rule, CodeCheck, AttackCheck):
    """The visitor's own word decides what the visitor may do.

    ## What it finds

    A view that reads a role, a flag such as `admin`, or the name of the person from a cookie or a header of its own, unsigned, and
    that asks for it in a comparison. By attack: a page that opens to such a word, or to another person's name in a cookie that nobody has signed.

    ## Why it is bad

    A cookie is a text that the visitor keeps and may change. `role=user` becomes `role=admin`.

    ## Example

    ```python
    from flask import Flask, abort, request

    app = Flask(__name__)

    @app.get("/accounts")
    def accounts():
        if request.cookies.get("role") != "admin":
            abort(403)
        return {"accounts": 3}
    ```

    ## Use instead

    ```python
    from flask import Flask, abort, session

    app = Flask(__name__)

    @app.get("/accounts")
    def accounts():
        if session.get("role") != "admin":
            abort(403)
        return {"accounts": 3}
    ```

    ## References

    - [CWE-807: Reliance on Untrusted Inputs in a Security Decision](https://cwe.mitre.org/data/definitions/807.html)
    - [OWASP Authorization Cheat Sheet](https://cheatsheetseries.owasp.org/cheatsheets/Authorization_Cheat_Sheet.html)
    """

    id = "FH763"
    name = "power-from-client"
    severity = Severity.HIGH
    cwe = 807
    asvs = ("v5.0.0-8.3.1",)
    fix = "Keep it in flask.session, or look it up for the person who is signed in."

    calls = ("flask.request.cookies.get", "flask.request.headers.get")

    def attack(self, ground: Ground) -> Iterator[Finding]:
        from fumehood.engines.attack.believed import believed
        from fumehood.engines.attack.proof import prove

        for item in believed(ground):
            yield self.finding(
                f"The {item.kind} {item.name!r} is believed: {item.shown}",
                certainty=Certainty.CONFIRMED,
                location=ground.location(item.entry),
                route=str(item.entry),
                parameter=item.name,
                evidence=prove(item.answer, item.shown),
                fix=self.fix,
            )

    def call(self, call: Call) -> Iterator[Finding]:
        name = call[0].constant
        if isinstance(name, str) and _POWER.search(name) and not _VERIFIES.search(call.location.code):
            cookie = "cookies" in call.name
            certainty = Certainty.READ if cookie else Certainty.SUSPECTED
            yield self.flaw(
                call, f"The {'cookie' if cookie else 'header'} {name!r} is believed.", certainty=certainty
            )

    def route(self, route: Route) -> Iterator[Finding]:
        for name in sorted(route.reads):
            match = _READ.search(name)
            if (
                match
                and _POWER.search(match[2])
                and not any(_VERIFIES.search(called) for called in route.calls)
            ):
                what = "cookie" if match[1] == "cookies" else "header"
                yield self.flaw(
                    route,
                    f"{route.function} believes the {what} {match[2]!r}.",
                    certainty=Certainty.SUSPECTED,
                )
                return
