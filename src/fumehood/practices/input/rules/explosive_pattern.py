from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from fumehood.engines.attack import AttackCheck
from fumehood.engines.code import Argument, Call, CodeCheck
from fumehood.findings import Certainty, Finding, Rule, Severity, Unknown
from fumehood.practices.input.patterns import explodes

if TYPE_CHECKING:
    from fumehood.engines.attack.ground import Ground

_MATCHES = ("match", "fullmatch", "search", "findall", "finditer", "sub", "subn", "split")


class ExplosivePattern(Rule, CodeCheck, AttackCheck):
    r"""A regular expression can be made to run for hours.

    ## What it finds

    A pattern with repetitions in repetitions that share characters, matched against what a request brings, and a pattern that the
    request itself brings without `re.escape`. The pattern's parse tree is judged, not its looks.

    ## Why it is bad

    Thirty characters that almost match keep the process busy for minutes, forty for days. A handful of requests stops all workers.

    ## Example

    ```python
    import re

    from flask import Flask, request

    app = Flask(__name__)

    @app.get("/check")
    def check():
        return {"good": bool(re.match(r"^([\w.]*\w)*@example\.com$", request.args["address"]))}
    ```

    ## Use instead

    ```python
    import re

    from flask import Flask, request

    app = Flask(__name__)

    @app.get("/check")
    def check():
        return {"good": bool(re.match(r"^\w+(\.\w+)*@example\.com$", request.args["address"]))}
    ```

    ## References

    - [CWE-1333: Inefficient Regular Expression Complexity](https://cwe.mitre.org/data/definitions/1333.html)
    - [OWASP: Regular expression Denial of Service](https://owasp.org/www-community/attacks/Regular_expression_Denial_of_Service_-_ReDoS)
    """

    id = "FH462"
    name = "explosive-pattern"
    severity = Severity.MEDIUM
    cwe = 1333
    long = True
    asvs = ("v5.0.0-1.2.9", "v5.0.0-1.3.12")
    calls = (*(f"re.{name}" for name in _MATCHES), *(f"re.Pattern.{name}" for name in _MATCHES), "re.compile")
    fix = "Write it so that one text can be matched in one way only, limit the length first, or use re.escape on what comes from outside."

    def call(self, call: Call) -> Iterator[Finding]:
        name = call.name.rpartition(".")[2]
        if call.name.startswith("re.Pattern."):
            pattern, text = call.made_with(0), call["1|string" if name.startswith("sub") else "0|string"]
        else:
            given = call["0|pattern"]
            pattern, text = given.constant, call["2|string" if name.startswith("sub") else "1|string"]
            if not given.is_known and any(
                "*" not in taint.removed and "regex" not in taint.removed
                for taint in given.tainted_by("request")
            ):
                yield self.flaw(call, "The request brings the pattern that is searched for.")
                return
        if isinstance(pattern, str) and name != "compile" and _from_outside(text) and explodes(pattern):
            yield self.flaw(
                call, "A text that almost matches the pattern takes time that doubles with each character."
            )

    def attack(self, ground: Ground) -> Iterator[Finding | Unknown]:
        from fumehood.engines.attack.proof import prove
        from fumehood.engines.attack.slow import slow

        for found in slow(ground):
            yield self.finding(
                f"{found.target.parameter.source} parameter {found.target.parameter.name!r}: {found.shown}",
                certainty=Certainty.CONFIRMED,
                location=ground.location(found.target.entry),
                route=str(found.target.entry),
                parameter=found.target.parameter.name,
                evidence=prove(found.answer, found.shown, assertion=""),
                fix=self.fix,
            )


def _from_outside(text: Argument) -> bool:
    return any("*" not in taint.removed for taint in text.tainted_by("request"))
