from __future__ import annotations

import re
from collections.abc import Iterator

from fumehood.engines.code import Argument, Call, CodeCheck
from fumehood.findings import Certainty, Finding, Rule, Severity

_METHODS = ("debug", "info", "warning", "warn", "error", "critical", "exception")
_PLACE = re.compile(r"%(?:\(\w+\))?[-+ #0]*\d*(?:\.\d+)?([a-zA-Z])")


class LogInjection(Rule, CodeCheck):
    """A visitor can write lines into the log.

    ## What it finds

    Text of the request that becomes part of a message of a logger by formatting or as an argument, without its line breaks having
    been taken out. Numbers and values from a list are not reported.

    ## Why it is bad

    A line break in the text begins an entry of the visitor's own: a login that never was, or noise that hides what was.

    ## Example

    ```python
    import logging

    from flask import Flask, request

    app = Flask(__name__)
    log = logging.getLogger(__name__)

    @app.post("/search")
    def search():
        log.info("search for %s", request.form["words"])
        return "nothing"
    ```

    ## Use instead

    ```python
    import logging

    from flask import Flask, request

    app = Flask(__name__)
    log = logging.getLogger(__name__)

    @app.post("/search")
    def search():
        log.info("search for %r", request.form["words"])
        return "nothing"
    ```

    ## References

    - [CWE-117: Improper Output Neutralization for Logs](https://cwe.mitre.org/data/definitions/117.html)
    - [OWASP: Log Injection](https://owasp.org/www-community/attacks/Log_Injection)
    """

    id = "FH464"
    name = "log-injection"
    severity = Severity.LOW
    cwe = 117
    asvs = ("v5.0.0-16.4.1",)
    calls = (*(f"logging.{name}" for name in _METHODS), *(f"*.logger.{name}" for name in _METHODS), *(f"flask.Flask.logger.{name}" for name in _METHODS),
             *(f"logging.getLogger().{name}" for name in _METHODS), *(f"logging.Logger.{name}" for name in _METHODS))  # fmt: skip
    once = "function"
    fix = "Log it with %r, or as a field of a structured log; both write a line break as two characters."

    def call(self, call: Call) -> Iterator[Finding]:
        places = _PLACE.findall(call[0].text.replace("%%", ""))
        values = [call[number] for number in range(1, len(call.positional))]
        shown = [value for place, value in zip(places, values, strict=False) if place == "s"]
        for value in (call[0], *shown):
            taint = next((one for one in value.tainted_by("request") if _breaks(value, one.removed)), None)
            if taint is not None:
                name = (
                    f"{taint.source.name}[{taint.source.param!r}]"
                    if taint.source.param
                    else taint.source.name
                )
                yield self.flaw(
                    call,
                    f"{name} is written to the log with its line breaks.",
                    certainty=Certainty.READ,
                    parameter=taint.source.param,
                )
                return


def _breaks(value: Argument, removed: frozenset[str]) -> bool:
    harmless = {"*", "header", "via:unknown", "via:exception", "in:json", "in:base64", "no:\n"}
    return not harmless & removed and getattr(value.value, "type", "") not in ("int", "float", "bool")
