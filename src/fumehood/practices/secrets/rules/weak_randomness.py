from __future__ import annotations

from fumehood.engines.code import FlowCheck
from fumehood.findings import Rule, Severity


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
