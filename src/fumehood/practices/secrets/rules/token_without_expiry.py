from __future__ import annotations

from collections.abc import Iterator

from fumehood.engines.code import Call, CodeCheck, Program
from fumehood.findings import Certainty, Finding, Rule, Severity, Unknown


class TokenWithoutExpiry(Rule, CodeCheck):
    """A signed token is valid for ever.

    ## What it finds

    `jwt.encode` with claims that are known and have no `exp`.

    ## Why it is bad

    A token that leaks, from a log or a lost phone, opens the door until the key is changed, which logs everybody out.

    ## Example

    ```python
    import jwt

    def token(key, person):
        return jwt.encode({"sub": person}, key, algorithm="HS256")
    ```

    ## Use instead

    ```python
    import datetime

    import jwt

    def token(key, person):
        ends = datetime.datetime.now(datetime.UTC) + datetime.timedelta(minutes=15)
        return jwt.encode({"sub": person, "exp": ends}, key, algorithm="HS256")
    ```

    ## References

    - [CWE-613: Insufficient Session Expiration](https://cwe.mitre.org/data/definitions/613.html)
    - [RFC 8725: JSON Web Token Best Current Practices](https://www.rfc-editor.org/rfc/rfc8725)
    """

    id = "FH265"
    name = "token-without-expiry"
    severity = Severity.LOW
    cwe = 613
    asvs = ("v5.0.0-9.2.1",)
    calls = ("jwt.encode", "jwt.api_jwt.encode", "jose.jwt.encode")
    fix = "Give it exp: minutes for what opens doors, days at most."

    def program(self, program: Program) -> Iterator[Finding | Unknown]:
        for value, place in program.settings.get("JWT_ACCESS_TOKEN_EXPIRES", ()):
            if value is False:
                yield self.finding(
                    "Access tokens are valid for ever.",
                    certainty=Certainty.READ,
                    location=place,
                    fix=self.fix,
                )

    def call(self, call: Call) -> Iterator[Finding]:
        claims = call["0|payload|claims"].entries()
        if claims and "exp" not in claims and all(isinstance(name, str) for name in claims):
            yield self.flaw(call, "The token has no exp: it is valid for ever.")
