from __future__ import annotations

import re
from collections.abc import Iterator

from fumehood.engines.code import Flow, FlowCheck
from fumehood.findings import Finding, Rule, Severity

# Whoever takes one of the keys that there are makes none.
_ONE_OF_THEM = re.compile(r"\bchoice\((self\.)?\w*(keys|tokens|secrets|passwords)\)", re.IGNORECASE)


class WeakRandomness(Rule, FlowCheck):
    """A token can be guessed, because it comes from `random`.

    ## What it finds

    A value of the `random` module (or NumPy's, or `uuid1`) that becomes a cookie, a part of the session, a password or token, or that is compared with what a
    request brings. `secrets` and `random.SystemRandom` are not reported, nor is `random` for anything else.

    ## Why it is bad

    `random` repeats itself: a few values tell its state, and with it all values before and after. Whoever knows one token of their own then knows other people's.

    ## Example

    ```python
    import random

    from flask import Flask, make_response

    app = Flask(__name__)

    @app.post("/remember")
    def remember():
        response = make_response("remembered")
        response.set_cookie("remember", str(random.getrandbits(64)), secure=True, httponly=True)
        return response
    ```

    ## Use instead

    ```python
    import secrets

    from flask import Flask, make_response

    app = Flask(__name__)

    @app.post("/remember")
    def remember():
        response = make_response("remembered")
        response.set_cookie("remember", secrets.token_urlsafe(32), secure=True, httponly=True)
        return response
    ```

    ## References

    - [CWE-330: Use of Insufficiently Random Values](https://cwe.mitre.org/data/definitions/330.html)
    - [CWE-338: Use of Cryptographically Weak Pseudo-Random Number Generator](https://cwe.mitre.org/data/definitions/338.html)
    - [Python: secrets](https://docs.python.org/3/library/secrets.html)
    """

    id = "FH251"
    name = "weak-randomness"
    severity = Severity.HIGH
    cwe = 330
    asvs = ("v5.0.0-11.5.1",)
    sinks = ("token",)
    sources = ("random",)
    message = "A value of {source} decides in {sink}; it can be guessed"
    fix = "Take it from the secrets module."

    def flow(self, flow: Flow) -> Iterator[Finding]:
        if flow.trace and _ONE_OF_THEM.search(flow.trace[0].location.code):
            return
        if "captcha" in flow.location.code.lower():  # it is shown to whoever is to type it
            yield self.flaw(flow, severity=Severity.LOW)
        elif flow.sink.startswith("hashlib."):  # a hash may be a token, or only spread things evenly
            yield self.flaw(flow, severity=Severity.MEDIUM)
        else:
            yield self.flaw(flow)
