from __future__ import annotations

import re
from collections.abc import Iterator

from fumehood.engines.code import CodeCheck, Program
from fumehood.engines.code.outlines import Outline
from fumehood.findings import Certainty, Finding, Location, Rule, Severity, Unknown

_ENCODES = re.compile(r"(^|\.)((urlsafe_|standard_)?b64encode|b32encode|b16encode|dumps)$")
_PROTECTS = re.compile(
    r"sign|hmac|encrypt|fernet|jwt|jws|digest|serializer|seal|decrypt|token", re.IGNORECASE
)
_PERSON = re.compile(r"user|name|login|account|session|role|admin|email|person|\buid\b", re.IGNORECASE)


class UnsignedCookieData(Rule, CodeCheck):
    """A cookie says who the visitor is, and nothing signs it.

    ## What it finds

    A cookie whose value is Base64 or JSON of what the program knows about the visitor, or that is read back through Base64 or JSON,
    without a signature or encryption.

    ## Why it is bad

    Base64 hides nothing and protects nothing: visitors decode the cookie, write another name into it, and are that person.

    ## Example

    ```python
    import base64
    import json

    from flask import Flask, make_response, request

    app = Flask(__name__)

    @app.post("/enter")
    def enter():
        name = known(request.form["name"], request.form["password"])
        response = make_response("welcome")
        response.set_cookie("who", base64.b64encode(json.dumps({"name": name}).encode()), secure=True, httponly=True)
        return response

    def known(name, password):
        return name
    ```

    ## Use instead

    ```python
    from flask import Flask, request, session

    app = Flask(__name__)

    @app.post("/enter")
    def enter():
        session["name"] = known(request.form["name"], request.form["password"])
        return "welcome"

    def known(name, password):
        return name
    ```

    ## References

    - [CWE-565: Reliance on Cookies without Validation and Integrity Checking](https://cwe.mitre.org/data/definitions/565.html)
    - [OWASP Session Management Cheat Sheet](https://cheatsheetseries.owasp.org/cheatsheets/Session_Management_Cheat_Sheet.html)
    """

    id = "FH266"
    name = "unsigned-cookie-data"
    severity = Severity.HIGH
    cwe = 565
    asvs = ("v5.0.0-7.2.1",)
    fix = "Keep it in flask.session, which is signed, or sign it with itsdangerous."

    def program(self, program: Program) -> Iterator[Finding | Unknown]:
        for function in program.functions:
            line = _cookie_made(function)
            if line:
                yield self.finding(
                    f"{function.name} puts data about the visitor into a cookie that anybody can write.",
                    certainty=Certainty.SUSPECTED,
                    location=Location(function.location.path, line, scope=function.name),
                    fix=self.fix,
                )


def _cookie_made(function: Outline) -> int:
    """The line where an encoding without protection is made for a cookie about a person; 0 when there is none."""
    if not any(name.endswith(".set_cookie") for name, _ in function.calls):
        return 0
    if any(_PROTECTS.search(name) for name in function.names):
        return 0
    about = [*(text for text, _ in function.texts), *function.parameters]
    if not any(_PERSON.search(text) for text in about):
        return 0
    return min((line for name, line in function.calls if _ENCODES.search(name)), default=0)
